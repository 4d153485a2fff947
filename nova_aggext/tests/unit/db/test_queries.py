# SPDX-License-Identifier: Apache-2.0
"""Statements on aggregates."""

from collections.abc import Callable
from typing import Any, TypeVar

from nova_aggext import exception
from nova_aggext.db import queries
from nova_aggext.db import records
from nova_aggext.tests import aggregates
from nova_aggext.tests import base
from nova_aggext.tests.functional import databases

T = TypeVar('T')


class QueriesTest(base.TestCase):
    """Rows in, frozen data out."""

    def setUp(self) -> None:
        super().setUp()
        self.database = self.useFixture(databases.Database()).database
        zone = {records.ZONE_KEY: 'z1', 'other': 'x'}
        self.one = self._do(aggregates.make, 'one', ['h1'], zone).id
        zone = {records.ZONE_KEY: 'z2', 'other': 'x'}
        self.two = self._do(aggregates.make, 'two', ['h1', 'h2'], zone).id

    def _do(self, work: Callable[..., T], *arguments: Any) -> T:
        return self.database.write(lambda session: work(session, *arguments))

    def _get(self, aggregate_id: int) -> records.Aggregate:
        return self._do(queries.get_aggregate, aggregate_id)

    def test_now_is_as_the_columns_hold_it(self) -> None:
        moment = queries.now()
        self.assertEqual((0, None), (moment.microsecond, moment.tzinfo))

    def test_one_that_is_not_there(self) -> None:
        self.assertRaises(exception.AggregateNotFound, self._get, self.two + 1)

    def test_by_host(self) -> None:
        found = self._do(queries.list_aggregates_by_host, 'h2')
        self.assertEqual([self._get(self.two)], found)
        self.assertEqual([], self._do(queries.list_aggregates_by_host, 'H2'))

    def test_zones_of_hosts(self) -> None:
        self.assertEqual(
            {'h1': {self.one: 'z1', self.two: 'z2'}, 'h3': {}},
            self._do(queries.zones_of_hosts, ['h1', 'h3']),
        )
