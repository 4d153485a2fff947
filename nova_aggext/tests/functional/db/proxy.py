# SPDX-License-Identifier: Apache-2.0
"""A way to a database server that a test can cut."""

import contextlib
import socket
import socketserver
import threading

import fixtures

from nova_aggext.tests.functional import databases

_PORTS = {'mysql': 3306, 'postgresql': 5432}


class Proxy(fixtures.Fixture):
    """Carries TCP between a port of its own and the server of a kind.

    :ivar url: the SQLAlchemy URL of the server by this way
    """

    def __init__(self, kind: str) -> None:
        super().__init__()
        self._server = databases.server_url(kind)
        self._target = (
            self._server.host or '127.0.0.1',
            self._server.port or _PORTS[kind],
        )

    def _setUp(self) -> None:
        self._port = 0
        self.open()
        self.addCleanup(self.cut)
        url = self._server.set(host='127.0.0.1', port=self._port)
        self.url = url.render_as_string(hide_password=False)

    def open(self) -> None:
        """Take connections, at the same port as before."""
        address = ('127.0.0.1', self._port)
        self._listener = _Listener(address, self._target)
        self._port = self._listener.server_address[1]
        threading.Thread(
            target=self._listener.serve_forever, args=(0.05,), daemon=True
        ).start()

    def freeze(self) -> None:
        """Take connections and bytes, and pass nothing on until it is cut."""
        self._listener.flowing.clear()

    def cut(self) -> None:
        """Break every connection and refuse others."""
        self._listener.shutdown()
        self._listener.server_close()
        self._listener.flowing.set()
        for end in self._listener.ends:
            _hang_up(end)


class _Listener(socketserver.ThreadingTCPServer):
    """Hands each connection to a thread."""

    allow_reuse_address = True
    daemon_threads = True

    def __init__(
        self, address: tuple[str, int], target: tuple[str, int]
    ) -> None:
        self.target = target
        self.flowing = threading.Event()
        self.flowing.set()
        self.ends: list[socket.socket] = []
        super().__init__(address, _Carrier)


class _Carrier(socketserver.BaseRequestHandler):
    """Carries the bytes of one connection, both ways."""

    server: _Listener

    def handle(self) -> None:
        """Return when either end is closed."""
        near: socket.socket = self.request
        with socket.create_connection(self.server.target) as far:
            self.server.ends += [near, far]
            flowing = self.server.flowing
            back = threading.Thread(target=_pump, args=(far, near, flowing))
            back.start()
            _pump(near, far, flowing)
            back.join()


def _pump(
    source: socket.socket, sink: socket.socket, flowing: threading.Event
) -> None:
    with contextlib.suppress(OSError):
        while data := source.recv(65536):
            flowing.wait()
            sink.sendall(data)
    _hang_up(sink)


def _hang_up(end: socket.socket) -> None:
    with contextlib.suppress(OSError):
        end.shutdown(socket.SHUT_RDWR)
