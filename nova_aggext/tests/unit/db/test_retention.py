# SPDX-License-Identifier: Apache-2.0
"""Old changes are forgotten after writes."""

import datetime

import sqlalchemy as sa

from nova_aggext.db import changes
from nova_aggext.db import database as db_database
from nova_aggext.db import models
from nova_aggext.db import retention
from nova_aggext.tests import base
from nova_aggext.tests.functional import databases


class RetentionTest(base.TestCase):
    """A database with changes of some days ago."""

    def setUp(self) -> None:
        super().setUp()
        self.database = self.useFixture(databases.Database()).database

    def insert(self, days: float, count: int = 1) -> None:
        """Insert changes of so many days ago."""
        now = datetime.datetime.now(datetime.UTC).replace(tzinfo=None)
        row = {
            'changed_at': now - datetime.timedelta(days=days),
            'operation': 'test',
            'aggregate_id': 1,
            'before': '{}',
            'after': '{}',
        }
        self.database.write(
            lambda s: s.execute(sa.insert(models.changes), [row] * count)
        )

    def count(self) -> int:
        """Count the changes that are left."""
        statement = sa.select(sa.func.count()).select_from(models.changes)
        return self.database.read(lambda s: s.scalar(statement)) or 0

    def start(self, days: int, interval: float = 0) -> None:
        retention.Retention(self.database, days, interval).start()

    def test_old_changes_go_with_the_next_write(self) -> None:
        self.insert(9)
        self.insert(7.1)
        self.start(7)
        self.assertEqual(2, self.count())
        self.insert(6.9)
        self.assertEqual(1, self.count())

    def test_zero_keeps_all(self) -> None:
        self.insert(9999)
        self.start(0)
        self.insert(0)
        self.assertEqual(2, self.count())

    def test_only_now_and_then(self) -> None:
        self.start(7, interval=9999)
        self.insert(9)
        self.insert(9)
        self.insert(0)
        self.assertEqual(2, self.count())

    def test_only_so_many_at_a_time(self) -> None:
        self.insert(9, changes.BATCH + 1)
        self.start(7)
        self.insert(0)
        self.assertEqual(2, self.count())
        self.insert(0)
        self.assertEqual(2, self.count())

    def test_not_in_the_transaction_of_the_write(self) -> None:
        self.insert(9)
        self.start(7)

        def work(session: db_database.Session) -> None:
            session.execute(sa.text('SELECT 1'))
            raise ArithmeticError

        self.assertRaises(ArithmeticError, self.database.write, work)
        self.assertEqual(1, self.count())

    def test_failure_is_not_that_of_the_write(self) -> None:
        self.database.write(
            lambda s: s.execute(sa.text('DROP TABLE aggext_changes'))
        )
        self.start(7)
        self.database.write(lambda s: s.execute(sa.text('SELECT 1')))
        self.assertIn('Old changes are kept for now', self.log.output)
        self.assertIn('aggext_changes', self.log.output)
