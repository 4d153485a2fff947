# SPDX-License-Identifier: Apache-2.0
"""Transactions on a database, and how one is made."""

import functools
from typing import Any

import sqlalchemy as sa
from oslo_db import exception as db_exc

from nova_aggext import conf as aggext_conf
from nova_aggext import exception
from nova_aggext.compute import api
from nova_aggext.compute import ports
from nova_aggext.db import database as db_database
from nova_aggext.db import engines
from nova_aggext.db import queries
from nova_aggext.db import urls
from nova_aggext.tests import aggregates
from nova_aggext.tests import base
from nova_aggext.tests.functional import databases
from nova_aggext.tests.unit import stubs


class Failing:
    """Work that inserts a row, and then raises some errors in turn."""

    def __init__(self, *errors: Exception) -> None:
        self.errors = list(errors)
        self.runs = 0

    def __call__(self, session: Any) -> int:
        """Work once."""
        self.runs += 1
        aggregates.make(session, 'one')
        if self.errors:
            raise self.errors.pop(0)
        return 7


class WriteTest(base.TestCase):
    """What is left of a transaction that failed."""

    def setUp(self) -> None:
        super().setUp()
        self.database = self.useFixture(databases.Database()).database

    def _names(self) -> list[str]:
        found = self.database.read(queries.list_aggregates)
        return [one.name for one in found]

    def test_run_again(self) -> None:
        work = Failing(db_exc.DBDeadlock(), db_exc.DBDeadlock())
        self.assertEqual(7, self.database.write(work))
        self.assertEqual((3, ['one']), (work.runs, self._names()))

    def test_not_run_again(self) -> None:
        for error in (ZeroDivisionError(), exception.DuplicateImage()):
            work = Failing(error)
            self.assertRaises(type(error), self.database.write, work)
            self.assertEqual((1, []), (work.runs, self._names()))

    def test_given_up(self) -> None:
        # Nobody waits for a server that was there.
        self.assertEqual([], self._names())
        work = Failing(*[db_exc.DBConnectionError()] * 2)
        self.assertRaises(
            exception.DatabaseUnavailable, self.database.write, work
        )
        self.assertEqual((2, []), (work.runs, self._names()))

    def test_a_commit_without_answer_is_not_done_again(self) -> None:
        """It may have been done."""
        engine = self.database._engine

        def lose(connection: sa.Connection) -> None:
            raise db_exc.DBConnectionError

        sa.event.listen(engine, 'commit', lose)
        work = Failing()
        self.assertRaises(
            exception.DatabaseUnavailable, self.database.write, work
        )
        self.assertEqual(1, work.runs)

    def test_tables_are_changed_as_rows_are(self) -> None:
        work = Failing(db_exc.DBDeadlock())
        self.assertEqual(7, self.database.alter(work))
        self.assertEqual(['one'], self._names())


class LogTest(base.TestCase):
    """What a missing table says, and to whom."""

    def setUp(self) -> None:
        super().setUp()
        self.database = self.useFixture(
            databases.Database(synced=False)
        ).database

    def test_not_before_it_was_there(self) -> None:
        """Who starts on it says so."""
        self.assertRaises(
            exception.DatabaseMisfit,
            self.database.read,
            queries.list_aggregates,
        )
        self.assertEqual('', self.log.output)

    def test_once_and_without_a_traceback(self) -> None:
        self.database.read(lambda session: None)
        for _ in range(3):
            error = self.assertRaises(
                exception.DatabaseMisfit,
                self.database.read,
                queries.list_aggregates,
            )
            self.assertIn('no such table: aggregates', str(error))
            self.assertNotIn('aggregates', error.public)
        self.assertEqual(1, self.log.output.count('no such table'))
        self.assertNotIn('Traceback', self.log.output)


class ConfigurationTest(base.TestCase):
    """What keeps a database from being made."""

    def _make(self, connection: str | None) -> db_database.Database:
        conf = aggext_conf.load([])
        conf.set_override('connection', connection, 'api_database')
        return db_database.Database(conf)

    def test_wrong(self) -> None:
        for connection in (
            *(None, '', 'nonsense', 'nosuch://u:secret@h/db'),
            'mysql+pymysql://u:secret@h:port/db',
        ):
            error = self.assertRaises(
                exception.ConfigurationError, self._make, connection
            )
            self.assertIn('[api_database] connection', str(error))
            self.assertNotIn('secret', str(error))

    def test_nothing_connects_before_it_must(self) -> None:
        self._make('mysql+pymysql://nobody@127.0.0.1:1/db').close()

    def test_pool_timeout(self) -> None:
        options = aggext_conf.load([]).api_database
        for text, expected in (('sqlite://', False), ('mysql://h/db', True)):
            chosen = engines.chosen(
                urls.parse(text), {**options, 'pool_timeout': 5}
            )
            self.assertEqual(expected, 'pool_timeout' in chosen, text)

    def test_replica(self) -> None:
        """It is named by its own option."""
        conf = aggext_conf.load([])
        conf.set_override('connection', 'sqlite://', 'api_database')
        conf.set_override('slave_connection', 'nonsense', 'api_database')
        error = self.assertRaises(
            exception.ConfigurationError, db_database.Database, conf
        )
        self.assertIn('[api_database] slave_connection', str(error))


def _scalar(statement: sa.TextClause, session: sa.Connection) -> Any:
    return session.scalar(statement)


class SqliteTest(base.TestCase):
    """How connections are set up."""

    def test_pragmas(self) -> None:
        database = self.useFixture(databases.Database()).database
        for name, expected in (
            ('busy_timeout', 20000),
            ('journal_mode', 'wal'),
            ('foreign_keys', 1),
        ):
            statement = sa.text(f'PRAGMA {name}')
            found = database.read(functools.partial(_scalar, statement))
            self.assertEqual(expected, found, name)


class ReplicaTest(base.TestCase):
    """Reads where ``slave_connection`` is set."""

    def setUp(self) -> None:
        super().setUp()
        primary = self.useFixture(databases.Database())
        replica = self.useFixture(databases.Database())
        replica.database.write(
            lambda session: aggregates.make(session, 'late')
        )
        with open(primary.conf_file, 'a') as conf_file:
            conf_file.write(f'slave_connection = {replica.url}\n')
        conf = aggext_conf.load([primary.conf_file])
        self.database = db_database.Database(conf)
        self.addCleanup(self.database.close)

    def _names(self, *, replica: bool) -> list[str]:
        found = self.database.read(queries.list_aggregates, replica=replica)
        return [aggregate.name for aggregate in found]

    def test_what_is_decided_by_comes_from_the_primary(self) -> None:
        self.assertEqual([], self._names(replica=False))

    def test_lists(self) -> None:
        """They are of the primary unless that is asked for."""
        for wanted, names in ((False, []), (True, ['late'])):
            made = api.AggregateAPI(
                self.database,
                stubs.Inventory(),
                ports.Silent(),
                list_from_replica=wanted,
            )
            found = made.get_aggregate_list(stubs.caller())
            self.assertEqual(names, [one.name for one in found])
        conf = aggext_conf.load([])
        self.assertFalse(conf.aggext.list_from_replica)

    def test_what_may_be_late_comes_from_the_replica(self) -> None:
        self.assertEqual(['late'], self._names(replica=True))
