# SPDX-License-Identifier: Apache-2.0
"""Clients that send half a request, and those who come meanwhile."""

import socket

from nova_aggext.tests import base
from nova_aggext.tests.functional import malformed
from nova_aggext.tests.functional import server
from nova_aggext.tests.functional import test_server

# More than there are threads, of each kind.
MANY = 100
_BODY = b'{"aggregate": {"name": "slow"}}'


class SlowClientsTest(base.TestCase):
    """The command, by default."""

    def test_others_are_served(self) -> None:
        one = self.useFixture(server.Server())
        whole = malformed.post(_BODY)
        for length in (0, 30, len(whole) - 5):
            for _ in range(MANY):
                self._connect(one.port, whole[:length])
        for path in (test_server.AGGREGATES, '/healthcheck', '/v2.1/'):
            answer = test_server.ask(one.port, 'GET', path)
            self.assertEqual(200, answer.status, path)
        late = self._connect(one.port, whole[:-5])
        late.sendall(whole[-5:])
        self.assertIn(b'HTTP/1.1 200 OK', late.recv(65536))

    def _connect(self, port: int, sent: bytes) -> socket.socket:
        address = ('127.0.0.1', port)
        client = socket.create_connection(address, server.PATIENCE)
        self.addCleanup(client.close)
        client.sendall(sent)
        return client
