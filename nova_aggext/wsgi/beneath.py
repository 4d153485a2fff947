# SPDX-License-Identifier: Apache-2.0
"""The filter shape: a Nova beneath serves the rest of the API."""

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

# Nova refuses this id before it reads anything, and tells the version.
_PROBE = '/os-aggregates/none'


class Offer:
    """Which microversions are offered above a Nova.

    None that the Nova beneath does not serve: the largest is the smaller of
    ours and Nova's. Nova's is found out once, by a request down the pipeline.
    """

    def __init__(self, beneath: 'wsgi.WSGIApplication') -> None:
        self._beneath = beneath
        self._lock = threading.Lock()
        self._supported: microversion.Range | None = None

    def supported(self, environ: 'wsgi.WSGIEnvironment') -> microversion.Range:
        """Give the range; the first caller's identity asks for it.

        While Nova does not tell, ours is offered, and it is asked again.
        """
        with self._lock:
            if self._supported is not None:
                return self._supported
            theirs = self._ask(environ)
            if theirs is None:
                return microversion.SUPPORTED
            self._supported = microversion.Range(
                microversion.MINIMUM, min(theirs, microversion.MAXIMUM)
            )
            return self._supported

    def _ask(
        self, environ: 'wsgi.WSGIEnvironment'
    ) -> microversion.Version | None:
        probe = webob.Request.blank(_PROBE, environ=dict(environ))
        probe.environ['PATH_INFO'] = _PROBE
        probe.environ['QUERY_STRING'] = ''
        probe.method = 'GET'
        probe.body = b''
        probe.content_type = ''
        probe.headers[microversion.HEADER] = 'compute latest'
        answer = probe.get_response(self._beneath)
        told = answer.headers.get(microversion.LEGACY_HEADER, '')
        try:
            return microversion.Version.parse(told)
        except exception.InvalidAPIVersionString:
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
        supported = self._offer.supported(environ)
        if _is_newer(environ, supported):
            del environ[resource.ROUTE_KEY]
            return self._beneath(environ, start_response)
        return self._make(supported)(environ, start_response)


def _is_newer(
    environ: 'wsgi.WSGIEnvironment', supported: microversion.Range
) -> bool:
    headers = webob.Request(environ).headers
    try:
        version = microversion.negotiate(headers, supported)
    except exception.InvalidAPIVersionString:
        return False
    return version > supported.maximum


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
