# SPDX-License-Identifier: Apache-2.0
"""``db sync`` of a long record, while others write it."""

import threading
import time
from typing import Any

import sqlalchemy as sa
import testscenarios
from testtools import content
from testtools import matchers

from nova_aggext.db import feed
from nova_aggext.db import migration
from nova_aggext.db import schema
from nova_aggext.tests import base
from nova_aggext.tests.functional import databases
from nova_aggext.tests.functional.db import older

load_tests = testscenarios.load_tests_apply_scenarios

ROWS = 200_000
# Seconds that the whole may take, and that one writer may wait.
LONGEST = 240.0
WAIT = 5.0


class Writer(threading.Thread):
    """Records changes as the release before does, one after the other.

    :ivar count: how many
    :ivar slowest: seconds that the slowest took
    """

    def __init__(self, url: str) -> None:
        super().__init__()
        self._engine = sa.create_engine(url)
        self.ended = threading.Event()
        self.count = 0
        self.slowest = 0.0

    def run(self) -> None:
        """Go on until the end."""
        statement = sa.text(older.row(self._engine.dialect.name))
        while not self.ended.is_set():
            begun = time.monotonic()
            with self._engine.begin() as connection:
                connection.execute(statement)
            self.slowest = max(self.slowest, time.monotonic() - begun)
            self.count += 1
            time.sleep(0.002)
        self._engine.dispose()


class LiveTest(base.TestCase):
    """A record that has no positions, and writers that do not stop."""

    scenarios = [(kind, {'kind': kind}) for kind in databases.SERVERS]
    kind: str

    def setUp(self) -> None:
        super().setUp()
        self.db = self.useFixture(databases.Database(self.kind))
        self.engine = sa.create_engine(self.db.url, poolclass=sa.NullPool)
        older.go_back(self.engine)
        older.fill(self.engine, ROWS)
        self.statements: list[str] = []

    def count(self, condition: str) -> int:
        """Count changes."""
        statement = f'SELECT count(*) FROM aggext_changes WHERE {condition}'
        with self.engine.connect() as connection:
            return int(connection.scalar(sa.text(statement)) or 0)

    def test_writers_go_on(self) -> None:
        """Nobody waits for long, and in the end each has a position."""
        self._listen()
        writers = [Writer(self.db.url) for _ in range(2)]
        for one in writers:
            one.start()
        begun = time.monotonic()
        migration.sync(self.db.database)
        synced = time.monotonic() - begun
        while self.db.database.write(feed.number) == feed.BATCH:
            pass
        took = time.monotonic() - begun
        for one in writers:
            one.ended.set()
            one.join()
        self.log_figures(writers, synced, took)
        schema.require_current(self.db.database)
        self.assertThat(took, matchers.LessThan(LONGEST))
        for one in writers:
            self.assertThat(one.count, matchers.GreaterThan(100))
            self.assertThat(one.slowest, matchers.LessThan(WAIT))
        feed.read(self.db.database, feed.head)
        self.assertEqual(0, self.count('position IS NULL'))
        total = ROWS + sum(one.count for one in writers)
        self.assertEqual(total, self.count('position > 0'))
        self._check_statements()

    def log_figures(
        self, writers: list[Writer], synced: float, took: float
    ) -> None:
        """Keep what was measured with the test."""
        slowest = max(one.slowest for one in writers)
        count = sum(one.count for one in writers)
        text = (
            f'{self.kind}: {ROWS} rows, synced in {synced:.1f} s, numbered '
            f'after {took:.1f} s, {count} written meanwhile, the slowest in '
            f'{slowest:.2f} s'
        )
        self.addDetail('figures', content.text_content(text))

    def _listen(self) -> None:
        """Keep the statements that change tables."""

        def listen(_c: Any, _cursor: Any, statement: str, *_: Any) -> None:
            if statement.split()[0] in ('ALTER', 'CREATE'):
                self.statements.append(statement)

        sa.event.listen(sa.Engine, 'before_cursor_execute', listen)
        self.addCleanup(
            sa.event.remove, sa.Engine, 'before_cursor_execute', listen
        )

    def _check_statements(self) -> None:
        """See that none copies the table, or locks others out of it."""
        found = [one for one in self.statements if 'aggext_changes' in one]
        self.assertNotEqual([], found)
        for one in found:
            if self.kind == 'mysql':
                wanted = ('ALGORITHM=INSTANT', 'ALGORITHM=INPLACE LOCK=NONE')
                self.assertTrue(one.endswith(wanted), one)
            elif one.startswith('CREATE INDEX'):
                self.assertIn('INDEX CONCURRENTLY', one)
            else:
                self.assertIn('ADD COLUMN', one)
                self.assertNotIn('DEFAULT', one)
                self.assertNotIn('NOT NULL', one)
