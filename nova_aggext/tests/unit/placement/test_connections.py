# SPDX-License-Identifier: Apache-2.0
"""Which connections to placement are kept open."""

import queue
import socketserver
import threading
from concurrent import futures
from http import server as http_server
from typing import Any

from nova_aggext import conf as aggext_conf
from nova_aggext.placement import client
from nova_aggext.tests import base
from nova_aggext.tests.functional import databases

PATIENCE = 10
ANSWER = b'{"aggregates": [], "resource_provider_generation": 3}'


class Placement(socketserver.ThreadingTCPServer):
    """Serves one connection at a time, until that is closed.

    :ivar connected: the addresses that came
    :ivar let: what a call takes before it is answered
    """

    daemon_threads = True

    def __init__(self) -> None:
        super().__init__(('127.0.0.1', 0), Handler)
        self.connected: queue.SimpleQueue[object] = queue.SimpleQueue()
        self.let: queue.SimpleQueue[None] = queue.SimpleQueue()
        self._worker = threading.Lock()

    def process_request(self, request: Any, address: Any) -> None:
        """Say that somebody came."""
        self.connected.put(address)
        super().process_request(request, address)

    def process_request_thread(self, request: Any, address: Any) -> None:
        """Serve it, when the worker is free."""
        with self._worker:
            super().process_request_thread(request, address)

    def handle_error(self, request: Any, address: Any) -> None:
        """Say nothing of callers that went away."""


class Handler(http_server.BaseHTTPRequestHandler):
    """Answers as soon as it is let."""

    protocol_version = 'HTTP/1.1'
    server: Placement
    # No test hangs for ever.
    timeout = PATIENCE

    def do_GET(self) -> None:
        """Give no aggregates."""
        self.server.let.get(timeout=PATIENCE)
        self.send_response(200)
        self.send_header('Content-Type', 'application/json')
        self.send_header('OpenStack-API-Version', 'placement 1.19')
        self.send_header('Content-Length', str(len(ANSWER)))
        self.end_headers()
        self.wfile.write(ANSWER)

    def log_message(self, format: str, *arguments: Any) -> None:
        """Say nothing."""


class ConnectionsTest(base.TestCase):
    """A placement with one worker, which a connection keeps busy."""

    def setUp(self) -> None:
        super().setUp()
        self.server = Placement()
        self.addCleanup(self.server.server_close)
        thread = threading.Thread(
            target=self.server.serve_forever, args=(0.02,), daemon=True
        )
        thread.start()
        self.addCleanup(self.server.shutdown)
        db = self.useFixture(databases.Database(synced=False))
        url = f'http://127.0.0.1:{self.server.server_address[1]}'
        with open(db.conf_file, 'a') as conf_file:
            conf_file.write(
                '[placement]\nauth_type = none\n'
                f'endpoint_override = {url}\ntimeout = {PATIENCE}\n'
            )
        self.placement = client.Placement(aggext_conf.load([db.conf_file]))
        self.callers = futures.ThreadPoolExecutor(2)
        self.addCleanup(self.callers.shutdown)

    def call(self, name: str) -> 'futures.Future[client.Membership | None]':
        """Ask for a provider, in a thread."""
        request = client.Request(None, None)
        return self.callers.submit(self.placement.get, name, request)

    def test_two_at_once(self) -> None:
        """The connection of a call that is done keeps no other one waiting."""
        both = [self.call('one'), self.call('two')]
        for _ in both:
            self.server.connected.get(timeout=PATIENCE)
        for _ in both:
            self.server.let.put(None)
        for one in both:
            self.assertIsNotNone(one.result(PATIENCE))

    def test_one_after_the_other(self) -> None:
        """Who is alone keeps the connection."""
        for name in ('one', 'two', 'three'):
            self.server.let.put(None)
            self.assertIsNotNone(self.call(name).result(PATIENCE))
        self.server.connected.get(timeout=PATIENCE)
        self.assertTrue(self.server.connected.empty())
