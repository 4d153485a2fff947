# SPDX-License-Identifier: Apache-2.0
"""A way to a server that can be closed, frozen, and cut."""

import contextlib
import socket
import threading

import fixtures

_CHUNK = 65536
_LOOPBACK = '127.0.0.1'


class Link(fixtures.Fixture):
    """Carries TCP between a port of its own and another one.

    :ivar port: the port
    """

    def __init__(self, target: int) -> None:
        """Take the port of loopback to which it leads."""
        super().__init__()
        self._target = (_LOOPBACK, target)

    def _setUp(self) -> None:
        self._ends: set[socket.socket] = set()
        self._flowing = threading.Event()
        self._flowing.set()
        self._listener: socket.socket | None = None
        self.port = 0
        self.open()
        self.addCleanup(self.close)

    def open(self) -> None:
        """Take connections, at the same port as before."""
        listener = socket.create_server((_LOOPBACK, self.port))
        self.port = listener.getsockname()[1]
        self._listener = listener
        threading.Thread(
            target=self._accept, args=(listener,), daemon=True
        ).start()

    def close(self) -> None:
        """Refuse connections and cut those there are."""
        if self._listener is not None:
            _hang_up(self._listener)
            self._listener.close()
            self._listener = None
        self._flowing.set()
        self.cut()

    def cut(self) -> None:
        """Break every connection; others are taken."""
        ends, self._ends = self._ends, set()
        for end in ends:
            _hang_up(end)

    def freeze(self) -> None:
        """Take connections and bytes, and pass nothing on."""
        self._flowing.clear()

    def thaw(self) -> None:
        """Pass on what came meanwhile, and all that follows."""
        self._flowing.set()

    def _accept(self, listener: socket.socket) -> None:
        with contextlib.suppress(OSError):
            while True:
                near, _ = listener.accept()
                threading.Thread(
                    target=self._carry, args=(near,), daemon=True
                ).start()

    def _carry(self, near: socket.socket) -> None:
        self._flowing.wait()
        with near, contextlib.suppress(OSError):
            far = socket.create_connection(self._target)
            self._ends |= {near, far}
            back = threading.Thread(
                target=self._pump, args=(far, near), daemon=True
            )
            with far:
                back.start()
                self._pump(near, far)
                back.join()
                self._ends -= {near, far}

    def _pump(self, source: socket.socket, sink: socket.socket) -> None:
        with contextlib.suppress(OSError):
            while data := source.recv(_CHUNK):
                self._flowing.wait()
                sink.sendall(data)
        _hang_up(sink)


def _hang_up(end: socket.socket) -> None:
    with contextlib.suppress(OSError):
        end.shutdown(socket.SHUT_RDWR)
