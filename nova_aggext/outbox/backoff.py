# SPDX-License-Identifier: Apache-2.0
"""How long to wait for somebody who is away, and how often to say so."""

import logging
import random
import threading
import time
from collections.abc import Callable

LOG = logging.getLogger(__name__)

_SHORTEST = 0.25
# Seconds until it is said again that somebody is away: at first, at most.
_SAY_AGAIN = 60.0
_SAY_SELDOM = 3600.0
# Longest pauses without an attempt after which nobody knows any more.
_FORGOTTEN = 3
# Reasons that are told apart while somebody is away.
_REASONS = 20


def seconds(failures: int, longest: float) -> float:
    """Give how long to wait after so many failures in a row."""
    most = min(_SHORTEST * 2 ** min(failures, 20), longest)
    return random.uniform(most / 2, most)


class Backoff:
    """What is known of somebody who may be away; safe for threads.

    It is logged when that changes, for what reason, and at growing intervals
    that it lasts.

    :ivar until: the moment of the clock until which nobody need try
    """

    def __init__(
        self, longest: float, clock: Callable[[], float] = time.monotonic
    ) -> None:
        """Take the most seconds to wait."""
        self.until = 0.0
        self._longest = longest
        self._clock = clock
        self._lock = threading.Lock()
        self._failures = 0
        self._since = 0.0
        self._say_at = 0.0
        self._interval = _SAY_AGAIN
        self._reasons: set[str] = set()

    @property
    def is_away(self) -> bool:
        """Whether somebody was away when it was last tried, not long ago."""
        known_until = self.until + _FORGOTTEN * self._longest
        return self._failures > 0 and self._clock() < known_until

    def failed(
        self, reason: str, unexpected: BaseException | None = None
    ) -> None:
        """Learn that somebody is away.

        Attempts that were under way together count once.

        :param unexpected: logged with its traceback, where it is said
        """
        with self._lock:
            now = self._clock()
            if not self._failures:
                self._since = now
            if not self._failures or now >= self.until:
                self._failures += 1
                self.until = now + seconds(self._failures, self._longest)
            if self._is_news(reason, now):
                LOG.warning(
                    'The outbox waits: %s (%s attempts in %d s)',
                    reason,
                    self._failures,
                    now - self._since,
                    exc_info=unexpected,
                )

    def succeeded(self) -> None:
        """Learn that somebody is there."""
        if not self._failures:
            return
        with self._lock:
            LOG.info(
                'The outbox goes on after %s attempts in %d s',
                self._failures,
                self._clock() - self._since,
            )
            self.until = 0.0
            self._failures = 0
            self._interval = _SAY_AGAIN
            self._reasons.clear()

    def _is_news(self, reason: str, now: float) -> bool:
        if reason not in self._reasons and len(self._reasons) < _REASONS:
            if not self._reasons:
                self._say_at = now + self._interval
            self._reasons.add(reason)
            return True
        if now < self._say_at:
            return False
        self._interval = min(2 * self._interval, _SAY_SELDOM)
        self._say_at = now + self._interval
        return True
