# SPDX-License-Identifier: Apache-2.0
"""Rows that should not be."""

from typing import Any

import sqlalchemy as sa

from nova_aggext.db import audit
from nova_aggext.db import changes
from nova_aggext.db import locks
from nova_aggext.db import models
from nova_aggext.tests import base
from nova_aggext.tests import record
from nova_aggext.tests.functional import databases
from nova_aggext.tests.unit import stubs


class AuditTest(base.TestCase):
    """A database that something else wrote to, without foreign keys."""

    def setUp(self) -> None:
        super().setUp()
        fixture = self.useFixture(databases.Database())
        self.database = fixture.database
        # SQLite checks no foreign keys unless it is told to.
        self._engine = sa.create_engine(fixture.url)
        self.addCleanup(self._engine.dispose)

    def insert(self, table: sa.Table, *rows: dict[str, Any]) -> None:
        """Insert rows that nobody checks."""
        with self._engine.begin() as connection:
            connection.execute(sa.insert(table), list(rows))

    def aggregates(self, *ids: int) -> None:
        """Insert aggregates."""
        rows = [{'id': one, 'name': f'a{one}'} for one in ids]
        self.insert(models.aggregates, *rows)

    def hosts(self, *members: tuple[int, str]) -> None:
        """Insert hosts by aggregate."""
        rows = [{'aggregate_id': one, 'host': host} for one, host in members]
        self.insert(models.aggregate_hosts, *rows)

    def metadata(self, *items: tuple[int, str, str]) -> None:
        """Insert metadata by aggregate."""
        rows = [
            {'aggregate_id': one, 'key': key, 'value': value}
            for one, key, value in items
        ]
        self.insert(models.aggregate_metadata, *rows)

    def orphans(self) -> list[audit.Orphans]:
        return self.database.read(audit.list_orphans)

    def delete(self, found: audit.Orphans) -> None:
        who = stubs.caller(user_id='me')
        self.database.write(lambda s: audit.delete_orphans(s, who, found))

    def changes(self) -> list[changes.Change]:
        return self.database.read(record.every)

    def test_memberships_are_in_the_order_they_were_made(self) -> None:
        self.aggregates(1, 2)
        self.metadata(
            (1, 'availability_zone', 'z1'),
            (2, 'Availability_Zone', 'no zone'),
        )
        self.hosts((2, 'h1'), (1, 'h1'), (3, 'orphan'))
        self.assertEqual(
            [
                audit.Membership('h1', 2, None),
                audit.Membership('h1', 1, 'z1'),
            ],
            self.database.read(audit.list_memberships),
        )

    def test_no_orphans(self) -> None:
        self.aggregates(1)
        self.hosts((1, 'h1'))
        self.metadata((1, 'k', 'v'))
        self.assertEqual([], self.orphans())

    def test_orphans_are_gathered(self) -> None:
        self.aggregates(1)
        self.hosts((1, 'h1'), (3, 'h1'), (3, 'h2'))
        self.metadata((2, 'k', 'v'), (3, 'k', 'v'))
        self.assertEqual(
            [
                audit.Orphans(2, (), {'k': 'v'}, {}),
                audit.Orphans(3, ('h1', 'h2'), {'k': 'v'}, {}),
            ],
            self.orphans(),
        )

    def test_orphaned_annotations(self) -> None:
        self.aggregates(1)
        said = {'description': 'd\U0001f3e2', 'owner': None, 'protected': True}
        rows = [{'aggregate_id': one, **said} for one in (1, 2)]
        self.insert(models.annotations, *rows)
        (found,) = self.orphans()
        self.assertEqual(audit.Orphans(2, (), {}, said), found)
        self.delete(found)
        self.assertEqual([], self.orphans())
        (change,) = self.changes()
        self.assertEqual('d\U0001f3e2', change.before['description'])
        self.assertTrue(change.before['protected'])

    def test_orphans_are_deleted_and_recorded(self) -> None:
        self.hosts((2, 'h1'), (3, 'h1'))
        self.metadata((2, 'k', 'v'))
        first, second = self.orphans()
        self.delete(first)
        self.assertEqual([second], self.orphans())
        (change,) = self.changes()
        self.assertEqual('delete_orphans', change.operation)
        self.assertEqual('me', change.user_id)
        self.assertEqual(2, change.aggregate_id)
        self.assertEqual(['h1'], change.before['hosts'])
        self.assertEqual({'k': 'v'}, change.before['metadata'])
        self.assertEqual({}, change.after)

    def test_deleting_orphans_leaves_no_lock_row(self) -> None:
        self.metadata((2, 'k', 'v'))
        self.database.write(lambda s: locks.take(s, aggregates=[2]))
        self.delete(*self.orphans())
        rows = self.database.read(
            lambda s: s.execute(sa.select(models.locks)).all()
        )
        self.assertEqual([], rows)

    def test_rows_of_an_aggregate_that_is_there_again_stay(self) -> None:
        self.hosts((2, 'h1'))
        (found,) = self.orphans()
        self.aggregates(2)
        self.delete(found)
        self.assertEqual([], self.changes())
        (member,) = self.database.read(audit.list_memberships)
        self.assertEqual('h1', member.host)
