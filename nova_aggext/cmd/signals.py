# SPDX-License-Identifier: Apache-2.0
"""Signals of a process that works until it is told to end.

They are those of the services of OpenStack: SIGTERM and SIGINT end it, SIGHUP
lets it read its configuration anew, SIGUSR2 lets it say what it is doing:
where each thread is at once, and a report when it comes to that.
"""

import enum
import faulthandler
import queue
import signal


class Wish(enum.Enum):
    """What a signal asks for."""

    END = 'end'
    RELOAD = 'reload'
    REPORT = 'report'


_WISHES = {
    signal.SIGTERM: Wish.END,
    signal.SIGINT: Wish.END,
    signal.SIGHUP: Wish.RELOAD,
    signal.SIGUSR2: Wish.REPORT,
}


def show_threads() -> None:
    """Let SIGUSR2 show where each thread is, also in a process that hangs.

    On standard error; what was to be done before follows.
    """
    faulthandler.register(signal.SIGUSR2, all_threads=True, chain=True)


class Signals:
    """Takes the signals of this process, and keeps what they ask for."""

    def __init__(self) -> None:
        self._asked: queue.SimpleQueue[Wish] = queue.SimpleQueue()
        for number in _WISHES:
            signal.signal(number, self._ask)
        show_threads()

    def wait(self, seconds: float) -> Wish | None:
        """Give what is asked for next; None when nothing is in that time."""
        try:
            return self._asked.get(timeout=seconds)
        except queue.Empty:
            return None

    def _ask(self, number: int, _frame: object) -> None:
        self._asked.put(_WISHES[signal.Signals(number)])
