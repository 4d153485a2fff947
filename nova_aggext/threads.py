# SPDX-License-Identifier: Apache-2.0
"""Threads that may be missing: those that there are do the work."""

import logging
import queue
import threading
from collections.abc import Callable
from concurrent import futures
from typing import Any, Protocol, TypeVar

from nova_aggext import exception

LOG = logging.getLogger(__name__)

T = TypeVar('T')
_Item = tuple[futures.Future[Any], Callable[[], Any]]


class Factory(Protocol):
    """Makes threads, as ``threading.Thread`` does."""

    def __call__(
        self, *, target: Callable[[], None], name: str, daemon: bool
    ) -> threading.Thread:
        """Make a thread, not started yet."""


class Pool:
    """Daemon threads for work that others wait for.

    Each is started when all others are busy, and stays. A pool of
    ``concurrent.futures`` fails where one cannot be started though it has
    others, and keeps the work it refused in its queue.
    """

    def __init__(
        self, name: str, most: int, threads: Factory = threading.Thread
    ) -> None:
        self._name = name
        self._most = most
        self._threads = threads
        self._lock = threading.Lock()
        self._queue: queue.SimpleQueue[_Item | None] = queue.SimpleQueue()
        # What is in the queue or under way.
        self._unfinished = 0
        self._running = 0
        self._lacking = False

    def submit(self, work: Callable[[], T]) -> futures.Future[T]:
        """Let a thread do something, now or when one is free.

        :raises ThreadUnavailable: when there is none, and none can be started
        """
        future: futures.Future[T] = futures.Future()
        with self._lock:
            if self._running <= self._unfinished and not self._is_manned():
                raise exception.ThreadUnavailable()
            self._unfinished += 1
            self._queue.put((future, work))
        return future

    def close(self) -> None:
        """Let the threads end when all is done; nobody waits for that."""
        with self._lock:
            for _ in range(self._running):
                self._queue.put(None)
            self._running = 0

    def _is_manned(self) -> bool:
        """Start another thread if there may be one; say if there is any."""
        if self._running < self._most:
            self._start()
        return self._running > 0

    def _start(self) -> None:
        thread = self._threads(
            target=self._serve, name=self._name, daemon=True
        )
        try:
            thread.start()
        except RuntimeError as error:
            if not self._lacking:
                LOG.error('%s does not start for now: %s', self._name, error)
            self._lacking = True
        else:
            self._running += 1
            self._lacking = False

    def _serve(self) -> None:
        while self._serve_one():
            pass

    def _serve_one(self) -> bool:
        item = self._queue.get()
        if item is None:
            return False
        future, work = item
        if not future.set_running_or_notify_cancel():
            self._finished()
            return True
        try:
            given = work()
        except BaseException as error:
            self._finished()
            future.set_exception(error)
        else:
            self._finished()
            future.set_result(given)
        return True

    def _finished(self) -> None:
        """Be free before others learn it, so that they start no thread."""
        with self._lock:
            self._unfinished -= 1
