# SPDX-License-Identifier: Apache-2.0
"""Statements on aggregates."""

from collections.abc import Callable
from typing import Any, TypeVar

from nova_aggext import exception
from nova_aggext.db import queries
from nova_aggext.db import records
from nova_aggext.tests import base
from nova_aggext.tests.functional import databases

T = TypeVar('T')


class QueriesTest(base.TestCase):
    """Rows in, frozen data out."""

    def setUp(self) -> None:
        super().setUp()
        self.database = self.useFixture(databases.Database()).database
        self.one = self._do(queries.insert_aggregate, 'uuid 1', 'one').id
        self.two = self._do(queries.insert_aggregate, 'uuid 2', 'two').id

    def _do(self, work: Callable[..., T], *arguments: Any) -> T:
        return self.database.write(lambda session: work(session, *arguments))

    def _get(self, aggregate_id: int) -> records.Aggregate:
        return self._do(queries.get_aggregate, aggregate_id)

    def test_now_is_as_the_columns_hold_it(self) -> None:
        moment = queries.now()
        self.assertEqual((0, None), (moment.microsecond, moment.tzinfo))

    def test_names_are_unique(self) -> None:
        for work, *arguments in (
            (queries.insert_aggregate, 'uuid 3', 'one'),
            (queries.rename_aggregate, self.two, 'one'),
        ):
            self.assertRaises(
                exception.AggregateNameExists, self._do, work, *arguments
            )

    def test_a_host_is_in_an_aggregate_once(self) -> None:
        self._do(queries.insert_host, self.one, 'h1')
        self._do(queries.insert_host, self.two, 'h1')
        self.assertRaises(
            exception.AggregateHostExists,
            self._do,
            queries.insert_host,
            self.one,
            'h1',
        )

    def test_hosts_in_the_order_they_came(self) -> None:
        for host in ('c', 'a', 'b'):
            self._do(queries.insert_host, self.one, host)
        self._do(queries.delete_host, self.one, 'a')
        self.assertEqual(('c', 'b'), self._get(self.one).hosts)

    def test_metadata(self) -> None:
        for work, values in (
            (queries.insert_metadata, {}),
            (queries.insert_metadata, {'a': '1', 'b': '2', 'c': '3'}),
            (queries.update_metadata, {'a': '4', 'x': '5'}),
            (queries.delete_metadata, ['b', 'x']),
        ):
            self._do(work, self.one, values)
        self.assertEqual({'a': '4', 'c': '3'}, self._get(self.one).metadata)
        self.assertEqual({}, self._get(self.two).metadata)

    def test_delete(self) -> None:
        self._do(queries.insert_metadata, self.one, {'a': '1'})
        self._do(queries.delete_aggregate, self.one)
        self.assertRaises(exception.AggregateNotFound, self._get, self.one)
        self.assertEqual('two', self._get(self.two).name)

    def test_times(self) -> None:
        before = self._get(self.one)
        self.assertIsNone(before.updated_at)
        touched = self._do(queries.touch_aggregate, self.one)
        self.assertEqual(touched, self._get(self.one).updated_at)
        self.assertIsNone(self._get(self.two).updated_at)

    def test_by_host(self) -> None:
        self._do(queries.insert_host, self.two, 'h1')
        found = self._do(queries.list_aggregates_by_host, 'h1')
        self.assertEqual([self._get(self.two)], found)
        self.assertEqual([], self._do(queries.list_aggregates_by_host, 'H1'))

    def test_zones_of_hosts(self) -> None:
        for aggregate_id, zone in ((self.one, 'z1'), (self.two, 'z2')):
            self._do(queries.insert_host, aggregate_id, 'h1')
            self._do(
                queries.insert_metadata,
                aggregate_id,
                {records.ZONE_KEY: zone, 'other': 'x'},
            )
        self.assertEqual(
            {'h1': {self.one: 'z1', self.two: 'z2'}, 'h2': {}},
            self._do(queries.zones_of_hosts, ['h1', 'h2']),
        )
