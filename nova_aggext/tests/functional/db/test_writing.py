# SPDX-License-Identifier: Apache-2.0
"""Rows of many aggregates, written at once."""

import datetime
from collections.abc import Callable
from typing import Any, TypeVar

import sqlalchemy as sa
import testscenarios
from oslo_db import exception as db_exc

from nova_aggext import exception
from nova_aggext.db import names
from nova_aggext.db import queries
from nova_aggext.db import reading
from nova_aggext.db import records
from nova_aggext.db import writing
from nova_aggext.tests import base
from nova_aggext.tests.functional import databases

load_tests = testscenarios.load_tests_apply_scenarios

T = TypeVar('T')

MOMENT = datetime.datetime(2026, 1, 2, 3, 4, 5)
LATER = datetime.datetime(2026, 1, 2, 3, 4, 6)
# More rows than one statement writes.
MANY = 501


class WritingTest(base.TestCase):
    """Each function, on each database, for none, one and many."""

    scenarios: list[tuple[str, dict[str, object]]] = [
        *(
            (kind, {'kind': kind, 'tells_ids': True})
            for kind in databases.KINDS
        ),
        # As MySQL is, which gives no ids back of several rows.
        ('mysql without ids', {'kind': 'mysql', 'tells_ids': False}),
    ]
    kind: str
    tells_ids: bool

    def setUp(self) -> None:
        super().setUp()
        self.database = self.useFixture(databases.Database(self.kind)).database
        self.statements = 0

    def do(self, work: Callable[..., T], *arguments: Any) -> T:
        """Do one thing in a transaction; count its statements."""

        def counted(session: sa.Connection) -> T:
            if not self.tells_ids:
                session.dialect.insert_returning = False
            with Statements(session) as statements:
                given = work(session, *arguments)
            self.statements = statements.count
            return given

        return self.database.write(counted)

    def make(self, *names: str) -> list[int]:
        wanted = [(f'uuid of {name}', name) for name in names]
        return self.do(writing.insert_aggregates, wanted, MOMENT)

    def make_many(self) -> list[int]:
        return self.make(*(f'name {number}' for number in range(MANY)))

    def every(self) -> list[records.Aggregate]:
        return self.database.read(reading.every)

    def names(self) -> dict[int, str]:
        return {one.id: one.name for one in self.every()}

    def require_statements(self, most: int) -> None:
        """Check the last thing done, where the wire is long."""
        if self.kind != 'sqlite':
            self.assertLessEqual(self.statements, most)

    def test_nothing(self) -> None:
        """No rows, no statements."""
        for work, nothing in (
            (writing.insert_aggregates, []),
            (writing.update_aggregates, {}),
            (writing.insert_hosts, []),
            (writing.insert_metadata, {}),
            (writing.update_metadata, {}),
        ):
            self.do(work, nothing, MOMENT)
            self.assertEqual(0, self.statements, str(work))
        for delete in (
            writing.delete_aggregates,
            writing.delete_hosts,
            writing.delete_metadata,
        ):
            self.do(delete, [])
            self.assertEqual(0, self.statements, str(delete))

    def test_insert(self) -> None:
        """The ids come in the order of what was given."""
        wanted = [f'name {number}' for number in reversed(range(MANY))]
        ids = self.make(*wanted)
        if self.tells_ids:
            self.require_statements(2)
        self.assertEqual(dict(zip(ids, wanted, strict=True)), self.names())
        for one in self.every():
            self.assertEqual(f'uuid of {one.name}', one.uuid)
            self.assertEqual(MOMENT, one.created_at)
            self.assertIsNone(one.updated_at)

    def test_insert_one(self) -> None:
        (one,) = self.make('one')
        self.assertEqual(1, self.statements)
        self.assertEqual({one: 'one'}, self.names())

    def test_insert_taken(self) -> None:
        """One is refused; of several another must have come in between."""
        (one,) = self.make('one')
        self.assertRaises(
            exception.AggregateNameExists,
            self.do,
            writing.insert_aggregates,
            [('u', 'one')],
            MOMENT,
        )
        self.assertRaises(
            db_exc.DBDuplicateEntry,
            self.once,
            writing.insert_aggregates,
            [('u', 'two'), ('v', 'one')],
            MOMENT,
        )
        self.assertEqual({one: 'one'}, self.names())

    def once(self, work: Callable[..., object], *arguments: Any) -> None:
        """Do one thing, and raise at once what the database refuses."""
        refused: list[Exception] = []

        def tried(session: sa.Connection) -> None:
            try:
                work(session, *arguments)
            except db_exc.DBError as error:
                refused.append(error)
                raise Undone from error

        try:
            self.database.write(tried)
        except Undone:
            raise refused[0] from None

    def test_update(self) -> None:
        """Some are renamed, and the others touched, at once."""
        first, *others = ids = self.make_many()
        renamed = {one: f'new {one}' for one in others[:-1]}
        self.do(
            writing.update_aggregates,
            {**renamed, first: None, ids[-1]: None},
            LATER,
        )
        self.require_statements(3)
        known = {first: 'name 0', ids[-1]: f'name {MANY - 1}', **renamed}
        self.assertEqual(known, self.names())
        self.assertEqual({LATER}, {one.updated_at for one in self.every()})

    def test_update_one(self) -> None:
        one, two = self.make('one', 'two')
        for name in ('other', None):
            self.do(writing.update_aggregates, {one: name}, LATER)
            self.assertEqual(1, self.statements)
        self.assertEqual({one: 'other', two: 'two'}, self.names())
        self.assertRaises(
            exception.AggregateNameExists,
            self.do,
            writing.update_aggregates,
            {one: 'two'},
            LATER,
        )

    def test_swap(self) -> None:
        """Names go round, whatever the order of the rows is."""
        one, two, three, four, five = self.make('1', '2', '3', '4', 'five')
        wanted = {one: '2', two: '1', three: '4', four: '5', five: 'FIVE'}
        self.do(writing.update_aggregates, wanted, LATER)
        self.require_statements(2)
        self.assertEqual(wanted, self.names())
        back = {one: '1', two: '2', three: '5', four: '4', five: '3'}
        self.do(writing.update_aggregates, back, LATER)
        self.assertEqual(back, self.names())

    def test_swap_many(self) -> None:
        """Each takes the name of another, across statements."""
        ids = self.make_many()
        names = self.names()
        wanted = {one: names[ids[-1 - at]] for at, one in enumerate(ids)}
        self.do(writing.update_aggregates, wanted, LATER)
        self.assertEqual(wanted, self.names())

    def test_update_taken(self) -> None:
        one, two, three = self.make('one', 'two', 'three')
        for wanted in ({one: 'x', two: 'three'}, {one: 'two', two: 'three'}):
            self.assertRaises(
                db_exc.DBDuplicateEntry,
                self.once,
                writing.update_aggregates,
                wanted,
                LATER,
            )
        known = {one: 'one', two: 'two', three: 'three'}
        self.assertEqual(known, self.names())

    def test_delete(self) -> None:
        """Aggregates go with their metadata, when their hosts are gone."""
        *ids, left = self.make_many()
        self.do(
            writing.insert_metadata,
            {(one, key): 'v' for one in (*ids, left) for key in 'ab'},
            MOMENT,
        )
        members = [(one, 'host') for one in (*ids, left)]
        self.do(writing.insert_hosts, members, MOMENT)
        self.assertRaises(
            db_exc.DBReferenceError,
            self.once,
            writing.delete_aggregates,
            ids[:1],
        )
        self.do(writing.delete_hosts, members[:-1])
        self.require_statements(1)
        self.do(writing.delete_aggregates, ids)
        self.require_statements(2)
        (found,) = self.every()
        self.assertEqual(
            (left, ('host',), {'a': 'v', 'b': 'v'}),
            (found.id, found.hosts, found.metadata),
        )

    def test_delete_one(self) -> None:
        one, two = self.make('one', 'two')
        self.do(writing.delete_aggregates, [one])
        self.assertEqual(2, self.statements)
        self.assertEqual({two: 'two'}, self.names())

    def test_hosts(self) -> None:
        """They are in the order given, and others keep theirs."""
        one, two = self.make('one', 'two')
        hosts = [f'host{number}' for number in reversed(range(MANY))]
        both = [(each, host) for host in hosts for each in (one, two)]
        self.do(writing.insert_hosts, both, MOMENT)
        self.require_statements(3)
        self.do(writing.delete_hosts, [*both[::2][1:], (two, 'HOST9')])
        self.require_statements(2)
        first, second = self.every()
        self.assertEqual(tuple(hosts[:1]), first.hosts)
        # MariaDB takes it for the one that is there.
        if self.kind == 'mysql':
            hosts.remove('host9')
        self.assertEqual(tuple(hosts), second.hosts)

    def test_hosts_one(self) -> None:
        (one,) = self.make('one')
        for work in (self.insert_hosts, writing.delete_hosts):
            self.do(work, [(one, 'host')])
            self.assertEqual(1, self.statements)
        self.assertEqual((), self.every()[0].hosts)

    def insert_hosts(
        self, session: sa.Connection, members: list[tuple[int, str]]
    ) -> None:
        writing.insert_hosts(session, members, MOMENT)

    def test_hosts_present(self) -> None:
        """MariaDB does not know hosts apart by case, and says which."""
        one, two = self.make('one', 'two')
        self.do(self.insert_hosts, [(one, 'host1'), (two, 'host2')])
        members = [(one, 'host3'), (two, 'HOST2'), (two, 'host1')]
        if self.kind == 'mysql':
            error = self.assertRaises(
                exception.AggregateHostExists,
                self.do,
                self.insert_hosts,
                members,
            )
            self.assertIn('HOST2', str(error))
            self.assertIn(str(two), str(error))
            members.pop(1)
        self.do(self.insert_hosts, members)
        found = {one.id: set(one.hosts) for one in self.every()}
        self.assertEqual({'host1', 'host3'}, found[one])

    def test_metadata(self) -> None:
        """Each key of each aggregate gets its value, the others keep it."""
        ids = self.make_many()
        values = {(one, key): f'{key} {one}' for one in ids for key in 'ab'}
        self.do(writing.insert_metadata, values, MOMENT)
        self.require_statements(3)
        changed = {(one, 'a'): f'new {one}' for one in ids[1:]}
        self.do(
            writing.update_metadata, {**changed, (ids[0], 'no'): ''}, LATER
        )
        self.require_statements(2)
        self.do(writing.delete_metadata, [(one, 'b') for one in ids[1:]])
        self.require_statements(1)
        first, *others = self.every()
        self.assertEqual(
            {'a': f'a {ids[0]}', 'b': f'b {ids[0]}'}, first.metadata
        )
        for one in others:
            self.assertEqual({'a': f'new {one.id}'}, one.metadata)

    def test_metadata_one(self) -> None:
        (one,) = self.make('one')
        for work in (writing.insert_metadata, writing.update_metadata):
            self.do(work, {(one, 'key'): 'value'}, MOMENT)
            self.assertEqual(1, self.statements)
        self.do(writing.delete_metadata, [(one, 'key')])
        self.assertEqual(1, self.statements)

    def test_same_value(self) -> None:
        """All aggregates get one zone."""
        ids = self.make_many()
        zone = {(one, records.ZONE_KEY): 'old' for one in ids}
        self.do(writing.insert_metadata, zone, MOMENT)
        self.do(writing.update_metadata, dict.fromkeys(zone, 'new'), LATER)
        self.assertEqual(
            {'new'}, {one.availability_zone for one in self.every()}
        )

    def test_taken_names(self) -> None:
        """Names are taken as MariaDB compares them, but by who has them."""
        one, two = self.make('Rack', 'two')
        wanted = ['rack ', 'RÄCK', 'TWO', 'free', *map(str, range(MANY * 2))]
        found = self.do(names.taken, wanted)
        self.assertEqual({'rack ': one, 'RÄCK': one, 'TWO': two}, found)
        self.assertEqual({'TWO': two}, self.do(names.taken, wanted, {one}))
        self.assertEqual({}, self.do(names.taken, []))

    def test_zones_of_many_hosts(self) -> None:
        """Zones are read of any number of hosts."""
        (one,) = self.make('one')
        self.do(
            writing.insert_metadata, {(one, records.ZONE_KEY): 'z'}, MOMENT
        )
        self.do(self.insert_hosts, [(one, 'host1'), (one, 'host69999')])
        hosts = [f'host{number}' for number in range(70000)]
        found = self.do(queries.zones_of_hosts, hosts)
        self.assertEqual(70, self.statements)
        self.assertEqual(70000, len(found))
        zoned = {host: zones for host, zones in found.items() if zones}
        self.assertEqual({'host1': {one: 'z'}, 'host69999': {one: 'z'}}, zoned)

    def test_some_of_many(self) -> None:
        """Aggregates are read of any number of ids."""
        one, two = self.make('one', 'two')
        ids = [*range(1, 70000)]
        found = self.do(reading.some, ids)
        self.assertEqual(70, self.statements)
        self.assertEqual([one, two], [each.id for each in found])


class Undone(Exception):
    """Ends a transaction that is not to be tried again."""


class Statements:
    """Counts the statements of a connection.

    :ivar count: how many there were
    """

    def __init__(self, session: sa.Connection) -> None:
        self._session = session
        self.count = 0

    def __enter__(self) -> 'Statements':
        sa.event.listen(self._session, 'before_cursor_execute', self._add)
        return self

    def __exit__(self, *_error: object) -> None:
        sa.event.remove(self._session, 'before_cursor_execute', self._add)

    def _add(self, *_arguments: Any) -> None:
        self.count += 1
