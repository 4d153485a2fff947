# SPDX-License-Identifier: Apache-2.0
"""Transactions on real databases, and databases that are away."""

import concurrent.futures
import threading
import time
from collections.abc import Callable
from typing import Any

import sqlalchemy as sa
import testscenarios
from oslo_config import cfg

from nova_aggext import conf as aggext_conf
from nova_aggext import exception
from nova_aggext.db import database as db_database
from nova_aggext.db import models
from nova_aggext.tests import base
from nova_aggext.tests.functional import databases

load_tests = testscenarios.load_tests_apply_scenarios

Work = Callable[[sa.Connection], Any]

HOSTS = models.hosts
PATIENCE = 20


def insert(name: str) -> Work:
    """Make the work of registering a host."""
    values = {
        'name': name,
        'instances': 0,
        'created_at': sa.func.current_timestamp(),
    }
    return lambda session: session.execute(sa.insert(HOSTS).values(values))


def count(session: sa.Connection) -> int:
    """Count the registered hosts."""
    return session.scalar(sa.select(sa.func.count()).select_from(HOSTS)) or 0


def change(session: sa.Connection, name: str) -> None:
    """Count up the instances of a host, which locks its row."""
    session.execute(
        sa.update(HOSTS)
        .where(HOSTS.c.name == name)
        .values(instances=HOSTS.c.instances + 1)
    )


def changes(session: sa.Connection) -> dict[str, int]:
    """Read how often each host was changed."""
    rows = session.execute(sa.select(HOSTS.c.name, HOSTS.c.instances))
    return {row.name: row.instances for row in rows}


class TransactionTest(base.TestCase):
    """Reads and writes while others write, on each database."""

    scenarios = [(kind, {'kind': kind}) for kind in databases.KINDS]
    kind: str

    def setUp(self) -> None:
        super().setUp()
        fixture = self.useFixture(databases.Database(self.kind))
        self.database = fixture.database
        self.rival = db_database.Database(fixture.conf)
        self.addCleanup(self.rival.close)

    def together(self, *tasks: Callable[[], Any]) -> list[Any]:
        """Run tasks in threads and give what they gave."""
        with concurrent.futures.ThreadPoolExecutor(len(tasks)) as threads:
            running = [threads.submit(task) for task in tasks]
            return [one.result(PATIENCE) for one in running]

    def test_write_is_committed(self) -> None:
        self.database.write(insert('host1'))
        self.assertEqual(1, self.rival.read(count))

    def test_failed_write_is_undone(self) -> None:
        def work(session: sa.Connection) -> None:
            insert('host1')(session)
            raise ArithmeticError

        self.assertRaises(ArithmeticError, self.database.write, work)
        self.assertEqual(0, self.rival.read(count))

    def test_read_sees_one_snapshot(self) -> None:
        self.database.write(insert('host1'))

        def work(session: sa.Connection) -> tuple[int, int]:
            before = count(session)
            self.rival.write(insert('host2'))
            return before, count(session)

        self.assertEqual((1, 1), self.database.read(work))
        self.assertEqual(2, self.database.read(count))

    def test_lost_insert_is_repeated(self) -> None:
        """Who finds a key taken sees, the next time, who took it."""
        seen: list[int] = []

        def work(session: sa.Connection) -> None:
            seen.append(count(session))
            if len(seen) == 1:
                self.rival.write(insert('host1'))
            if seen[-1] == 0:
                insert('host1')(session)

        self.database.write(work)
        self.assertEqual([0, 1], seen)
        self.assertEqual(1, self.database.read(count))

    def test_deadlock_is_repeated(self) -> None:
        """Two that want the row the other has get it one after the other."""
        for name in ('a', 'b'):
            self.database.write(insert(name))
        both_hold_one = threading.Barrier(2, timeout=PATIENCE)
        tries: list[str] = []

        def crossing(first: str, second: str) -> Callable[[], Any]:
            def work(session: sa.Connection) -> None:
                tries.append(first)
                change(session, first)
                if tries.count(first) == 1 and self.kind != 'sqlite':
                    both_hold_one.wait()
                change(session, second)

            return lambda: self.database.write(work)

        self.together(crossing('a', 'b'), crossing('b', 'a'))
        if self.kind != 'sqlite':  # It has one lock for all.
            self.assertEqual(3, len(tries))
        self.assertEqual({'a': 2, 'b': 2}, self.database.read(changes))

    def test_writer_waits_for_another(self) -> None:
        """It waits in the database: the work is done only once."""
        self.database.write(insert('lock'))
        holding = threading.Event()
        tries: list[str] = []

        def hold(session: sa.Connection) -> None:
            change(session, 'lock')
            holding.set()
            time.sleep(0.3)

        def follow(session: sa.Connection) -> None:
            tries.append('lock')
            change(session, 'lock')

        def wait() -> None:
            holding.wait(PATIENCE)
            self.database.write(follow)

        self.together(lambda: self.rival.write(hold), wait)
        self.assertEqual(1, len(tries))
        self.assertEqual({'lock': 2}, self.database.read(changes))

    def test_writers_wait_for_each_other(self) -> None:
        """Eight of them count on what they read under a lock."""
        self.database.write(insert('lock'))

        def work(session: sa.Connection) -> None:
            change(session, 'lock')
            insert(f'host{count(session)}')(session)

        def repeat() -> None:
            for _ in range(5):
                self.database.write(work)

        self.together(*[repeat] * 8)
        found = self.database.read(changes)
        self.assertEqual(41, len(found))
        self.assertEqual(40, found['lock'])

    def test_writers_without_a_lock_repeat(self) -> None:
        def work(session: sa.Connection) -> None:
            insert(f'host{count(session)}')(session)

        self.together(*[lambda: self.database.write(work)] * 4)
        self.assertEqual(4, self.database.read(count))


class MisfitTest(base.TestCase):
    """What works no more until an operator mends it, and servers that do."""

    scenarios = [(kind, {'kind': kind}) for kind in databases.KINDS]
    kind: str

    def setUp(self) -> None:
        super().setUp()
        self.fixture = self.useFixture(databases.Database(self.kind))
        self.database = self.fixture.database

    def test_what_is_missing(self) -> None:
        """The cause is logged once, and is not for callers."""
        self.assertEqual(0, self.database.read(count))
        for ask in ('nosuch FROM aggregates', '1 FROM nosuch', 'nosuch(1)'):
            statement = sa.text(f'SELECT {ask}')
            for run in (self.database.read, self.database.write) * 2:
                error = self.assertRaises(
                    exception.DatabaseMisfit, run, statement_of(statement)
                )
                self.assertEqual((500, None), (error.code, error.retry_after))
                self.assertIn('nosuch', str(error))
                self.assertNotIn('nosuch', error.public)
        self.assertEqual(3, self.log.output.count('[api_database] connection'))
        self.assertNotIn('Traceback', self.log.output)

    def test_read_only(self) -> None:
        """What the server says stays, whatever is read meanwhile."""
        database = db_database.Database(self._read_only())
        self.addCleanup(database.close)
        for _ in range(2):
            self.assertEqual(0, database.read(count))
            error = self.assertRaises(
                exception.DatabaseUnavailable, database.write, insert('host1')
            )
            self.assertEqual((503, 10), (error.code, error.retry_after))
            self.assertRegex(str(error).lower(), 'read.?only')
        self.assertEqual(1, self.log.output.count('[api_database] connection'))
        self.assertNotIn('Traceback', self.log.output)
        self.assertEqual(0, self.database.read(count))

    def _read_only(self) -> cfg.ConfigOpts:
        """Give a configuration by which no session may write."""
        name, value = {
            'sqlite': ('mode', 'ro&uri=true'),
            'mysql': ('init_command', 'SET SESSION TRANSACTION READ ONLY'),
            'postgresql': ('options', '-c default_transaction_read_only=on'),
        }[self.kind]
        conf = aggext_conf.load([self.fixture.conf_file])
        url = self.fixture.url.replace('sqlite:///', 'sqlite:///file:')
        conf.set_override('connection', url, 'api_database')
        parameters = f'{name}={value}'
        conf.set_override('connection_parameters', parameters, 'api_database')
        return conf


def statement_of(statement: sa.TextClause) -> Work:
    """Make the work of executing a statement."""
    return lambda session: session.execute(statement)
