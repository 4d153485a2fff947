# SPDX-License-Identifier: Apache-2.0
"""Threads where there may be none left."""

import threading
from collections.abc import Callable


class Threads:
    """Makes threads, of which the first ones do not start.

    :ivar lacking: how many do not
    :ivar made: those that do
    """

    def __init__(self, lacking: int = 0) -> None:
        self.lacking = lacking
        self.made: list[threading.Thread] = []

    def __call__(
        self, *, target: Callable[[], None], name: str, daemon: bool
    ) -> threading.Thread:
        """Make one."""
        if self.lacking:
            self.lacking -= 1
            return _Missing(name=name)
        thread = threading.Thread(target=target, name=name, daemon=daemon)
        self.made.append(thread)
        return thread


class _Missing(threading.Thread):
    """A thread for which there is no room."""

    def start(self) -> None:
        """Fail as the standard library does."""
        raise RuntimeError("can't start new thread")
