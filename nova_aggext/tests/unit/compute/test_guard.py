# SPDX-License-Identifier: Apache-2.0
"""Zone rules where they meet the database."""

from collections.abc import Callable
from typing import Any

from nova_aggext import exception
from nova_aggext.compute import guard
from nova_aggext.db import queries
from nova_aggext.db import records
from nova_aggext.tests import base
from nova_aggext.tests.functional import databases
from nova_aggext.tests.unit import stubs

UPDATE = exception.InvalidAggregateActionUpdate
ADD = exception.InvalidAggregateActionAdd
REMOVE = exception.InvalidAggregateActionDelete


class GuardTest(base.TestCase):
    """Rules on the rows of a database."""

    def setUp(self) -> None:
        super().setUp()
        self.database = self.useFixture(databases.Database()).database

    def _aggregate(
        self, name: str, zone: str | None = None, *hosts: str
    ) -> records.Aggregate:
        def work(session: Any) -> records.Aggregate:
            made = queries.insert_aggregate(session, 'uuid', name).id
            if zone:
                queries.insert_metadata(
                    session, made, {records.ZONE_KEY: zone}
                )
            for host in hosts:
                queries.insert_host(session, made, host)
            return queries.get_aggregate(session, made)

        return self.database.write(work)

    def _ask(
        self,
        question: Callable[[guard.Guard], None],
        *locked: str,
        **counts: int,
    ) -> None:
        known = guard.Known(frozenset(locked), counts)
        self.database.read(
            lambda session: question(guard.Guard(session, known))
        )

    def _zone(
        self, one: records.Aggregate, zone: str | None
    ) -> Callable[[guard.Guard], None]:
        return lambda asked: asked.require_zone(one, zone, UPDATE)

    def test_zone_must_not_be_empty(self) -> None:
        one = self._aggregate('a')
        for zone in (None, ''):
            self.assertRaises(UPDATE, self._ask, self._zone(one, zone))

    def test_zone_of_no_hosts(self) -> None:
        self._ask(self._zone(self._aggregate('a'), 'z1'))

    def test_zone_wants_locks_first(self) -> None:
        one = self._aggregate('a', None, 'h1', 'h2')
        error = self.assertRaises(
            guard.LocksWanted, self._ask, self._zone(one, 'z1'), 'h1'
        )
        self.assertEqual({'h2'}, error.hosts)

    def test_zone_wants_counts(self) -> None:
        one = self._aggregate('a', None, 'h1', 'h2')
        ask = self._zone(one, 'z1')
        error = self.assertRaises(
            guard.CountsWanted, self._ask, ask, 'h1', 'h2', h1=0
        )
        self.assertEqual({'h2'}, error.hosts)
        self._ask(ask, 'h1', 'h2', h1=0, h2=0)

    def test_zone_of_hosts_with_instances(self) -> None:
        one = self._aggregate('a', 'z1', 'h1')
        error = self.assertRaises(
            UPDATE, self._ask, self._zone(one, 'z2'), 'h1', h1=1
        )
        self.assertIn('h1', str(error))

    def test_the_same_zone_wants_no_counts(self) -> None:
        one = self._aggregate('a', 'z1', 'h1')
        self._ask(self._zone(one, 'z1'), 'h1')

    def test_zone_of_a_host_in_another(self) -> None:
        other = self._aggregate('b', 'z2', 'h1')
        one = self._aggregate('a', None, 'h1')
        error = self.assertRaises(
            UPDATE, self._ask, self._zone(one, 'z1'), 'h1', h1=0
        )
        self.assertIn(f'h1 is in zone z2 (aggregate {other.id})', str(error))

    def test_join(self) -> None:
        one = self._aggregate('a', 'z1')
        none = self._aggregate('b')
        self._aggregate('c', 'z1', 'h1')
        self._aggregate('d', 'z2', 'h2')
        self._ask(lambda asked: asked.require_may_join(one, 'h1'))
        self._ask(lambda asked: asked.require_may_join(none, 'h2'))
        self.assertRaises(
            ADD, self._ask, lambda asked: asked.require_may_join(one, 'h2')
        )

    def test_join_with_instances(self) -> None:
        one = self._aggregate('a', 'z1')

        def join(asked: guard.Guard) -> None:
            asked.require_may_join(one, 'h1')

        self.assertRaises(guard.CountsWanted, self._ask, join)
        self.assertRaises(ADD, self._ask, join, h1=2)
        self._ask(join, h1=0)

    def test_leave(self) -> None:
        one = self._aggregate('a', 'z1', 'h1', 'h2')
        self._aggregate('b', 'z1', 'h2')

        def leave(host: str) -> Callable[[guard.Guard], None]:
            return lambda asked: asked.require_may_leave(one, host)

        self.assertRaises(guard.CountsWanted, self._ask, leave('h1'))
        self.assertRaises(REMOVE, self._ask, leave('h1'), h1=1)
        self._ask(leave('h1'), h1=0)
        self._ask(leave('h2'))


class LearnTest(base.TestCase):
    """What is known the next time."""

    known = guard.Known(frozenset({'h1'}), {'h1': 1})

    def test_locks(self) -> None:
        inventory = stubs.Inventory(h2=5)
        learnt = guard.LocksWanted(['h2']).learn(self.known, inventory)
        self.assertEqual(
            guard.Known(frozenset({'h1', 'h2'}), {'h1': 1}), learnt
        )
        self.assertEqual([], inventory.asked)

    def test_counts(self) -> None:
        inventory = stubs.Inventory(h2=5)
        learnt = guard.CountsWanted(['h2']).learn(self.known, inventory)
        self.assertEqual(
            guard.Known(frozenset({'h1'}), {'h1': 1, 'h2': 5}), learnt
        )
        self.assertEqual([{'h2'}], inventory.asked)
