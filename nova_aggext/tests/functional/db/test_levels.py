# SPDX-License-Identifier: Apache-2.0
"""Isolation levels that a server may have as its default.

A setting of the session at connect stands for the default of the server.
"""

import concurrent.futures
from typing import Any

import sqlalchemy as sa
import testscenarios

from nova_aggext.db import database as db_database
from nova_aggext.tests import base
from nova_aggext.tests.functional import databases
from nova_aggext.tests.functional.db import test_database

load_tests = testscenarios.load_tests_apply_scenarios

LEVELS: dict[str, dict[str, tuple[str, ...]]] = {
    'mysql': {
        'init_command': (
            'SET SESSION TRANSACTION ISOLATION LEVEL READ UNCOMMITTED',
            'SET SESSION TRANSACTION ISOLATION LEVEL READ COMMITTED',
            'SET SESSION TRANSACTION ISOLATION LEVEL SERIALIZABLE',
            'SET SESSION innodb_snapshot_isolation = ON',
        ),
    },
    'postgresql': {
        'options': (
            '-c default_transaction_isolation=repeatable\\ read',
            '-c default_transaction_isolation=serializable',
        ),
    },
}
LEVEL = {
    'mysql': 'SELECT @@tx_isolation',
    'postgresql': 'SHOW transaction_isolation',
}
WRITERS = 4
WRITES = 10

change = test_database.change
changes = test_database.changes
count = test_database.count
insert = test_database.insert


def level(session: sa.Connection) -> str:
    """Give the level of a session, as both kinds of server would write it."""
    found = session.scalar(sa.text(LEVEL[session.dialect.name]))
    return str(found).upper().replace('-', ' ')


class LevelsTest(base.TestCase):
    """Reads and writes on one server after the other."""

    scenarios = [
        (f'{kind} {setting}', {'kind': kind, 'query': {name: setting}})
        for kind, settings in LEVELS.items()
        for name, several in settings.items()
        for setting in several
    ]
    kind: str
    query: dict[str, str]

    def setUp(self) -> None:
        super().setUp()
        url = databases.server_url(self.kind).update_query_dict(self.query)
        text = url.render_as_string(hide_password=False)
        fixture = self.useFixture(databases.Database(self.kind, server=text))
        self.database = fixture.database
        self.rival = db_database.Database(fixture.conf)
        self.addCleanup(self.rival.close)

    def test_all(self) -> None:
        """A database is made once, which takes the longest."""
        self.database.write(insert('lock'))
        self._read()
        self._levels()
        self._write_after_others()
        self._write_together()

    def _read(self) -> None:
        """A list is of one state."""

        def work(session: sa.Connection) -> tuple[int, int]:
            before = count(session)
            self.rival.write(insert('host'))
            return before, count(session)

        self.assertEqual((1, 1), self.database.read(work))
        self.assertEqual(2, self.database.read(count))

    def _levels(self) -> None:
        """Also of connections that were read with, and are used again."""
        writes = {'mysql': 'REPEATABLE READ', 'postgresql': 'READ COMMITTED'}
        for _ in range(2):
            for run, expected in (
                (self.database.read, 'REPEATABLE READ'),
                (self.database.write, writes[self.kind]),
                (self.database.ask, writes[self.kind]),
            ):
                self.assertEqual(expected, run(level))

    def _write_after_others(self) -> None:
        """What others changed meanwhile is no reason to give up."""

        def work(session: sa.Connection) -> None:
            runs.append(count(session))
            if len(runs) == 1:
                self.rival.write(lambda other: change(other, 'lock'))
            change(session, 'lock')

        runs: list[int] = []
        self.database.write(work)
        self.assertEqual(2, self.database.read(changes)['lock'])

    def _write_together(self) -> None:
        """Writers that read before they lock win one after the other."""

        def work(session: sa.Connection) -> None:
            count(session)
            change(session, 'lock')
            insert(f'host{count(session)}')(session)

        def repeat() -> None:
            for _ in range(WRITES):
                self.database.write(work)

        with concurrent.futures.ThreadPoolExecutor(WRITERS) as threads:
            running: list[Any] = [
                threads.submit(repeat) for _ in range(WRITERS)
            ]
            for one in running:
                one.result(test_database.PATIENCE)
        found = self.database.read(changes)
        self.assertEqual(2 + WRITERS * WRITES, found['lock'])
        self.assertEqual(2 + WRITERS * WRITES, len(found))
