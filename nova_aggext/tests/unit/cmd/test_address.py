# SPDX-License-Identifier: Apache-2.0
"""Addresses that servers bind."""

import socket

from nova_aggext import exception
from nova_aggext.cmd import address
from nova_aggext.tests import base


class AddressTest(base.TestCase):
    """What is said of an address."""

    def test_url(self) -> None:
        self.assertEqual('http://a:1', address.url('a', 1))
        self.assertEqual('http://[::1]:1', address.url('::1', 1))

    def test_loopback(self) -> None:
        for host in ('127.0.0.1', '127.0.0.2', '::1', 'localhost'):
            self.assertTrue(address.is_loopback(host), host)

    def test_network(self) -> None:
        for host in ('0.0.0.0', '::', '192.0.2.1', 'no host', 'a' * 300):
            self.assertFalse(address.is_loopback(host), host)


class FreeTest(base.TestCase):
    """The address that is to be served."""

    def test_free(self) -> None:
        address.require_free('127.0.0.1', 0)

    def test_taken(self) -> None:
        with socket.create_server(('127.0.0.1', 0)) as taken:
            port = taken.getsockname()[1]
            self._refused('127.0.0.1', port)

    def test_nonsense(self) -> None:
        for host, port in (
            ('127.0.0.1', 65536),
            ('fe80::1::2', 0),
            ('.', 0),
            ('a' * 300, 0),
        ):
            self._refused(host, port)

    def _refused(self, host: str, port: int) -> None:
        error = self.assertRaises(
            exception.ConfigurationError, address.require_free, host, port
        )
        self.assertIn(f'{host}:{port}', str(error))
