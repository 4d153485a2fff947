# SPDX-License-Identifier: Apache-2.0
"""The filter shape: a Nova beneath serves the rest of the API."""

import dataclasses
import logging
import threading
from collections.abc import Iterable
from typing import TYPE_CHECKING, Any

import webob

from nova_aggext.wsgi import api as wsgi_api
from nova_aggext.wsgi import microversion
from nova_aggext.wsgi import negotiation
from nova_aggext.wsgi import nova
from nova_aggext.wsgi import request as wsgi_request
from nova_aggext.wsgi import resource

if TYPE_CHECKING:
    from _typeshed import wsgi

LOG = logging.getLogger(__name__)

# Where Nova's request log looks for the version of an answer: what its
# objects of a request have in common with each other.
_SHARED = 'webob.adhoc_attrs'
_VERSION = 'api_version_request'


class Offer:
    """What of Nova's API is offered above a Nova.

    No version that the Nova beneath does not serve: the largest is the
    smaller of ours and Nova's. Nova's is found out once, by a request of our
    own for the version document, which is answered to anybody and refuses
    nothing: no caller's log shows it.
    """

    def __init__(self, beneath: 'wsgi.WSGIApplication') -> None:
        self._beneath = beneath
        self._lock = threading.Lock()
        self._found: wsgi_api.Api | None = None

    def api(self) -> wsgi_api.Api:
        """Give the API with the versions that are offered.

        While Nova does not tell, ours are, and it is asked again.
        """
        found = self._found
        return self._find() if found is None else found

    def _find(self) -> wsgi_api.Api:
        with self._lock:
            if self._found is not None:
                return self._found
            theirs = self._ask()
            if theirs is None:
                return nova.CURRENT
            ours = nova.CURRENT.supported
            offered = microversion.Range(
                ours.minimum, min(theirs, ours.maximum)
            )
            self._found = dataclasses.replace(nova.CURRENT, supported=offered)
            return self._found

    def _ask(self) -> microversion.Version | None:
        probe = webob.Request.blank(
            '/',
            base_url='http://localhost/v2.1',
            headers={
                negotiation.HEADER: f'{nova.CURRENT.service_type} latest'
            },
        )
        try:
            answer = probe.get_response(self._beneath)
            told = answer.headers.get(nova.VERSION_HEADER, '')
            return microversion.Version.parse(told)
        except Exception as error:
            # Whatever is beneath may raise whatever it likes.
            LOG.debug('The newest version beneath is not known: %r', error)
            return None


class Overlay:
    """A resource of ours above Nova's own.

    Serves the versions offered; a request for a newer one goes to Nova as it
    came.
    """

    def __init__(
        self,
        served: resource.Resource[Any],
        offer: Offer,
        beneath: 'wsgi.WSGIApplication',
    ) -> None:
        self._resource = served
        self._offer = offer
        self._beneath = beneath

    def __call__(
        self,
        environ: 'wsgi.WSGIEnvironment',
        start_response: 'wsgi.StartResponse',
    ) -> Iterable[bytes]:
        offered = self._offer.api()
        chosen = resource.negotiated(offered, environ, self._choose)
        return chosen(environ, start_response)

    def _choose(
        self, request: wsgi_request.Request[Any]
    ) -> 'wsgi.WSGIApplication':
        if request.version > request.api.supported.maximum:
            del request.environ[resource.ROUTE_KEY]
            return self._beneath
        _show(request.environ, request.version)
        return self._resource.respond(request)


def _show(
    environ: 'wsgi.WSGIEnvironment', version: microversion.Version
) -> None:
    """Leave the version of an answer to Nova's request log.

    It is an object of the kind that Nova's middleware has left there.
    """
    shared = environ.get(_SHARED, {})
    present = shared.get(_VERSION)
    if present is not None:
        shared[_VERSION] = type(present)(str(version))


class ByMount:
    """Sends a request on by where it is mounted; /v2 is the legacy API."""

    def __init__(
        self,
        current: 'wsgi.WSGIApplication',
        legacy: 'wsgi.WSGIApplication',
    ) -> None:
        self._current = current
        self._legacy = legacy

    def __call__(
        self,
        environ: 'wsgi.WSGIEnvironment',
        start_response: 'wsgi.StartResponse',
    ) -> Iterable[bytes]:
        mount: str = environ.get('SCRIPT_NAME', '')
        if mount.rstrip('/').endswith('/v2'):
            return self._legacy(environ, start_response)
        return self._current(environ, start_response)
