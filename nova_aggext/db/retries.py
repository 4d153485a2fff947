# SPDX-License-Identifier: Apache-2.0
"""When what failed on a database is tried again."""

import itertools
import random
import time
from collections.abc import Callable
from collections.abc import Iterator

from nova_aggext.db import engines
from nova_aggext.db import failures

Clock = Callable[[], float]
Kind = failures.Kind

# A transaction that lost against another one is tried again this often, and
# not when it failed later than so many seconds after the first try began.
MAX_RETRIES = 30
MAX_RETRY_SECONDS = 30

# A connection that broke while it was idle fails within so many seconds. Who
# waited longer waited for a server, and is not to wait as long again.
_SOON = 2

_FIRST_PAUSE = 0.02
_LONGEST_PAUSE = 1.0


class Start:
    """How long the first use of a database waits for its server.

    One for all threads, so that what a process waits does not add up.

    :ivar is_over: set when the server was there; nobody waits then
    """

    def __init__(self, attempts: int, interval: float) -> None:
        """Take how often to connect.

        :param attempts: -1 for no limit
        :param interval: seconds between two of them
        """
        self.is_over = False
        self._attempts: Iterator[int] = iter(range(1, attempts))
        if attempts < 0:
            self._attempts = itertools.count()
        self._interval = interval

    def pause(self) -> float | None:
        """Give the seconds until the next attempt; None when it is over."""
        if self.is_over or next(self._attempts, None) is None:
            return None
        return self._interval


class Tries:
    """Decides whether a transaction that failed is tried again.

    :ivar committing: set when the commit began
    """

    def __init__(
        self,
        start: Start,
        most: int = MAX_RETRIES,
        clock: Clock = time.monotonic,
    ) -> None:
        """Begin the first try.

        :param most: how often a lost one is tried again
        """
        self.committing = False
        self._start = start
        self._left = most
        self._clock = clock
        self._was_lost = False
        self._longest = _FIRST_PAUSE
        self._since = clock()
        self._deadline = self._since + MAX_RETRY_SECONDS

    def pause(self, error: BaseException, kind: Kind) -> float | None:
        """Give the seconds until the next try, which begins then.

        None when there is none.
        """
        committing, self.committing = self.committing, False
        lasted = self._clock() - self._since
        pause = self._pause(error, kind, lasted, committing)
        self._since = self._clock() + (pause or 0)
        return pause

    def _pause(
        self,
        error: BaseException,
        kind: Kind,
        lasted: float,
        committing: bool,
    ) -> float | None:
        if kind in failures.OF_SERVERS and not committing:
            pause = self._start.pause()
            if pause is not None:
                return pause
        if kind is Kind.BROKEN:
            # A commit whose answer was lost may have been done.
            again = not (self._was_lost or committing or lasted > _SOON)
            self._was_lost = True
            return 0 if again else None
        if kind is Kind.RACE:
            return self._pause_of_race(error, lasted)
        return None

    def _pause_of_race(
        self, error: BaseException, lasted: float
    ) -> float | None:
        waited = (
            failures.is_sqlite_busy(error) and lasted >= engines.SQLITE_TIMEOUT
        )
        if waited or not self._left or self._clock() >= self._deadline:
            return None
        self._left -= 1
        self._longest = min(2 * self._longest, _LONGEST_PAUSE)
        return random.uniform(0, self._longest)
