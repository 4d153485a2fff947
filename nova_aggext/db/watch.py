# SPDX-License-Identifier: Apache-2.0
"""Breaks connections whose server does not answer.

For drivers that wait for ever: psycopg2 has no limit of its own, and what
libpq has is about machines, not about a server that is stopped.
"""

import contextlib
import logging
import os
import socket
import threading
import time
from collections.abc import Callable
from typing import Any

import sqlalchemy as sa

LOG = logging.getLogger(__name__)

_METHODS = (
    'do_execute',
    'do_execute_no_params',
    'do_executemany',
    'do_commit',
    'do_rollback',
)


class Watch:
    """Breaks what takes longer than some seconds.

    Its thread is there only while something is under way, so that a process
    which is about to fork others can be without.
    """

    def __init__(self, seconds: float, place: str) -> None:
        self._seconds = seconds
        self._place = place
        self._under_way: dict[int, tuple[int, float]] = {}
        self._lock = threading.Lock()
        self._thread: threading.Thread | None = None

    def attach(self, dialect: sa.Dialect) -> None:
        """Watch what a dialect does on connections."""
        for name in _METHODS:
            setattr(dialect, name, self._watched(getattr(dialect, name)))

    def _watched(self, do: Callable[..., Any]) -> Callable[..., Any]:
        def watched(first: Any, *arguments: Any, **named: Any) -> Any:
            # The first argument is a cursor, or the connection itself.
            connection = getattr(first, 'connection', first)
            number = threading.get_ident()
            self._begin(number, connection)
            try:
                return do(first, *arguments, **named)
            finally:
                self._end(number)

        return watched

    def _begin(self, number: int, connection: Any) -> None:
        try:
            file = connection.fileno()
        except Exception:
            # It is closed, which its driver says better.
            return
        self._under_way[number] = (file, time.monotonic() + self._seconds)
        thread = self._thread
        # That of a process that forked this one is not alive here.
        if thread is None or not thread.is_alive():
            # Without another thread it goes on unwatched.
            with contextlib.suppress(RuntimeError):
                self._start()

    def _start(self) -> None:
        thread = threading.Thread(
            target=self._run, name='aggext-watch', daemon=True
        )
        thread.start()
        self._thread = thread

    def _end(self, number: int) -> None:
        # No file is closed, and its number given to another, meanwhile.
        with self._lock:
            self._under_way.pop(number, None)

    def _run(self) -> None:
        while True:
            time.sleep(min(1, self._seconds / 2))
            self._break_late()
            if self._under_way:
                continue
            # In this order: who begins from here on starts another thread.
            self._thread = None
            if not self._under_way:
                return

    def _break_late(self) -> None:
        now = time.monotonic()
        with self._lock:
            late = [
                (number, file)
                for number, (file, until) in list(self._under_way.items())
                if until < now
            ]
            for number, file in late:
                del self._under_way[number]
                _break(file)
        for _ in late:
            LOG.warning(
                'No answer from the database at %s for %s s: the connection '
                'is closed.',
                self._place,
                self._seconds,
            )


def _break(file: int) -> None:
    """End a connection so that who reads from it learns of it."""
    with (
        contextlib.suppress(OSError),
        socket.socket(fileno=os.dup(file)) as other,
    ):
        other.shutdown(socket.SHUT_RDWR)
