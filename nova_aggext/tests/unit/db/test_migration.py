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
        """Those that its database lacks are not made."""
        self._execute('CREATE TABLE cell_mappings (id INTEGER)')
        self._execute('CREATE TABLE aggregates (mine INTEGER)')
        migration.sync(self.database)
        self._execute('INSERT INTO aggregates (mine) VALUES (1)')
        self.assertNotIn('aggregate_hosts', self._tables())

    def test_missing_table_is_made(self) -> None:
        """Whatever version the schema says to be in."""
        for name in ('aggregate_hosts', 'aggext_changes'):
            migration.sync(self.database)
            self._execute(f'DROP TABLE {name}')
        migration.sync(self.database)
        schema.require_current(self.database)
        schema.require_nova_columns(self.database)

    def _set_version(self, *versions: str) -> None:
        """Let the schema say that it is in a version."""
        self._execute(f'DELETE FROM {schema.VERSIONS.name}')
        for one in versions:
            self._execute(
                f"INSERT INTO {schema.VERSIONS.name} VALUES ('{one}')"
            )

    def test_require_current(self) -> None:
        text = self._refused(schema.require_current)
        self.assertIn('nova-aggext-manage db sync', text)
        migration.sync(self.database)
        schema.require_current(self.database)
        for other in ('0001', 'x', ''):
            self._set_version(other)
            text = self._refused(schema.require_current)
            self.assertIn(f'version {other},', text)
            self.assertIn('nova-aggext-manage db sync', text)
        migration.sync(self.database)
        self.assertEqual(schema.newest(), schema.version(self.database))

    def test_newer_release(self) -> None:
        """What a newer one made is right as long as nothing is missing."""
        migration.sync(self.database)
        self._set_version('9999')
        self._execute('ALTER TABLE aggext_changes ADD COLUMN later INTEGER')
        schema.require_current(self.database)
        migration.sync(self.database)
        self.assertEqual('9999', schema.version(self.database))
        self._execute('ALTER TABLE aggext_changes DROP COLUMN user_id')
        text = self._refused(schema.require_current)
        self.assertIn('lacks in aggext_changes user_id', text)

    def test_two_versions(self) -> None:
        """What two that synced at the same time left is put right."""
        migration.sync(self.database)
        self._set_version('0001', schema.newest())
        schema.require_current(self.database)
        migration.sync(self.database)
        found = sa.select(schema.VERSIONS.c.version_num)
        self.assertEqual(
            [schema.newest()],
            self.database.read(lambda s: list(s.scalars(found))),
        )

    def test_every_own_table_and_column(self) -> None:
        """A version that says all is there is not believed."""
        migration.sync(self.database)
        for table in models.OWN_TABLES:
            self._execute(f'ALTER TABLE {table.name} RENAME TO hidden')
            text = self._refused(schema.require_current)
            self.assertIn(f'lacks the table {table.name}', text)
            self._execute(f'ALTER TABLE hidden RENAME TO {table.name}')
            column = table.columns.keys()[-1]
            rename = f'ALTER TABLE {table.name} RENAME COLUMN'
            self._execute(f'{rename} "{column}" TO hidden')
            text = self._refused(schema.require_current)
            self.assertIn(f'lacks in {table.name} {column}', text)
            self._execute(f'{rename} hidden TO "{column}"')
        schema.require_current(self.database)

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
