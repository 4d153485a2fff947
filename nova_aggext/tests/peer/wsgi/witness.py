# SPDX-License-Identifier: Apache-2.0
"""A filter that tells in which state a request reaches Nova itself.

It answers only requests with the header ``X-Witness``. Nova imports it by
itself, without this package.
"""

from collections.abc import Callable
from collections.abc import Iterable
import json
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from _typeshed import wsgi

    App = wsgi.WSGIApplication


def factory(
    global_conf: dict[str, str], **options: str
) -> 'Callable[[App], App]':
    """Make the filter."""

    def wrap(application: 'App') -> 'App':
        def serve(
            environ: 'wsgi.WSGIEnvironment',
            start_response: 'wsgi.StartResponse',
        ) -> Iterable[bytes]:
            if 'HTTP_X_WITNESS' not in environ:
                return application(environ, start_response)
            start_response('200 OK', [('Content-Type', 'application/json')])
            return [json.dumps(_seen(environ)).encode()]

        return serve

    return wrap


def _seen(environ: dict[str, Any]) -> dict[str, Any]:
    """Return the environ as JSON, and all that its body still has."""
    seen = {key: _shown(value) for key, value in environ.items()}
    return seen | {'unread': environ['wsgi.input'].read().decode('latin-1')}


def _shown(value: object) -> object:
    if isinstance(value, str | int | None):
        return value
    return type(value).__name__
