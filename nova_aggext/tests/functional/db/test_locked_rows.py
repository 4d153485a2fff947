# SPDX-License-Identifier: Apache-2.0
"""Who writes many rows locks these, and no others.

Nova writes the same tables, and knows nothing of our locks: what it wants to
write beside a change of many aggregates must not wait for it.
"""

import datetime
from collections.abc import Callable

import sqlalchemy as sa
import testscenarios
from sqlalchemy import exc

from nova_aggext.db import database as db_database
from nova_aggext.db import models
from nova_aggext.db import writing
from nova_aggext.tests import base
from nova_aggext.tests.functional import databases

load_tests = testscenarios.load_tests_apply_scenarios

MOMENT = datetime.datetime(2026, 1, 2, 3, 4, 5)
# Rows that one statement writes, and one more.
SIZES = (1, 2, 20, 501)
# Aggregates of a test, and of others.
OURS, OTHERS = 501, 3000
HOSTS, METADATA = models.aggregate_hosts, models.aggregate_metadata
KINDS = ('mysql', 'postgresql')
IMPATIENT = {
    'mysql': 'SET SESSION innodb_lock_wait_timeout = 1',
    'postgresql': "SET lock_timeout = '1s'",
}

Write = Callable[[db_database.Session, int], None]


def delete_hosts(session: db_database.Session, size: int) -> None:
    """Take a host out of each aggregate."""
    keys = [(one, f'host-{one}') for one in range(1, size + 1)]
    writing.delete_hosts(session, keys)


def delete_metadata(session: db_database.Session, size: int) -> None:
    """Remove a key of each aggregate."""
    keys = [(one, 'key') for one in range(1, size + 1)]
    writing.delete_metadata(session, keys)


def update_metadata(session: db_database.Session, size: int) -> None:
    """Change a key of each aggregate."""
    values = {(one, 'key'): str(one) for one in range(1, size + 1)}
    writing.update_metadata(session, values, MOMENT)


def update_aggregates(session: db_database.Session, size: int) -> None:
    """Give each aggregate a name."""
    names: dict[int, str | None] = {
        one: f'new-{one}' for one in range(1, size + 1)
    }
    writing.update_aggregates(session, names, MOMENT)


WRITES = {
    HOSTS: (delete_hosts,),
    METADATA: (delete_metadata, update_metadata),
    models.aggregates: (update_aggregates,),
}


class LockedRowsTest(base.TestCase):
    """A transaction that writes, and another one beside it."""

    scenarios = [(kind, {'kind': kind}) for kind in KINDS]
    kind: str

    def setUp(self) -> None:
        super().setUp()
        made = self.useFixture(databases.Database(self.kind))
        self.database = made.database
        self.engine = sa.create_engine(made.url)
        self.addCleanup(self.engine.dispose)
        self.database.write(self.fill)
        with self.engine.begin() as session:
            for table in WRITES:
                more = 'TABLE ' if self.kind == 'mysql' else ''
                session.execute(sa.text(f'ANALYZE {more}{table.name}'))

    def fill(self, session: db_database.Session) -> None:
        """Make aggregates, each with a host and a key."""
        ids = range(1, OURS + OTHERS + 1)
        session.execute(
            sa.insert(models.aggregates),
            [{'id': one, 'uuid': str(one), 'name': f'a{one}'} for one in ids],
        )
        session.execute(
            sa.insert(HOSTS),
            [{'aggregate_id': one, 'host': f'host-{one}'} for one in ids],
        )
        session.execute(
            sa.insert(METADATA),
            [{'aggregate_id': n, 'key': 'key', 'value': 'v'} for n in ids],
        )

    def free(self, table: sa.Table) -> int:
        """Count the rows of others that nobody has locked."""
        column = table.c.get('aggregate_id', table.c.id)
        rows = sa.select(column).where(column > OURS)
        with self.engine.connect() as session:
            free = rows.with_for_update(skip_locked=True)
            return len(session.scalars(free).all())

    def can_add(self) -> bool:
        """Say whether Nova could put a host into an aggregate of others."""
        host = {'aggregate_id': OURS + 1, 'host': 'host-2000-more'}
        with self.engine.connect() as session:
            session.execute(sa.text(IMPATIENT[self.kind]))
            try:
                session.execute(sa.insert(HOSTS), [host])
            except exc.OperationalError:
                return False
        return True

    def locked(self, table: sa.Table, write: Write, size: int) -> str:
        """Write; give what is locked beyond that, in words."""
        with self.engine.begin() as session:
            write(session, size)
            free, can_add = self.free(table), self.can_add()
            session.rollback()
        if free == OTHERS and can_add:
            return ''
        what = f'{OTHERS - free} rows, and {"no " if can_add else ""}places'
        return f'{write.__name__} of {size}: {what}'

    def test_others_are_free(self) -> None:
        """No row of another aggregate is locked, and no place beside one."""
        found = (
            self.locked(table, write, size)
            for table, writes in WRITES.items()
            for write in writes
            for size in SIZES
        )
        self.assertEqual([], [text for text in found if text])
