# SPDX-License-Identifier: Apache-2.0
"""Ways to a database that can be cut, and ones that lead nowhere."""

import contextlib
import socket
import threading

import fixtures
import sqlalchemy as sa

_CHUNK = 65536


class Link(fixtures.Fixture):
    """A port of loopback that leads to another one, until it is cut.

    :ivar port: the port
    """

    def __init__(self, target: tuple[str, int]) -> None:
        super().__init__()
        self.target = target

    def _setUp(self) -> None:
        self._open: set[socket.socket] = set()
        self._listener = socket.create_server(('127.0.0.1', 0))
        self.port: int = self._listener.getsockname()[1]
        self._whole = True
        self._run(self._accept)
        self.addCleanup(self._end)

    def cut(self) -> None:
        """Close what is open, and let nothing through."""
        self._whole = False
        self._close_all()

    def mend(self) -> None:
        """Let new connections through again."""
        self._whole = True

    def _accept(self) -> None:
        with contextlib.suppress(OSError):
            while True:
                near, _ = self._listener.accept()
                self._join(near)

    def _join(self, near: socket.socket) -> None:
        if not self._whole:
            near.close()
            return
        far = socket.create_connection(self.target)
        self._open |= {near, far}
        self._run(self._pump, near, far)
        self._run(self._pump, far, near)

    def _pump(self, source: socket.socket, sink: socket.socket) -> None:
        with contextlib.suppress(OSError):
            while chunk := source.recv(_CHUNK):
                sink.sendall(chunk)
        _close(sink)

    def _end(self) -> None:
        self.cut()
        _close(self._listener)

    def _close_all(self) -> None:
        for each in list(self._open):
            _close(each)
        self._open.clear()

    def _run(self, target: object, *arguments: socket.socket) -> None:
        threading.Thread(target=target, args=arguments, daemon=True).start()  # type: ignore[arg-type]


class SilentPort(fixtures.Fixture):
    """A port that takes connections and never says a word.

    :ivar port: the port
    """

    def _setUp(self) -> None:
        # The kernel takes connections; nobody reads from them.
        listener = socket.create_server(('127.0.0.1', 0), backlog=128)
        self.port: int = listener.getsockname()[1]
        self.addCleanup(listener.close)


def through(url: str, port: int) -> str:
    """Return a URL of a database that goes to a port of loopback."""
    changed = sa.make_url(url).set(host='127.0.0.1', port=port)
    return changed.render_as_string(hide_password=False)


def address(url: str) -> tuple[str, int]:
    """Return where a URL of a database leads to."""
    made = sa.make_url(url)
    return str(made.host), int(made.port or 3306)


def _close(one: socket.socket) -> None:
    with contextlib.suppress(OSError):
        one.shutdown(socket.SHUT_RDWR)
    one.close()
