# SPDX-License-Identifier: Apache-2.0
"""Middleware of the standalone pipelines that oslo.middleware lacks."""

import logging
import re
import time
import uuid
from collections.abc import Callable
from collections.abc import Iterable
from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

from nova_aggext import exception
from nova_aggext.wsgi import faults
from nova_aggext.wsgi import logs
from nova_aggext.wsgi import nova

if TYPE_CHECKING:
    from _typeshed import wsgi

LOG = logging.getLogger(__name__)

_GLOBAL_ID = re.compile(
    r'req-[a-f0-9]{8}-[a-f0-9]{4}-[a-f0-9]{4}-[a-f0-9]{4}-[a-f0-9]{12}'
)
_ID_HEADERS = ('x-openstack-request-id', nova.REQUEST_ID_HEADER)

LAB_IDENTITY = {
    'HTTP_X_USER_ID': 'admin',
    'HTTP_X_PROJECT_ID': 'admin',
    'HTTP_X_ROLES': 'admin,manager,member,reader',
}


class RootedPaths:
    """Refuses a target that is no path, as in ``OPTIONS *``, or none at all.

    Whatever looks for an application by its path need not expect one. uWSGI
    hands on what has no method and no path.
    """

    def __init__(self, application: 'wsgi.WSGIApplication') -> None:
        self.application = application

    def __call__(
        self,
        environ: 'wsgi.WSGIEnvironment',
        start_response: 'wsgi.StartResponse',
    ) -> Iterable[bytes]:
        path: str | None = environ.get('PATH_INFO', '')
        rooted = path == '' or (path is not None and path.startswith('/'))
        if not (rooted and environ.setdefault('REQUEST_METHOD', '')):
            told = 'The path must begin with a slash.'
            answer = faults.response(nova.CURRENT, environ, 400, told)
            return answer(environ, start_response)
        return self.application(environ, start_response)


class RequestId:
    """Gives every request an id, told in both of Nova's headers.

    It takes the id that goes through many services from a header, as
    oslo.middleware does, whose middleware makes objects of a request and of
    its answer for that.
    """

    def __init__(self, application: 'wsgi.WSGIApplication') -> None:
        self.application = application

    def __call__(
        self,
        environ: 'wsgi.WSGIEnvironment',
        start_response: 'wsgi.StartResponse',
    ) -> Iterable[bytes]:
        given = environ.get('HTTP_X_OPENSTACK_REQUEST_ID', '')
        if _GLOBAL_ID.fullmatch(given):
            environ['openstack.global_request_id'] = given
        made = f'req-{uuid.uuid4()}'
        environ['openstack.request_id'] = made
        logs.begin(environ)

        def start(
            status: str, headers: list[tuple[str, str]], *rest: Any
        ) -> Any:
            told = [(name, made) for name in _ID_HEADERS]
            return start_response(status, [*headers, *told], *rest)

        return self.application(environ, start)


class KeystoneContext:
    """Lets only requests pass to which auth_token gave an identity."""

    def __init__(self, application: 'wsgi.WSGIApplication') -> None:
        self.application = application

    def __call__(
        self,
        environ: 'wsgi.WSGIEnvironment',
        start_response: 'wsgi.StartResponse',
    ) -> Iterable[bytes]:
        if not environ.get('HTTP_X_USER_ID'):
            raise exception.Unauthorized()
        logs.know_caller(environ)
        return self.application(environ, start_response)


class NoAuth:
    """Takes the caller for who the headers say; admin without them.

    For a lab only: it identifies nobody.
    """

    def __init__(self, application: 'wsgi.WSGIApplication') -> None:
        self.application = application

    def __call__(
        self,
        environ: 'wsgi.WSGIEnvironment',
        start_response: 'wsgi.StartResponse',
    ) -> Iterable[bytes]:
        for name, value in LAB_IDENTITY.items():
            environ.setdefault(name, value)
        logs.know_caller(environ)
        return self.application(environ, start_response)


class RequestLog:
    """Writes one line for every answer, once it was sent."""

    def __init__(self, application: 'wsgi.WSGIApplication') -> None:
        self.application = application

    def __call__(
        self,
        environ: 'wsgi.WSGIEnvironment',
        start_response: 'wsgi.StartResponse',
    ) -> Iterable[bytes]:
        started = time.monotonic()
        told: dict[str, Any] = {}

        def start(
            status: str, headers: list[tuple[str, str]], *rest: Any
        ) -> Any:
            told.update({name.lower(): value for name, value in headers})
            told['status'] = status.partition(' ')[0]
            return start_response(status, headers, *rest)

        def write() -> None:
            _write_line(environ, told, time.monotonic() - started)

        try:
            answer = self.application(environ, start)
        except BaseException:
            write()
            raise
        return _Sending(answer, write)


class _Sending:
    """Gives the parts of an answer, and does something at the end.

    The server says when that is: whoever waits for the answer has it then.
    """

    def __init__(
        self, parts: Iterable[bytes], sent: Callable[[], None]
    ) -> None:
        self._parts = parts
        self._sent = sent

    def __iter__(self) -> Iterator[bytes]:
        return iter(self._parts)

    def close(self) -> None:
        """Close the answer, as the server has to ask for."""
        try:
            if hasattr(self._parts, 'close'):
                self._parts.close()
        finally:
            self._sent()


def _write_line(
    environ: 'wsgi.WSGIEnvironment', told: dict[str, Any], seconds: float
) -> None:
    version: str = told.get('openstack-api-version', '-')
    LOG.info(
        '%(who)s "%(method)s %(url)s" status: %(status)s len: %(len)s '
        'microversion: %(version)s time: %(time).4f %(id)s',
        {
            'who': environ.get('REMOTE_ADDR', '-'),
            'method': environ['REQUEST_METHOD'],
            'url': _url(environ),
            'status': told.get('status', '-'),
            'len': told.get('content-length', '-'),
            'version': version.rpartition(' ')[2],
            'time': seconds,
            'id': environ.get('openstack.request_id', '-'),
        },
        extra=logs.fields(environ),
    )


def _url(environ: 'wsgi.WSGIEnvironment') -> str:
    """Give path and query, quoted so that no request can forge a line."""
    path = environ.get('SCRIPT_NAME', '') + environ.get('PATH_INFO', '')
    query = environ.get('QUERY_STRING', '')
    url = f'{path}?{query}' if query else path
    return url.encode('unicode_escape').decode('ascii').replace('"', '%22')
