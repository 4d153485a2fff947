# SPDX-License-Identifier: Apache-2.0
"""A cloud of a few lines: Keystone's catalog, and what a test makes of it."""

import json
import threading
import wsgiref.simple_server
from collections.abc import Callable
from collections.abc import Iterable
from typing import Any

import fixtures

# Given method, path and headers: status and body; None closes unanswered.
Answer = tuple[str, Any] | None
Serve = Callable[[str, str, dict[str, str]], Answer]

# What a compute service says of itself.
COMPUTE = {
    'version': {
        'id': 'v2.1',
        'status': 'CURRENT',
        'version': '2.104',
        'min_version': '2.1',
        'links': [{'rel': 'self', 'href': '/compute'}],
    }
}

_TOKEN = '/identity/v3/auth/tokens'


class Cloud(fixtures.Fixture):
    """Keystone, and some other services at their own paths.

    :ivar url: where it serves
    :ivar asked: method, path and version header of each request but those
        to Keystone
    """

    def __init__(self, serve: Serve, *services: str) -> None:
        """Take who answers, and the types of the services there are."""
        super().__init__()
        self._serve = serve
        self._services = services
        self.asked: list[tuple[str, str, str | None]] = []

    def _setUp(self) -> None:
        server = wsgiref.simple_server.make_server(
            '127.0.0.1', 0, self._app, handler_class=_Quiet
        )
        self.url = f'http://127.0.0.1:{server.server_port}'
        thread = threading.Thread(target=server.serve_forever, daemon=True)
        thread.start()
        self.addCleanup(thread.join)
        self.addCleanup(server.server_close)
        self.addCleanup(server.shutdown)

    def _app(self, environ: Any, start: Any) -> Iterable[bytes]:
        size = int(environ.get('CONTENT_LENGTH') or 0)
        environ['wsgi.input'].read(size)
        method, path = environ['REQUEST_METHOD'], environ['PATH_INFO']
        if path == _TOKEN:
            headers = [('X-Subject-Token', 'token')]
            return self._answer(start, '201 Created', self._token(), headers)
        version = environ.get('HTTP_OPENSTACK_API_VERSION')
        self.asked.append((method, path, version))
        found = self._serve(method, path, {'version': version or ''})
        if found is None:
            raise ConnectionAbortedError
        return self._answer(start, *found, [])

    def _answer(
        self, start: Any, status: str, body: Any, headers: Any
    ) -> Iterable[bytes]:
        start(status, [('Content-Type', 'application/json'), *headers])
        return [json.dumps(body).encode()]

    def _token(self) -> dict[str, Any]:
        catalog = [
            {
                'type': one,
                'id': one,
                'name': one,
                'endpoints': [
                    {
                        'id': one,
                        'interface': 'public',
                        'region': 'here',
                        'region_id': 'here',
                        'url': f'{self.url}/{one}',
                    }
                ],
            }
            for one in self._services
        ]
        return {
            'token': {
                'methods': ['password'],
                'user': {'id': 'u', 'name': 'u', 'domain': {'id': 'default'}},
                'project': {
                    'id': 'p',
                    'name': 'p',
                    'domain': {'id': 'default', 'name': 'd'},
                },
                'roles': [{'id': 'r', 'name': 'admin'}],
                'catalog': catalog,
                'expires_at': '2099-01-01T00:00:00.000000Z',
                'issued_at': '2026-01-01T00:00:00.000000Z',
            }
        }

    @property
    def access(self) -> dict[str, Any]:
        """What a connection is made with."""
        return {
            'load_yaml_config': False,
            'load_envvars': False,
            'auth_type': 'v3password',
            'auth': {
                'auth_url': f'{self.url}/identity/v3',
                'username': 'u',
                'password': 'p',
                'project_id': 'p',
                'user_domain_id': 'default',
            },
            'region_name': 'here',
        }


class _Quiet(wsgiref.simple_server.WSGIRequestHandler):
    def log_message(self, *_arguments: Any) -> None:
        """Say nothing."""

    def log_request(self, *_arguments: Any) -> None:
        """Say nothing."""
