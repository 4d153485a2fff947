# SPDX-License-Identifier: Apache-2.0
"""Version discovery of the standalone server."""

import urllib.parse
from collections.abc import Callable
from collections.abc import Iterable
from typing import TYPE_CHECKING

import orjson
import webob

from nova_aggext import wsgi
from nova_aggext.api import request
from nova_aggext.api.views import versions as views
from nova_aggext.wsgi import nova
from nova_aggext.wsgi import request as wsgi_request
from nova_aggext.wsgi import resource

if TYPE_CHECKING:
    from _typeshed import wsgi as wsgi_types


# What stands for itself in a part of a path.
_SAFE = "!$&'()*+,;=:@"


class VersionController(wsgi.Controller):
    """Shows the document of one API; anybody may see it.

    With a project id in front it is behind authentication, and the id must
    be the caller's.
    """

    routes = (wsgi.Route('GET', '/', 'show'),)

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
            content_type=wsgi_request.best_type(
                environ.get('HTTP_ACCEPT', ''), nova.CURRENT.media_types
            ),
        )
        answer.headers['Vary'] = 'Accept'
        return answer(environ, start_response)


def document(
    api: views.ApiVersion,
    link_prefix: str | None,
    context_factory: Callable[
        ['wsgi_types.WSGIEnvironment'], resource.Context
    ],
) -> 'wsgi_types.WSGIApplication':
    """Make the application that shows the document of one API."""
    return resource.Resource(
        controller=VersionController(api, link_prefix),
        context_factory=context_factory,
        api=nova.LEGACY if api is views.V20 else nova.CURRENT,
    )


def _path(environ: 'wsgi_types.WSGIEnvironment') -> str:
    """Give the path of a request as links have it, without empty parts."""
    path: str = environ.get('PATH_INFO', '')
    parts = path.encode('latin-1').split(b'/')
    quoted = (urllib.parse.quote(part, safe=_SAFE) for part in parts if part)
    return ''.join(f'/{part}' for part in quoted)


def _without_version(url: str) -> str:
    """Cut the last part off: the API is mounted at /v2 or /v2.1."""
    return url.rstrip('/').rpartition('/')[0]
