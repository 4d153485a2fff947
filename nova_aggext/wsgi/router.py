# SPDX-License-Identifier: Apache-2.0
"""From a route table to resources; what does not match goes on."""

from collections.abc import Iterable
from typing import TYPE_CHECKING

import routes
import webob.exc

from nova_aggext.wsgi import controller as wsgi_controller
from nova_aggext.wsgi import resource

if TYPE_CHECKING:
    from _typeshed import wsgi

# What Nova takes for a project id in a path (case route-project-id).
PROJECT_ID = '[0-9a-f-]+'


class Router:
    """Sends a request to the resource that serves its method and path.

    Whatever does not match goes to ``fallback`` with the environ untouched;
    the default answers 404 as Nova does for an unknown route.
    """

    def __init__(
        self,
        resources: Iterable[
            tuple[wsgi_controller.Route, 'wsgi.WSGIApplication']
        ],
        fallback: 'wsgi.WSGIApplication | None' = None,
        project_id: str = PROJECT_ID,
    ) -> None:
        self._fallback = fallback or webob.exc.HTTPNotFound()
        self._mapper = routes.Mapper(explicit=True)
        self._mapper.minimization = False
        for route, application in resources:
            self._connect(route, application, f'/{{project_id:{project_id}}}')
            self._connect(route, application, '')
        self._mapper.create_regs()

    def __call__(
        self,
        environ: 'wsgi.WSGIEnvironment',
        start_response: 'wsgi.StartResponse',
    ) -> Iterable[bytes]:
        match = self._mapper.match(environ.get('PATH_INFO', ''), environ)
        if match is None:
            return self._fallback(environ, start_response)
        application = match.pop('application')
        environ[resource.ROUTE_KEY] = (match.pop('handler'), match)
        answer: Iterable[bytes] = application(environ, start_response)
        return answer

    def _connect(
        self,
        route: wsgi_controller.Route,
        application: 'wsgi.WSGIApplication',
        prefix: str,
    ) -> None:
        self._mapper.connect(
            prefix + route.path,
            application=application,
            handler=route.handler,
            conditions={'method': [route.method]},
        )
