# SPDX-License-Identifier: Apache-2.0
"""The filter shape: a Nova beneath serves the rest of the API."""

import logging
import threading
from collections.abc import Callable
from collections.abc import Iterable
from typing import TYPE_CHECKING

import webob

from nova_aggext import exception
from nova_aggext.wsgi import microversion
from nova_aggext.wsgi import resource

if TYPE_CHECKING:
    from _typeshed import wsgi

LOG = logging.getLogger(__name__)

# Where Nova's request log looks for the version of an answer: what its
# objects of a request have in common with each other.
_SHARED = 'webob.adhoc_attrs'
_VERSION = 'api_version_request'


class Offer:
    """Which microversions are offered above a Nova.

    None that the Nova beneath does not serve: the largest is the smaller of
    ours and Nova's. Nova's is found out once, by a request of our own for the
    version document, which is answered to anybody and refuses nothing: no
    caller's log shows it.
    """

    def __init__(self, beneath: 'wsgi.WSGIApplication') -> None:
        self._beneath = beneath
        self._lock = threading.Lock()
        self._supported: microversion.Range | None = None

    def supported(self) -> microversion.Range:
        """Give the range.

        While Nova does not tell, ours is offered, and it is asked again.
        """
        with self._lock:
            if self._supported is not None:
                return self._supported
            theirs = self._ask()
            if theirs is None:
                return microversion.SUPPORTED
            self._supported = microversion.Range(
                microversion.MINIMUM, min(theirs, microversion.MAXIMUM)
            )
            return self._supported

    def _ask(self) -> microversion.Version | None:
        probe = webob.Request.blank(
            '/',
            base_url='http://localhost/v2.1',
            headers={microversion.HEADER: 'compute latest'},
        )
        try:
            answer = probe.get_response(self._beneath)
            told = answer.headers.get(microversion.LEGACY_HEADER, '')
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
        make: 'Callable[[microversion.Range], wsgi.WSGIApplication]',
        offer: Offer,
        beneath: 'wsgi.WSGIApplication',
    ) -> None:
        self._make = make
        self._offer = offer
        self._beneath = beneath

    def __call__(
        self,
        environ: 'wsgi.WSGIEnvironment',
        start_response: 'wsgi.StartResponse',
    ) -> Iterable[bytes]:
        supported = self._offer.supported()
        version = _asked(environ, supported)
        if version is not None and version > supported.maximum:
            del environ[resource.ROUTE_KEY]
            return self._beneath(environ, start_response)
        _show(environ, version)
        return self._make(supported)(environ, start_response)


def _asked(
    environ: 'wsgi.WSGIEnvironment', supported: microversion.Range
) -> microversion.Version | None:
    headers = webob.Request(environ).headers
    try:
        return microversion.negotiate(headers, supported)
    except exception.InvalidAPIVersionString:
        return None


def _show(
    environ: 'wsgi.WSGIEnvironment', version: microversion.Version | None
) -> None:
    """Leave the version of an answer to Nova's request log.

    It is an object of the kind that Nova's middleware has left there.
    """
    shared = environ.get(_SHARED, {})
    present = shared.get(_VERSION)
    if present is not None and version is not None:
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
