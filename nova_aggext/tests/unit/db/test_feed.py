# SPDX-License-Identifier: Apache-2.0
"""Positions: given after the commit, forgotten with their changes."""

import dataclasses
import datetime
from typing import Any

import fixtures
import sqlalchemy as sa

from nova_aggext.db import change_sets
from nova_aggext.db import feed
from nova_aggext.db import models
from nova_aggext.tests import base
from nova_aggext.tests import record
from nova_aggext.tests.functional import databases
from nova_aggext.tests.unit.db import test_change_sets

MOMENT = datetime.datetime(2026, 1, 2)
DAY = datetime.timedelta(days=1)


class FeedTest(base.TestCase):
    """An empty record, two rows at a time."""

    def setUp(self) -> None:
        super().setUp()
        self.database = self.useFixture(databases.Database()).database
        self.useFixture(fixtures.MonkeyPatch('nova_aggext.db.feed.BATCH', 2))

    def insert(self, *ids: str | None, days: int = 0) -> None:
        """Insert rows of changes, so many days after a moment."""
        row = {
            'changed_at': MOMENT + days * DAY,
            'operation': 'test',
            'aggregate_id': 1,
            'before': '{}',
            'after': '{}',
        }
        self.database.write(
            lambda s: s.execute(
                sa.insert(models.changes),
                [{**row, 'change_id': one} for one in ids],
            )
        )

    def insert_set(self, name: str, days: int = 0) -> None:
        """Insert what was asked for by a change."""
        one = dataclasses.replace(
            test_change_sets.ONE, id=name, changed_at=MOMENT + days * DAY
        )
        self.database.write(lambda s: change_sets.insert(s, one))

    def positions(self) -> list[Any]:
        """Read ids and positions of all rows."""
        found = self.database.read(record.every)
        return [(one.change_id, one.position) for one in found]

    def bounds(self) -> tuple[int, int]:
        """Read how far the feed reaches."""
        return self.database.read(lambda s: (feed.oldest(s), feed.head(s)))

    def sets(self) -> set[str]:
        """Read which requests are kept."""
        return self.database.read(
            lambda s: set(s.scalars(sa.select(models.change_sets.c.id)))
        )

    def test_empty(self) -> None:
        self.assertEqual(0, self.database.write(feed.number))
        self.assertEqual((0, 0), self.bounds())
        self.assertEqual('x', feed.read(self.database, lambda s: 'x'))

    def test_number_in_batches(self) -> None:
        self.insert(None, None, None)
        counts = [self.database.write(feed.number) for _ in range(3)]
        self.assertEqual([2, 1, 0], counts)
        self.assertEqual([(None, 1), (None, 2), (None, 3)], self.positions())
        self.assertEqual((0, 3), self.bounds())

    def test_all_rows_of_a_change(self) -> None:
        """However a batch cuts it, and whatever lies between."""
        self.insert('a', 'b', None, 'a', 'b', 'a')
        self.assertEqual(5, self.database.write(feed.number))
        self.assertEqual(1, self.database.write(feed.number))
        self.assertEqual(
            [('a', 1), ('b', 2), (None, 3), ('a', 1), ('b', 2), ('a', 1)],
            self.positions(),
        )

    def test_late_commit(self) -> None:
        """A smaller sequence that is committed later comes later."""
        self.insert(None)
        self.database.write(feed.number)
        self.database.write(
            lambda s: s.execute(
                sa.text('UPDATE aggext_changes SET sequence=9')
            )
        )
        self.database.write(
            lambda s: s.execute(
                sa.text(
                    'INSERT INTO aggext_changes (sequence, changed_at, '
                    'operation, aggregate_id, "before", "after") '
                    "VALUES (3, '2026-01-01 00:00:00', 'test', 1, '', '')"
                )
            )
        )
        self.database.write(feed.number)
        numbers = sa.select(models.changes.c.sequence).order_by(
            models.changes.c.position
        )
        self.assertEqual(
            [9, 3], self.database.read(lambda s: list(s.scalars(numbers)))
        )

    def test_read_numbers_first(self) -> None:
        self.insert(None, None, None)
        self.assertEqual(3, feed.read(self.database, feed.head))
        self.assertEqual(3, feed.read(self.database, feed.head))

    def test_read_does_not_number_for_ever(self) -> None:
        self.useFixture(fixtures.MonkeyPatch('nova_aggext.db.feed.BATCHES', 2))
        self.insert(*[None] * 7)
        self.assertEqual(4, feed.read(self.database, feed.head))
        self.assertEqual(7, feed.read(self.database, feed.head))

    def forget(self, days: int) -> int:
        """Forget what was so many days after the moment."""
        return self.database.write(
            lambda s: feed.forget(s, MOMENT + days * DAY)
        )

    def test_forget_in_batches(self) -> None:
        self.insert(None, None, None, days=0)
        self.insert(None, days=1)
        feed.read(self.database, feed.head)
        self.assertEqual([2, 1, 0], [self.forget(1) for _ in range(3)])
        self.assertEqual([(None, 4)], self.positions())
        self.assertEqual((3, 4), self.bounds())

    def test_forget_whole_changes(self) -> None:
        self.insert('a', None, 'a', 'a')
        self.insert_set('a')
        self.insert_set('of no effect')
        self.insert_set('later', 5)
        feed.read(self.database, feed.head)
        self.assertEqual(4, self.forget(1))
        self.assertEqual([], self.positions())
        self.assertEqual({'later'}, self.sets())
        self.assertEqual((2, 2), self.bounds())

    def test_forget_keeps_what_was_asked_for(self) -> None:
        """As long as a row of it is kept."""
        self.insert('a', days=3)
        self.insert_set('a')
        feed.read(self.database, feed.head)
        self.assertEqual(0, self.forget(1))
        self.assertEqual({'a'}, self.sets())

    def test_forget_nothing_without_position(self) -> None:
        self.insert(None)
        self.assertEqual(0, self.forget(1))
        self.assertEqual([(None, None)], self.positions())

    def test_numbers_go_on_after_all_is_forgotten(self) -> None:
        self.insert(None)
        feed.read(self.database, feed.head)
        self.forget(1)
        self.insert(None)
        feed.read(self.database, feed.head)
        self.assertEqual([(None, 2)], self.positions())
        self.assertEqual((1, 2), self.bounds())

    def test_oldest_never_goes_back(self) -> None:
        """Also where an older change has a greater position."""
        self.insert(None, days=5)
        self.insert(None, days=0)
        self.insert(None, days=9)
        feed.read(self.database, feed.head)
        self.forget(1)
        self.assertEqual((2, 3), self.bounds())
        self.forget(6)
        self.assertEqual((2, 3), self.bounds())
        self.assertEqual([(None, 3)], self.positions())
