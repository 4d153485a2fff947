# SPDX-License-Identifier: Apache-2.0
"""Threads that may be missing: where none can be started, work waits."""

import logging
import os
import threading
from collections.abc import Callable

from nova_aggext import threads as aggext_threads

LOG = logging.getLogger(__name__)

# Seconds until the turn after one that failed.
_PAUSE = 1.0


class Worker:
    """A daemon thread.

    A turn is taken at the start, when woken, and after the time that the
    last turn asked for. What a turn raises is logged, and the next one taken
    a moment later.
    """

    def __init__(
        self,
        name: str,
        turn: Callable[[], float],
        threads: aggext_threads.Factory = threading.Thread,
    ) -> None:
        """Take what to do.

        :param turn: does it, and gives the seconds until the next time
        """
        self._name = name
        self._turn = turn
        self._threads = threads
        self._lock = threading.Lock()
        self._woken = threading.Event()
        self._stopped = threading.Event()
        self._thread: threading.Thread | None = None
        self._process: int | None = None
        self._lacking = False

    def start(self) -> bool:
        """Start the thread, unless this process has it or it was stopped.

        False when no thread can be started: then somebody has to call it
        again. That is how a thread that died is replaced, too.
        """
        if self.running or self.stopped:
            return True
        with self._lock:
            return self.running or self._start()

    def wake(self) -> None:
        """Let the next turn be taken now."""
        self._woken.set()

    def stop(self, seconds: float = 10) -> bool:
        """End after the present turn; wait for that no longer than told.

        False when a turn goes on, or the thread is that of another process.
        """
        self._stopped.set()
        self._woken.set()
        if self._thread is None:
            return True
        if self._process not in (None, os.getpid()):
            return False
        self._thread.join(seconds)
        return not self._thread.is_alive()

    @property
    def running(self) -> bool:
        """Whether this process has the thread."""
        return self._process == os.getpid()

    @property
    def stopped(self) -> bool:
        """Whether a turn should come to its end."""
        return self._stopped.is_set()

    def _start(self) -> bool:
        process = os.getpid()
        thread = self._threads(target=self._run, name=self._name, daemon=True)
        before, self._process = self._process, process
        self._woken.set()
        try:
            thread.start()
        except RuntimeError as error:
            self._process = before
            if not self._lacking:
                LOG.error('%s does not start for now: %s', self._name, error)
            self._lacking = True
            return False
        self._thread = thread
        self._lacking = False
        return True

    def _run(self) -> None:
        seconds = 0.0
        try:
            while not self.stopped:
                self._woken.wait(seconds)
                self._woken.clear()
                if not self.stopped:
                    seconds = self._take_turn()
        finally:
            # Whoever needs the thread starts another one.
            self._process = None

    def _take_turn(self) -> float:
        try:
            return self._turn()
        except Exception:
            LOG.exception('%s goes on after an error', self._name)
            return _PAUSE


class Helpers:
    """Daemon threads that each do one thing, no more than so many at once."""

    def __init__(
        self,
        name: str,
        most: int,
        threads: aggext_threads.Factory = threading.Thread,
    ) -> None:
        self._name = name
        self._threads = threads
        self._free = threading.Semaphore(most)

    def start(self, work: Callable[[], None]) -> bool:
        """Begin to do something; False when nobody is free for it."""
        if not self._free.acquire(blocking=False):
            return False
        thread = self._threads(
            target=lambda: self._do(work), name=self._name, daemon=True
        )
        try:
            thread.start()
        except RuntimeError as error:
            self._free.release()
            LOG.warning('%s does not start: %s', self._name, error)
            return False
        return True

    def _do(self, work: Callable[[], None]) -> None:
        try:
            work()
        finally:
            self._free.release()
