# SPDX-License-Identifier: Apache-2.0
"""The schema and its version."""

from typing import Any

import sqlalchemy as sa

from nova_aggext import exception
from nova_aggext.db import migration
from nova_aggext.db import schema
from nova_aggext.db import models
from nova_aggext.tests import base
from nova_aggext.tests.functional import databases


class MigrationTest(base.TestCase):
    """An empty database of SQLite."""

    def setUp(self) -> None:
        super().setUp()
        fixture = self.useFixture(databases.Database(synced=False))
        self.database = fixture.database

    def _tables(self) -> set[str]:
        def work(session: Any) -> set[str]:
            return set(sa.inspect(session).get_table_names())

        return self.database.read(work)

    def _execute(self, statement: str) -> None:
        self.database.write(lambda s: s.execute(sa.text(statement)))

    def _refused(self, check: Any) -> str:
        error = self.assertRaises(
            exception.ConfigurationError, check, self.database
        )
        return str(error)

    def test_sync(self) -> None:
        self.assertIsNone(schema.version(self.database))
        for _ in range(2):
            migration.sync(self.database)
            self.assertEqual(schema.newest(), schema.version(self.database))
        wanted = {table.name for table in models.METADATA.sorted_tables}
        self.assertEqual(
            wanted | {schema.VERSIONS.name},
            {name for name in self._tables() if 'sqlite' not in name},
        )

    def test_tables_of_nova_are_left_alone(self) -> None:
        self._execute('CREATE TABLE aggregates (mine INTEGER)')
        migration.sync(self.database)
        self._execute('INSERT INTO aggregates (mine) VALUES (1)')
        self.assertNotIn('aggregate_hosts', self._tables())

    def test_require_current(self) -> None:
        text = self._refused(schema.require_current)
        self.assertIn('nova-aggext-manage db sync', text)
        migration.sync(self.database)
        schema.require_current(self.database)
        self._execute(f"UPDATE {schema.VERSIONS.name} SET version_num = 'x'")
        text = self._refused(schema.require_current)
        self.assertIn('version x', text)

    def test_require_nova_tables(self) -> None:
        check = schema.require_nova_tables
        self.assertIn('"nova-manage api_db sync" first', self._refused(check))
        migration.sync(self.database)
        check(self.database)
        self._execute('DROP TABLE aggregate_metadata')
        self.assertIn('aggregate_metadata', self._refused(check))

    def test_require_nova_columns(self) -> None:
        check = schema.require_nova_columns
        self.assertIn('the table aggregates', self._refused(check))
        migration.sync(self.database)
        check(self.database)
        self._execute('ALTER TABLE aggregate_hosts DROP COLUMN updated_at')
        text = self._refused(check)
        self.assertIn('in aggregate_hosts updated_at', text)
