# SPDX-License-Identifier: Apache-2.0
"""A thread that does one thing again and again until it is stopped."""

import os
import threading
from collections.abc import Callable


class Worker:
    """A daemon thread.

    A turn is taken at the start, when woken, and after the time that the
    last turn asked for.
    """

    def __init__(self, name: str, turn: Callable[[], float]) -> None:
        """Take what to do.

        :param turn: does it, and gives the seconds until the next time
        """
        self._name = name
        self._turn = turn
        self._lock = threading.Lock()
        self._woken = threading.Event()
        self._stopped = threading.Event()
        self._thread: threading.Thread | None = None
        self._process: int | None = None

    def start(self) -> None:
        """Start the thread, unless this process has it already."""
        if self.running:
            return
        with self._lock:
            if not self.running:
                self._process = os.getpid()
                self._woken.set()
                self._thread = threading.Thread(
                    target=self._run, name=self._name, daemon=True
                )
                self._thread.start()

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
        self._thread.join(seconds)
        return self.running and not self._thread.is_alive()

    @property
    def running(self) -> bool:
        """Whether this process has the thread."""
        return self._process == os.getpid()

    @property
    def stopped(self) -> bool:
        """Whether a turn should come to its end."""
        return self._stopped.is_set()

    def _run(self) -> None:
        seconds = 0.0
        while not self.stopped:
            self._woken.wait(seconds)
            self._woken.clear()
            if not self.stopped:
                seconds = self._turn()
