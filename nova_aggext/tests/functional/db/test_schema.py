# SPDX-License-Identifier: Apache-2.0
"""Migrations on real databases."""

import sqlalchemy as sa
import testscenarios

from nova_aggext import exception
from nova_aggext.db import migration
from nova_aggext.db import schema
from nova_aggext.db import models
from nova_aggext.tests import base
from nova_aggext.tests.functional import databases
from nova_aggext.tests.functional.db import schemas

load_tests = testscenarios.load_tests_apply_scenarios

NOVA = {table.name for table in models.NOVA_TABLES}
OURS = {table.name for table in models.OWN_TABLES}
HISTORY = {schema.VERSIONS.name}

# What is in the tables of a Nova that was there first.
ROWS = (
    "INSERT INTO aggregates (id, uuid, name) VALUES (7, 'u', 'rack1')",
    "INSERT INTO aggregate_hosts (id, aggregate_id, host) VALUES (1, 7, 'c1')",
    'INSERT INTO aggregate_metadata VALUES '
    "(NULL, NULL, 1, 7, 'availability_zone', 'east')",
)


class SchemaTest(base.TestCase):
    """Migrations on each database."""

    scenarios = [(kind, {'kind': kind}) for kind in databases.KINDS]
    kind: str

    def setUp(self) -> None:
        super().setUp()
        self.db = self.useFixture(databases.Database(self.kind, synced=False))
        self.engine = sa.create_engine(self.db.url)
        self.addCleanup(self.engine.dispose)

    def described(self) -> dict[str, schemas.Table]:
        """Describe the tables as they are."""
        with self.engine.connect() as connection:
            return schemas.describe(connection)

    def execute(self, *statements: str) -> None:
        """Run statements in one transaction."""
        with self.engine.begin() as connection:
            for statement in statements:
                connection.execute(sa.text(statement))

    def rows(self) -> list[list[tuple[object, ...]]]:
        """Read all that is in Nova's tables."""
        with self.engine.connect() as connection:
            return [
                [tuple(row) for row in connection.execute(statement)]
                for name in sorted(NOVA)
                for statement in [sa.text(f'SELECT * FROM {name}')]
            ]

    def make_nova_tables(self) -> None:
        """Make Nova's tables, with rows, as a Nova does."""
        if self.kind == 'mysql':
            self.execute(*schemas.NOVA_MARIADB.values())
        else:
            self.execute(*schemas.NOVA_ELSEWHERE)
        self.execute(*ROWS)

    def test_empty_database_has_no_version(self) -> None:
        self.assertIsNone(schema.version(self.db.database))
        error = self.assertRaises(
            exception.ConfigurationError,
            schema.require_current,
            self.db.database,
        )
        self.assertIn('nova-aggext-manage db sync', str(error))
        self.assertEqual({}, self.described())

    def test_sync_of_an_empty_database(self) -> None:
        migration.sync(self.db.database)
        self.assertEqual(NOVA | OURS | HISTORY, set(self.described()))
        self.assertEqual(schema.newest(), schema.version(self.db.database))
        schema.require_current(self.db.database)
        schema.require_nova_columns(self.db.database)

    def test_sync_twice(self) -> None:
        migration.sync(self.db.database)
        self.execute(*ROWS)
        before = self.described(), self.rows()
        migration.sync(self.db.database)
        self.assertEqual(before, (self.described(), self.rows()))

    def test_models_are_what_migrations_make(self) -> None:
        migration.sync(self.db.database)
        other = self.useFixture(databases.Database(self.kind, synced=False))
        engine = sa.create_engine(other.url)
        self.addCleanup(engine.dispose)
        models.METADATA.create_all(engine)
        with engine.connect() as connection:
            wanted = schemas.describe(connection)
        found = self.described()
        self.assertEqual(HISTORY, set(found) - set(wanted))
        for name in wanted:
            self.assertEqual(wanted[name], found[name], name)

    def test_nova_tables_are_left_alone(self) -> None:
        self.make_nova_tables()
        before, rows = self.described(), self.rows()
        self.assertEqual(NOVA, set(before))
        migration.sync(self.db.database)
        after = self.described()
        self.assertEqual(OURS | HISTORY, set(after) - NOVA)
        self.assertEqual(before, {name: after[name] for name in NOVA})
        self.assertEqual(rows, self.rows())
        schema.require_nova_columns(self.db.database)

    def test_too_old_nova_is_told(self) -> None:
        migration.sync(self.db.database)
        self.execute('ALTER TABLE aggregate_hosts RENAME COLUMN host TO node')
        error = self.assertRaises(
            exception.ConfigurationError,
            schema.require_nova_columns,
            self.db.database,
        )
        self.assertIn('in aggregate_hosts host', str(error))

    def test_missing_nova_table_is_told(self) -> None:
        migration.sync(self.db.database)
        self.execute('DROP TABLE aggregate_metadata')
        error = self.assertRaises(
            exception.ConfigurationError,
            schema.require_nova_columns,
            self.db.database,
        )
        self.assertIn('the table aggregate_metadata', str(error))


class MariaDBTest(base.TestCase):
    """What only MariaDB can tell."""

    def texts(self, default: str) -> dict[str, list[str]]:
        """Make tables in a database of a default charset; show them."""
        db = self.useFixture(databases.Database('mysql', synced=False))
        engine = sa.create_engine(db.url)
        self.addCleanup(engine.dispose)
        with engine.begin() as connection:
            connection.execute(sa.text(f'ALTER DATABASE {default}'))
        migration.sync(db.database)
        with engine.connect() as connection:
            found = schemas.describe(connection)
        return {name: table['text'] for name, table in found.items()}

    def test_tables_are_as_nova_makes_them(self) -> None:
        """Down to the names of keys, whatever the database's defaults."""
        for default in ('CHARACTER SET utf8mb4', 'CHARACTER SET latin1'):
            found = self.texts(default)
            for name, wanted in schemas.NOVA_MARIADB.items():
                self.assertEqual(schemas.lines(wanted), found[name])

    def test_our_tables_compare_byte_for_byte(self) -> None:
        found = self.texts('CHARACTER SET utf8mb4')
        for name in OURS:
            text = '\n'.join(found[name])
            self.assertIn('ENGINE=InnoDB', text)
            self.assertIn('COLLATE=utf8mb3_bin', text)
            self.assertNotIn('general_ci', text)
