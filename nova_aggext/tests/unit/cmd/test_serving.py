# SPDX-License-Identifier: Apache-2.0
"""The HTTP server: who is slow holds up nobody."""

import http.client
import socket
import threading

from nova_aggext.cmd import address
from nova_aggext.cmd import serving
from nova_aggext.tests import base
from nova_aggext.tests.unit import stubs

# Seconds after which a test has failed.
PATIENCE = 30


class ServerTest(base.TestCase):
    """A server in a thread of the test."""

    def start(self, **options: float) -> None:
        """Start it on a free port."""
        self.application = stubs.Wsgi(b'served')
        listener = address.bind('127.0.0.1', 0)
        self.port = listener.getsockname()[1]
        self.server = serving.Server(self.application, listener, 1, **options)
        self.ready = threading.Event()
        self.thread = threading.Thread(
            target=self.server.run, args=(self.ready.set,)
        )
        self.thread.start()
        self.addCleanup(self.thread.join, PATIENCE)
        self.addCleanup(self.server.stop)
        self.assertTrue(self.ready.wait(PATIENCE))

    def connect(self, sent: bytes = b'') -> socket.socket:
        """Connect and send the beginning of a request."""
        client = socket.create_connection(('127.0.0.1', self.port), PATIENCE)
        self.addCleanup(client.close)
        client.sendall(sent)
        return client

    def ask(self) -> bytes:
        """Send an ordinary request."""
        connection = http.client.HTTPConnection(
            '127.0.0.1', self.port, timeout=PATIENCE
        )
        self.addCleanup(connection.close)
        connection.request('GET', '/')
        return connection.getresponse().read()

    def test_who_is_slow_holds_up_nobody(self) -> None:
        """One thread serves on, and each slow request once it is there."""
        self.start()
        heads = [self.connect(b'GET / HTTP/1.1\r\nHos') for _ in range(20)]
        bodies = [
            self.connect(b'POST / HTTP/1.0\r\nContent-Length: 4\r\n\r\nab')
            for _ in range(20)
        ]
        silent = [self.connect() for _ in range(20)]
        self.assertEqual(b'served', self.ask())
        for client, rest in (
            (heads[7], b't: x\r\nConnection: close\r\n\r\n'),
            (bodies[7], b'cd'),
            (silent[7], b'GET / HTTP/1.0\r\n\r\n'),
        ):
            client.sendall(rest)
            with client.makefile('rb') as answer:
                self.assertIn(b'served', answer.read())

    def test_request_that_takes_too_long(self) -> None:
        """It is no use to send a little now and then."""
        self.start(arrival=0)
        for beginning in (
            b'GET / HTTP/1.1\r\nHos',
            b'POST / HTTP/1.1\r\nContent-Length: 4\r\n\r\nab',
        ):
            client = self.connect(beginning)
            self.assertEqual(b'', client.recv(1000))
        self.assertEqual(b'served', self.ask())

    def test_stop(self) -> None:
        """What has begun is finished, what is idle is not waited for."""
        self.start()
        idle = self.connect()
        begun = self.connect(b'POST / HTTP/1.0\r\nContent-Length: 4\r\n\r\na')
        self.assertEqual(b'served', self.ask())
        self.server.stop()
        self.assertEqual(b'', idle.recv(1000))
        begun.sendall(b'bcd')
        with begun.makefile('rb') as answer:
            self.assertIn(b'served', answer.read())
        self.thread.join(PATIENCE)
        self.assertFalse(self.thread.is_alive())
        self.assertRaises(ConnectionRefusedError, self.connect)
