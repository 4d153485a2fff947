# SPDX-License-Identifier: Apache-2.0
"""From a route table to resources; what does not match goes on."""

import dataclasses
import re
from collections.abc import Iterable
from typing import TYPE_CHECKING, Any

import routes
import webob.exc

from nova_aggext.wsgi import errors
from nova_aggext.wsgi import api
from nova_aggext.wsgi import controller as wsgi_controller
from nova_aggext.wsgi import resource

if TYPE_CHECKING:
    from _typeshed import wsgi

METHODS = ('GET', 'POST', 'PUT', 'PATCH', 'DELETE')

# What Nova takes for a project id in a path (case route-project-id).
PROJECT_ID = '[0-9a-f-]+'


@dataclasses.dataclass(frozen=True, slots=True)
class Served:
    """A route of an API, and what serves it."""

    api: api.Api
    route: wsgi_controller.Route
    application: 'wsgi.WSGIApplication'


class Router:
    """Sends a request to the resource that serves its method and path.

    What does not match is answered by the API below whose root it is: with
    405 where other methods are served, else with 404. It serves HEAD as GET.
    All else goes to ``fallback`` with the environ untouched; the default
    answers 404 as Nova does for an unknown route.
    """

    def __init__(
        self,
        resources: Iterable[Served],
        fallback: 'wsgi.WSGIApplication | None' = None,
        project_id: str = PROJECT_ID,
    ) -> None:
        self._fallback = fallback or webob.exc.HTTPNotFound()
        self._mapper = routes.Mapper(explicit=True)
        self._mapper.minimization = False
        roots: dict[str, api.Api] = {}
        for one in resources:
            root = one.api.root
            if root is not None:
                roots.setdefault(root, one.api)
            path = f'{root or ""}{one.route.path}'
            self._connect(one, f'/{{project_id:{project_id}}}{path}')
            self._connect(one, path)
        self._mapper.create_regs()
        self._owners = [
            (re.compile(f'(/{project_id})?{re.escape(root)}(/.*)?', re.S), one)
            for root, one in roots.items()
        ]

    def __call__(
        self,
        environ: 'wsgi.WSGIEnvironment',
        start_response: 'wsgi.StartResponse',
    ) -> Iterable[bytes]:
        match = self._mapper.match(environ.get('PATH_INFO', ''), environ)
        if match is None:
            return self._miss(environ)(environ, start_response)
        return _matched(match, environ)(environ, start_response)

    def _connect(self, served: Served, path: str) -> None:
        self._mapper.connect(
            path,
            application=served.application,
            handler=served.route.handler,
            conditions={'method': [served.route.method]},
        )

    def _miss(self, environ: 'wsgi.WSGIEnvironment') -> 'wsgi.WSGIApplication':
        """Give what answers where no route matches."""
        path = environ.get('PATH_INFO', '')
        owner = self._owner(path)
        if owner is None:
            return self._fallback
        matches = {
            method: match
            for method in METHODS
            if (match := self._match(path, environ, method)) is not None
        }
        if environ['REQUEST_METHOD'] == 'HEAD' and 'GET' in matches:
            return _head(matches['GET'])
        return resource.refuse(owner, environ, _refusal(environ, matches))

    def _owner(self, path: str) -> api.Api | None:
        """Give the API that answers for a path, served or not."""
        for pattern, owner in self._owners:
            if pattern.fullmatch(path):
                return owner
        return None

    def _match(
        self, path: str, environ: 'wsgi.WSGIEnvironment', method: str
    ) -> dict[str, Any] | None:
        asked = {**environ, 'REQUEST_METHOD': method}
        match: dict[str, Any] | None = self._mapper.match(path, asked)
        return match


def _matched(
    match: dict[str, Any], environ: 'wsgi.WSGIEnvironment'
) -> 'wsgi.WSGIApplication':
    application: wsgi.WSGIApplication = match.pop('application')
    environ[resource.ROUTE_KEY] = (match.pop('handler'), match)
    return application


def _head(match: dict[str, Any]) -> 'wsgi.WSGIApplication':
    """Make what answers HEAD with the headers of GET."""

    def serve(
        environ: 'wsgi.WSGIEnvironment', start_response: 'wsgi.StartResponse'
    ) -> Iterable[bytes]:
        asked = {**environ, 'REQUEST_METHOD': 'GET'}
        # Everything of ours returns its answer as a whole.
        _matched(match, asked)(asked, start_response)
        return []

    return serve


def _refusal(
    environ: 'wsgi.WSGIEnvironment', served: Iterable[str]
) -> errors.RequestRefused:
    """Say why a request is not served.

    :param served: the methods that are served at its path
    """
    allowed = list(served)
    if not allowed:
        path = environ.get('PATH_INFO', '').encode('latin-1')
        return errors.RouteNotFound(path=path.decode('utf-8', 'replace'))
    if 'GET' in allowed:
        allowed.append('HEAD')
    method = environ['REQUEST_METHOD']
    return errors.MethodNotAllowed(method=method, allowed=allowed)
