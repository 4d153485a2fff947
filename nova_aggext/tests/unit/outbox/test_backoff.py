# SPDX-License-Identifier: Apache-2.0
"""How long is waited for somebody who is away, and what is said of it."""

import fixtures

from nova_aggext.outbox import backoff
from nova_aggext.tests import base

LONGEST = 8


class BackoffTest(base.TestCase):
    """Time passes as it is told to."""

    def setUp(self) -> None:
        super().setUp()
        self.log = self.useFixture(fixtures.FakeLogger())
        self.now = 1000.0
        self.backoff = backoff.Backoff(LONGEST, lambda: self.now)

    def said(self) -> list[str]:
        """Give what was logged since the last time."""
        found = self.log.output.splitlines()
        self.log.reset_output()
        return found

    def miss(self, reason: str = 'gone') -> float:
        """Fail when the last wait is over; give how long to wait then."""
        self.now = max(self.now, self.backoff.until)
        self.backoff.failed(reason)
        return self.backoff.until - self.now

    def test_grows(self) -> None:
        """Each wait is at least as long as half of what it may be."""
        found = [self.miss() for _ in range(8)]
        most = [0.5, 1, 2, 4, 8, 8, 8, 8]
        for waited, longest in zip(found, most, strict=True):
            self.assertTrue(longest / 2 <= waited <= longest, str(found))

    def test_counted_once(self) -> None:
        """What failed at the same time is one failure."""
        for _ in range(20):
            self.backoff.failed('gone')
        self.assertTrue(self.backoff.until - self.now <= 0.5)

    def test_is_away(self) -> None:
        """Somebody is away until that is over, or not tried for long."""
        self.assertFalse(self.backoff.is_away)
        self.miss()
        self.assertTrue(self.backoff.is_away)
        self.backoff.succeeded()
        self.assertFalse(self.backoff.is_away)
        self.backoff.failed('gone')
        self.now = self.backoff.until + 3 * LONGEST - 0.1
        self.assertTrue(self.backoff.is_away)
        self.now += 0.2
        self.assertFalse(self.backoff.is_away)

    def test_said_once(self) -> None:
        """One line says so, and one that it is over."""
        for _ in range(5):
            self.miss()
        (line,) = self.said()
        self.assertIn('The outbox waits: gone', line)
        self.backoff.succeeded()
        self.backoff.succeeded()
        (line,) = self.said()
        self.assertIn('The outbox goes on after 5 attempts', line)
        self.assertEqual(0, self.backoff.until)
        self.assertTrue(self.miss() <= 0.5)
        self.assertEqual(1, len(self.said()))

    def test_said_again(self) -> None:
        """It is said again at growing intervals: half a day, 16 lines."""
        moments = []
        since = self.now
        while self.now < since + 43200:
            self.miss()
            moments += [self.now - since] * len(self.said())
        self.assertTrue(12 <= len(moments) <= 18, str(moments))
        gaps = [
            later - earlier
            for earlier, later in zip(moments, moments[1:], strict=False)
        ]
        self.assertTrue(60 <= gaps[0] <= 60 + LONGEST, str(gaps))
        self.assertTrue(3600 <= gaps[-1] <= 3600 + LONGEST, str(gaps))

    def test_another_reason(self) -> None:
        """Each reason is said once; not so many that they are no news."""
        for reason in ('refused', 'away', 'refused', 'away'):
            self.miss(reason)
        self.assertEqual(2, len(self.said()))
        for number in range(100):
            self.miss(str(number))
        self.assertTrue(len(self.said()) < 30)

    def test_unexpected(self) -> None:
        """An error of our own is said with its traceback."""
        try:
            raise KeyError('x')
        except KeyError as error:
            self.backoff.failed('an error', error)
        self.assertIn('Traceback', self.log.output)
