# SPDX-License-Identifier: Apache-2.0
"""Transactions that are retried or given up."""

import functools
import sqlite3
from typing import Any

import fixtures
import sqlalchemy as sa
from oslo_db import exception as db_exc
from sqlalchemy import exc as sa_exc

from nova_aggext import conf as aggext_conf
from nova_aggext import exception
from nova_aggext.compute import api
from nova_aggext.compute import ports
from nova_aggext.db import database as db_database
from nova_aggext.db import queries
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
        queries.insert_aggregate(session, 'uuid', 'one')
        if self.errors:
            raise self.errors.pop(0)
        return 7


def _busy() -> sa_exc.OperationalError:
    inner = sqlite3.OperationalError('database is locked')
    return sa_exc.OperationalError('INSERT', {}, inner)


RACES = (
    db_exc.DBDeadlock,
    db_exc.DBDuplicateEntry,
    lambda: db_exc.DBReferenceError('table', 'constraint', 'key', 'other'),
    lambda: db_exc.DBError(_busy()),
    _busy,
)


class RetryTest(base.TestCase):
    """Errors of the database."""

    def setUp(self) -> None:
        super().setUp()
        self.useFixture(
            fixtures.MonkeyPatch('nova_aggext.db.database.MAX_RETRIES', 2)
        )
        self.database = self.useFixture(databases.Database()).database

    def _names(self) -> list[str]:
        found = self.database.read(queries.list_aggregates)
        return [one.name for one in found]

    def test_lost_races_are_run_again(self) -> None:
        for make in RACES:
            work = Failing(make(), make())
            self.assertEqual(7, self.database.write(work))
            self.assertEqual(3, work.runs)
            self.assertEqual(['one'], self._names())
            self._forget()

    def _forget(self) -> None:
        statement = sa.delete(queries.AGGREGATES)
        self.database.write(lambda session: session.execute(statement))

    def test_races_that_are_always_lost(self) -> None:
        for make in RACES:
            work = Failing(*(make() for _ in range(9)))
            error = self.assertRaises(
                exception.DatabaseUnavailable, self.database.write, work
            )
            self.assertEqual(3, work.runs)
            self.assertIn('[api_database]', str(error))
            self.assertEqual([], self._names())

    def test_other_errors_are_not_run_again(self) -> None:
        for error in (
            db_exc.DBError(ValueError('x')),
            exception.DuplicateImage(),
            ZeroDivisionError(),
            sa_exc.OperationalError('SELECT', {}, sqlite3.OperationalError()),
        ):
            work = Failing(error)
            raised = self.assertRaises(type(error), self.database.write, work)
            self.assertIs(error, raised)
            self.assertEqual(1, work.runs)
            self.assertEqual([], self._names())

    def test_a_database_that_is_away(self) -> None:
        secret = ValueError('mysql://nova:secret@db1/nova')
        for error in (
            db_exc.DBConnectionError(secret),
            db_exc.DBNonExistentDatabase('nova', secret),
            sa_exc.TimeoutError(),
            sa_exc.OperationalError(None, None, secret),
            sa_exc.OperationalError('SELECT', {}, secret),
        ):
            raised = self.assertRaises(
                exception.DatabaseUnavailable,
                self.database.write,
                Failing(*[error] * 9),
            )
            self.assertIn(type(error).__name__, str(raised))
            self.assertNotIn('secret', str(raised))
            self.assertEqual([], self._names())

    def test_a_connection_that_was_lost_once(self) -> None:
        work = Failing(db_exc.DBConnectionError())
        self.assertEqual(7, self.database.write(work))
        self.assertEqual((2, ['one']), (work.runs, self._names()))

    def test_a_commit_without_answer_is_not_done_again(self) -> None:
        lost = db_exc.DBConnectionError()
        tries = db_database._Tries()
        tries.committing = True
        self.assertFalse(tries.may_go_on(lost))

    def test_who_waited_long_does_not_wait_again(self) -> None:
        name = 'nova_aggext.db.database.MAX_RETRY_SECONDS'
        with fixtures.MonkeyPatch(name, -1):
            work = Failing(db_exc.DBDeadlock())
            self.assertRaises(
                exception.DatabaseUnavailable, self.database.write, work
            )
        self.assertEqual(1, work.runs)

    def test_reads_too(self) -> None:
        def read(session: Any) -> int:
            raise db_exc.DBConnectionError

        self.assertRaises(
            exception.DatabaseUnavailable, self.database.read, read
        )


class ConfigurationTest(base.TestCase):
    """What keeps a database from being made."""

    def _make(self, connection: str | None) -> db_database.Database:
        conf = aggext_conf.load([])
        conf.set_override('connection', connection, 'api_database')
        return db_database.Database(conf)

    def test_wrong(self) -> None:
        for connection in (None, '', 'nonsense', 'nosuch://u:secret@h/db'):
            error = self.assertRaises(
                exception.ConfigurationError, self._make, connection
            )
            self.assertIn('[api_database] connection', str(error))
            self.assertNotIn('secret', str(error))

    def test_nothing_connects_before_it_must(self) -> None:
        self._make('mysql+pymysql://nobody@127.0.0.1:1/db').close()

    def test_pool_timeout(self) -> None:
        conf = aggext_conf.load([])
        for name, value in (('connection', 'sqlite://'), ('pool_timeout', 5)):
            conf.set_override(name, value, 'api_database')
        options = db_database._engine_options(conf.api_database)
        self.assertNotIn('pool_timeout', options)
        conf.set_override('connection', 'mysql://h/db', 'api_database')
        options = db_database._engine_options(conf.api_database)
        self.assertEqual(5, options['pool_timeout'])


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
            lambda session: queries.insert_aggregate(session, 'uuid', 'late')
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
