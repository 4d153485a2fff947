# SPDX-License-Identifier: Apache-2.0
"""When what failed is tried again."""

import sqlite3

from sqlalchemy import exc as sa_exc

from nova_aggext.db import failures
from nova_aggext.db import retries
from nova_aggext.tests import base

Kind = failures.Kind
ERROR = Exception()
BUSY = sa_exc.OperationalError(
    'UPDATE t', {}, sqlite3.OperationalError('database is locked')
)


class Clock:
    """A clock that a test sets."""

    def __init__(self) -> None:
        self.now = 0.0

    def __call__(self) -> float:
        """Give the time."""
        return self.now


class TriesTest(base.TestCase):
    """One transaction."""

    def setUp(self) -> None:
        super().setUp()
        self.clock = Clock()

    def tries(
        self, start: retries.Start | None = None, most: int = 2
    ) -> retries.Tries:
        """Begin; nobody waits for the server unless told so."""
        start = start or retries.Start(0, 0)
        return retries.Tries(start, most, self.clock)

    def test_lost_races(self) -> None:
        tries = self.tries()
        for _ in range(2):
            pause = tries.pause(ERROR, Kind.RACE)
            self.assertTrue(pause is not None and 0 <= pause <= 1)
        self.assertIsNone(tries.pause(ERROR, Kind.RACE))

    def test_lost_too_late(self) -> None:
        tries = self.tries()
        self.clock.now = retries.MAX_RETRY_SECONDS
        self.assertIsNone(tries.pause(ERROR, Kind.RACE))

    def test_a_file_that_is_busy(self) -> None:
        """SQLite fails at once, where it would wait in vain."""
        self.assertIsNotNone(self.tries().pause(BUSY, Kind.RACE))
        tries = self.tries()
        self.clock.now = 20
        self.assertIsNone(tries.pause(BUSY, Kind.RACE))

    def test_not_tried_again(self) -> None:
        for kind in (Kind.LATE, Kind.AWAY, Kind.READ_ONLY, Kind.LASTING):
            self.assertIsNone(self.tries().pause(ERROR, kind))

    def test_a_connection_that_had_broken(self) -> None:
        tries = self.tries()
        self.assertEqual(0, tries.pause(ERROR, Kind.BROKEN))
        self.assertIsNone(tries.pause(ERROR, Kind.BROKEN))

    def test_a_commit_without_answer(self) -> None:
        tries = self.tries(retries.Start(9, 1))
        tries.committing = True
        self.assertIsNone(tries.pause(ERROR, Kind.BROKEN))

    def test_who_waited_for_an_answer_does_not_wait_again(self) -> None:
        tries = self.tries()
        self.clock.now = 3
        self.assertIsNone(tries.pause(ERROR, Kind.BROKEN))


class StartTest(TriesTest):
    """The first use of a database."""

    def pauses(self, start: retries.Start) -> list[float | None]:
        """Give what one transaction pauses while nobody is there."""
        tries = self.tries(start)
        return [tries.pause(ERROR, Kind.BROKEN) for _ in range(6)]

    def test_attempts(self) -> None:
        start = retries.Start(3, 10)
        # Then as ever: a connection may have broken.
        self.assertEqual([10, 10, 0, None, None, None], self.pauses(start))

    def test_what_is_waited_does_not_add_up(self) -> None:
        start = retries.Start(3, 10)
        self.pauses(start)
        self.assertEqual([0] + [None] * 5, self.pauses(start))

    def test_no_limit(self) -> None:
        self.assertEqual([10] * 6, self.pauses(retries.Start(-1, 10)))

    def test_over(self) -> None:
        for attempts in (3, -1):
            start = retries.Start(attempts, 10)
            start.is_over = True
            self.assertEqual([0] + [None] * 5, self.pauses(start))

    def test_what_an_operator_must_mend_is_not_waited_for(self) -> None:
        tries = self.tries(retries.Start(3, 10))
        self.assertIsNone(tries.pause(ERROR, Kind.LASTING))
