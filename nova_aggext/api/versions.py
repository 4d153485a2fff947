# SPDX-License-Identifier: Apache-2.0
"""Version discovery of the standalone server."""

from collections.abc import Callable
from collections.abc import Iterable
from typing import TYPE_CHECKING

import orjson
import webob

from nova_aggext import wsgi
from nova_aggext.api import request
from nova_aggext.api.views import versions as views
from nova_aggext.wsgi import microversion
from nova_aggext.wsgi import resource

if TYPE_CHECKING:
    from _typeshed import wsgi as wsgi_types


class VersionController(wsgi.Controller):
    """Shows the document of one API; anybody may see it."""

    def __init__(self, api: views.ApiVersion, link_prefix: str | None) -> None:
        self.api = api
        self.link_prefix = link_prefix

    @wsgi.expected_errors()
    def show(self, req: request.Request) -> request.View:
        """Show the version document."""
        base = self.link_prefix or _without_version(req.application_url)
        return views.show(self.api, base.rstrip('/'))


class Discovery:
    """Middleware that answers for the root of an API with its document.

    It stands before authentication, as clients ask for the document before
    they have a token.
    """

    def __init__(
        self,
        application: 'wsgi_types.WSGIApplication',
        document: 'wsgi_types.WSGIApplication',
    ) -> None:
        self.application = application
        self.document = document

    def __call__(
        self,
        environ: 'wsgi_types.WSGIEnvironment',
        start_response: 'wsgi_types.StartResponse',
    ) -> Iterable[bytes]:
        if environ.get('PATH_INFO', '').strip('/'):
            return self.application(environ, start_response)
        environ[resource.ROUTE_KEY] = ('show', {})
        return self.document(environ, start_response)


class Versions:
    """Application that lists the APIs at ``/``.

    For every other path it says where else it may be meant.
    """

    def __init__(self, link_prefix: str | None) -> None:
        self.link_prefix = link_prefix

    def __call__(
        self,
        environ: 'wsgi_types.WSGIEnvironment',
        start_response: 'wsgi_types.StartResponse',
    ) -> Iterable[bytes]:
        req = webob.Request(environ)
        base = (self.link_prefix or req.application_url).rstrip('/')
        path = _path(environ)
        if path.strip('/'):
            status, view = 300, views.choices(base, path)
        else:
            status, view = 200, views.index(base)
        answer = webob.Response(
            status=status,
            body=orjson.dumps(view),
        )
        answer.headers['Content-Type'] = 'application/json'
        return answer(environ, start_response)


def document(
    api: views.ApiVersion,
    link_prefix: str | None,
    context_factory: Callable[
        ['wsgi_types.WSGIEnvironment'], resource.Context
    ],
) -> 'wsgi_types.WSGIApplication':
    """Make the application that shows the document of one API."""
    legacy = api is views.V20
    return resource.Resource(
        controller=VersionController(api, link_prefix),
        context_factory=context_factory,
        supported=None if legacy else microversion.SUPPORTED,
    )


def _path(environ: 'wsgi_types.WSGIEnvironment') -> str:
    """Give the path of a request; what is not UTF-8 in it is replaced."""
    path: str = environ.get('PATH_INFO', '')
    return path.encode('latin-1').decode('utf-8', 'replace')


def _without_version(url: str) -> str:
    """Cut the last part off: the API is mounted at /v2 or /v2.1."""
    return url.rstrip('/').rpartition('/')[0]
