# SPDX-License-Identifier: Apache-2.0
"""Old changes are forgotten, in no request."""

import datetime
import threading

import sqlalchemy as sa

from nova_aggext import services
from nova_aggext.db import feed
from nova_aggext.db import models
from nova_aggext.outbox import retention
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

    def step(self, days: int = 7) -> float:
        """Let a batch be forgotten; give the pause until the next one."""
        return retention.Retention(self.database, days).step()

    def test_old_changes_go(self) -> None:
        for days in (9, 7.1, 6.9):
            self.insert(days)
        self.assertEqual(retention.PAUSE, self.step())
        self.assertEqual(1, self.count())
        self.assertEqual(retention.INTERVAL, self.step())
        self.assertEqual(1, self.count())

    def test_zero_keeps_all(self) -> None:
        """There is no thread."""
        before = threading.active_count()
        kept = retention.Retention(self.database, 0)
        kept.start()
        self.assertEqual(before, threading.active_count())
        kept.stop()

    def test_thread(self) -> None:
        """It begins some time after the start, and ends when told."""
        self.insert(9)
        before = threading.active_count()
        made = retention.Retention(self.database, 7)
        made.start()
        self.assertEqual(before + 1, threading.active_count())
        made.stop()
        self.assertEqual(before, threading.active_count())
        self.assertEqual(1, self.count())

    def test_only_so_many_at_a_time(self) -> None:
        self.insert(9, feed.BATCH + 1)
        self.step()
        self.assertEqual(1, self.count())
        self.step()
        self.assertEqual(0, self.count())

    def test_no_write_forgets(self) -> None:
        """Requests have nothing to do with it."""
        conf = databases.Database()
        made = services.Services(self.useFixture(conf).conf)
        self.addCleanup(made.close)
        self.database = made.database
        self.insert(9999)
        self.insert(0)
        self.assertEqual(2, self.count())

    def test_failure(self) -> None:
        """It is logged, and tried again later."""
        self.database.write(
            lambda s: s.execute(sa.text('DROP TABLE aggext_changes'))
        )
        self.assertEqual(retention.INTERVAL, self.step())
        self.assertIn('Old changes are kept for now', self.log.output)
