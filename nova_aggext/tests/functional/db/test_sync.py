# SPDX-License-Identifier: Apache-2.0
"""``db sync`` that is killed, and many of them at once."""

from collections.abc import Callable
import concurrent.futures
import os
import subprocess
import sys
import threading
import time
from typing import Any

import sqlalchemy as sa
from sqlalchemy import exc as sa_exc
from testtools import matchers
import testscenarios

from nova_aggext import exception
from nova_aggext.db import additions
from nova_aggext.db import database as db_database
from nova_aggext.db import migration
from nova_aggext.db import models
from nova_aggext.db import schema
from nova_aggext.tests import base
from nova_aggext.tests import record
from nova_aggext.tests.functional import databases
from nova_aggext.tests.functional.db import older
from nova_aggext.tests.functional.db import schemas

load_tests = testscenarios.load_tests_apply_scenarios

# More than there are tables and indexes.
MOST = 50
SECONDS = 180


class Killed(BaseException):
    """The process ends here, as far as its database can tell."""


class Engine:
    """What a sync takes for a database; a connection breaks if it raises."""

    def __init__(self, url: str, **listeners: Callable[..., None]) -> None:
        self.engine = sa.create_engine(url, poolclass=sa.NullPool)
        for name, listener in listeners.items():
            sa.event.listen(self.engine, name, listener)

    def alter(self, work: Callable[[sa.Connection], None]) -> None:
        """Run it in a transaction."""
        with self.engine.connect() as connection:
            try:
                work(connection)
                connection.commit()
            except BaseException:
                connection.invalidate()
                raise


def command(conf_file: str) -> list[str]:
    """Give the command that syncs."""
    program = os.path.join(
        os.path.dirname(sys.executable), 'nova-aggext-manage'
    )
    return [program, '--config-file', conf_file, 'db', 'sync']


class SyncTest(base.TestCase):
    """On each database, an empty one."""

    scenarios = [(kind, {'kind': kind}) for kind in databases.KINDS]
    kind: str

    def setUp(self) -> None:
        super().setUp()
        self.db = self.useFixture(databases.Database(self.kind, synced=False))
        self.engine = sa.create_engine(self.db.url, poolclass=sa.NullPool)

    def described(self) -> dict[str, schemas.Table]:
        """Describe the tables as they are."""
        with self.engine.connect() as connection:
            return schemas.describe(connection)

    def check_whole(self) -> None:
        """See that nothing is missing, and that all is said to be there."""
        other = self.useFixture(databases.Database(self.kind, synced=False))
        migration.sync(other.database)
        engine = sa.create_engine(other.url, poolclass=sa.NullPool)
        with engine.connect() as connection:
            self.assertEqual(schemas.describe(connection), self.described())
        schema.require_current(self.db.database)
        schema.require_nova_columns(self.db.database)
        with self.engine.connect() as connection:
            versions = connection.scalars(sa.select(schema.VERSIONS))
            self.assertEqual([schema.newest()], list(versions))

    def killed(self, number: int) -> bool:
        """Sync until so many tables and indexes are made; were there any?"""
        left = iter(range(number - 1, -1, -1))

        def count(_c: Any, _cursor: Any, statement: str, *_: Any) -> None:
            if statement.split()[0] == 'CREATE' and not next(left):
                raise Killed

        dying: Any = Engine(self.db.url, after_cursor_execute=count)
        try:
            migration.sync(dying)
        except Killed:
            return True
        return False

    def test_killed_at_each_statement(self) -> None:
        """No server starts on what it leaves; the next one goes on."""
        for number in range(1, MOST):
            # PostgreSQL takes everything back each time.
            if not self.killed(number if self.kind == 'postgresql' else 1):
                break
            if self.kind == 'postgresql':
                self.assertEqual({}, self.described())
            elif schema.version(self.db.database) is None:
                self.assertRaises(
                    exception.ConfigurationError,
                    schema.require_current,
                    self.db.database,
                )
        made = len(models.METADATA.tables) + 1
        self.assertThat(number, matchers.GreaterThan(made))
        self.assertThat(number, matchers.LessThan(MOST - 1))
        self.check_whole()

    def make_older(self) -> None:
        """Go back to what was there before the feed, with some rows."""
        migration.sync(self.db.database)
        older.go_back(self.engine)
        for _ in range(3):
            self.record()

    def record(self) -> None:
        """Record a change as the release before does."""
        with self.engine.begin() as connection:
            connection.execute(sa.text(older.row(self.engine.dialect.name)))

    def test_older_schema(self) -> None:
        """It gets what it lacks, and keeps its rows."""
        self.make_older()
        migration.sync(self.db.database)
        self.check_whole()
        found = self.db.database.read(record.every)
        self.assertEqual(
            [(None, None)] * 3,
            [(one.change_id, one.position) for one in found],
        )

    def test_older_schema_by_four_at_once(self) -> None:
        self.make_older()
        self.test_four_at_once()

    def test_writers_of_the_older_release(self) -> None:
        """They go on with the statements that they know."""
        migration.sync(self.db.database)
        self.record()
        found = self.db.database.read(record.every)
        self.assertEqual(['test'], [one.operation for one in found])

    def test_four_at_once(self) -> None:
        """All of them end well."""
        opened = [db_database.Database(self.db.conf) for _ in range(4)]
        with concurrent.futures.ThreadPoolExecutor(4) as pool:
            list(pool.map(migration.sync, opened))
        for one in opened:
            one.close()
        self.check_whole()


class PostgreSQLTest(base.TestCase):
    """Where an index that is made beside writers may be left half made."""

    def setUp(self) -> None:
        super().setUp()
        self.db = self.useFixture(databases.Database('postgresql'))
        self.engine = sa.create_engine(self.db.url, poolclass=sa.NullPool)

    def usable(self, name: str) -> bool:
        """Say whether an index was made to its end."""
        with self.engine.connect() as connection:
            return additions.is_usable(connection, name)

    def test_half_an_index(self) -> None:
        """It is made again, and no version says before that it is there."""
        name = 'aggext_changes_position_idx'
        with self.engine.begin() as connection:
            connection.execute(sa.text(f'DROP INDEX {name}'))
        live = self.engine.execution_options(isolation_level='AUTOCOMMIT')
        with self.engine.connect() as reader, live.connect() as maker:
            # Who makes it waits for who reads, until it is broken.
            reader.execute(
                sa.text('LOCK TABLE aggext_changes IN ROW EXCLUSIVE MODE')
            )
            maker.execute(sa.text("SET statement_timeout = '300ms'"))
            self.assertRaises(
                sa_exc.DBAPIError,
                maker.execute,
                sa.text(
                    f'CREATE INDEX CONCURRENTLY {name} '
                    'ON aggext_changes (position)'
                ),
            )
        self.assertFalse(self.usable(name))
        migration.sync(self.db.database)
        self.assertTrue(self.usable(name))


class MariaDBTest(base.TestCase):
    """Where nothing that was made is taken back."""

    def setUp(self) -> None:
        super().setUp()
        self.db = self.useFixture(databases.Database('mysql', synced=False))
        self.engine = sa.create_engine(self.db.url, poolclass=sa.NullPool)

    def check_whole(self) -> None:
        """See that all is there, and in one version."""
        schema.require_current(self.db.database)
        schema.require_nova_columns(self.db.database)
        with self.engine.connect() as connection:
            versions = connection.scalars(sa.select(schema.VERSIONS))
            self.assertEqual([schema.newest()], list(versions))

    def test_four_processes(self) -> None:
        """All of the commands end well."""
        begun = [
            subprocess.Popen(
                command(self.db.conf_file),
                stdout=subprocess.PIPE,
                stderr=subprocess.STDOUT,
                text=True,
            )
            for _ in range(4)
        ]
        for process in begun:
            self.addCleanup(process.kill)
        ended = [
            (one.communicate(timeout=SECONDS)[0], one.returncode)
            for one in begun
        ]
        self.assertEqual([('', 0)] * 4, ended)
        self.check_whole()

    def test_without_lock(self) -> None:
        """Nothing keeps four apart, as on the nodes of a cluster."""
        together = threading.Barrier(4, timeout=SECONDS)
        refused: list[str] = []

        def meet(
            connection: sa.Connection, _cursor: Any, statement: str, *_: Any
        ) -> None:
            if connection.engine.url.database != self.engine.url.database:
                return
            if '_LOCK(' in statement:
                refused.append(statement)
                raise sa_exc.NotSupportedError(statement, {}, Exception())
            if statement.split()[0] == 'CREATE':
                together.wait()

        sa.event.listen(sa.Engine, 'before_cursor_execute', meet)
        self.addCleanup(
            sa.event.remove, sa.Engine, 'before_cursor_execute', meet
        )
        opened = [db_database.Database(self.db.conf) for _ in range(4)]
        with concurrent.futures.ThreadPoolExecutor(4) as pool:
            list(pool.map(migration.sync, opened))
        for one in opened:
            one.close()
        # Who lost the race for the version began anew.
        self.assertThat(len(refused), matchers.GreaterThan(7))
        self.check_whole()

    def test_killed_for_good(self) -> None:
        """The process is gone, but what it had begun still goes on."""
        models.changes.create(self.engine)
        with self.engine.begin() as connection:
            connection.execute(
                sa.text('DROP INDEX aggext_changes_host_idx ON aggext_changes')
            )
        with self.engine.connect() as reader:
            # Who reads from a table keeps others from making an index of it.
            reader.execute(sa.select(models.changes))
            with subprocess.Popen(command(self.db.conf_file)) as process:
                self.wait_for_waiting()
                process.kill()
            self.assertRaises(
                exception.ConfigurationError,
                schema.require_current,
                self.db.database,
            )
        migration.sync(self.db.database)
        self.check_whole()

    def wait_for_waiting(self) -> None:
        """Wait until an index cannot be made."""
        waiting = sa.text(
            'SELECT COUNT(*) FROM information_schema.processlist '
            'WHERE db = DATABASE() AND info LIKE :made AND state LIKE :state'
        )
        sought = {'made': 'CREATE INDEX%', 'state': '%metadata lock%'}
        until = time.monotonic() + SECONDS
        with self.engine.connect() as connection:
            while not connection.scalar(waiting, sought):
                self.assertThat(time.monotonic(), matchers.LessThan(until))
                time.sleep(0.02)
