# SPDX-License-Identifier: Apache-2.0
"""A TCP proxy that can be cut."""

import contextlib
import socket
import threading

import fixtures

_SIZE = 65536


class Proxy(fixtures.Fixture):
    """Passes connections on to a server until it is told not to.

    :ivar port: where it listens
    """

    def __init__(self, host: str, port: int) -> None:
        super().__init__()
        self.target = (host, port)

    def _setUp(self) -> None:
        self._lock = threading.Lock()
        self._open: set[socket.socket] = set()
        self._cut = False
        self._listener = socket.create_server(('127.0.0.1', 0))
        self.port: int = self._listener.getsockname()[1]
        thread = threading.Thread(target=self._listen, daemon=True)
        thread.start()
        self.addCleanup(thread.join)
        self.addCleanup(self.cut)
        self.addCleanup(_close, self._listener)

    def cut(self) -> None:
        """Break every connection, and each that is made from now on."""
        with self._lock:
            self._cut = True
            found, self._open = self._open, set()
        for one in found:
            _close(one)

    def mend(self) -> None:
        """Pass connections on again."""
        with self._lock:
            self._cut = False

    def _listen(self) -> None:
        with contextlib.suppress(OSError):
            while True:
                near, _address = self._listener.accept()
                self._begin(near)

    def _begin(self, near: socket.socket) -> None:
        with self._lock:
            if self._cut:
                _close(near)
                return
            far = socket.create_connection(self.target)
            self._open |= {near, far}
        for source, sink in ((near, far), (far, near)):
            source.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            threading.Thread(
                target=self._pass, args=(source, sink), daemon=True
            ).start()

    def _pass(self, source: socket.socket, sink: socket.socket) -> None:
        with contextlib.suppress(OSError):
            while data := source.recv(_SIZE):
                sink.sendall(data)
        with self._lock:
            self._open -= {source, sink}
        _close(source)
        _close(sink)


def _close(one: socket.socket) -> None:
    with contextlib.suppress(OSError):
        one.shutdown(socket.SHUT_RDWR)
    one.close()
