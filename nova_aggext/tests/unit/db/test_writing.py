# SPDX-License-Identifier: Apache-2.0
"""Rows of aggregates, one at a time."""

import datetime
from collections.abc import Callable
from typing import Any, TypeVar

from nova_aggext import exception
from nova_aggext.db import queries
from nova_aggext.db import records
from nova_aggext.db import writing
from nova_aggext.tests import aggregates
from nova_aggext.tests import base
from nova_aggext.tests.functional import databases

T = TypeVar('T')

LATER = datetime.datetime(2026, 1, 2, 3, 4, 6)


class WritingTest(base.TestCase):
    """Two aggregates, one of which is written."""

    def setUp(self) -> None:
        super().setUp()
        self.database = self.useFixture(databases.Database()).database
        self.one = self._do(aggregates.make, 'one').id
        self.two = self._do(aggregates.make, 'two').id

    def _do(self, work: Callable[..., T], *arguments: Any) -> T:
        return self.database.write(lambda session: work(session, *arguments))

    def _get(self, aggregate_id: int) -> records.Aggregate:
        return self._do(queries.get_aggregate, aggregate_id)

    def test_names_are_unique(self) -> None:
        for work, what in (
            (writing.insert_aggregates, [('uuid 3', 'one')]),
            (writing.update_aggregates, {self.two: 'one'}),
        ):
            self.assertRaises(
                exception.AggregateNameExists, self._do, work, what, LATER
            )

    def test_a_host_is_in_an_aggregate_once(self) -> None:
        members = [(self.one, 'h1'), (self.two, 'h1')]
        self._do(writing.insert_hosts, members, LATER)
        self.assertRaises(
            exception.AggregateHostExists,
            self._do,
            writing.insert_hosts,
            members[:1],
            LATER,
        )

    def test_hosts_in_the_order_they_came(self) -> None:
        for host in ('c', 'a', 'b'):
            self._do(writing.insert_hosts, [(self.one, host)], LATER)
        self._do(writing.delete_hosts, [(self.one, 'a')])
        self.assertEqual(('c', 'b'), self._get(self.one).hosts)

    def test_metadata(self) -> None:
        for work, values in (
            (writing.insert_metadata, {}),
            (writing.insert_metadata, {'a': '1', 'b': '2', 'c': '3'}),
            (writing.update_metadata, {'a': '4', 'x': '5'}),
        ):
            rows = {(self.one, key): value for key, value in values.items()}
            self._do(work, rows, LATER)
        self._do(writing.delete_metadata, [(self.one, key) for key in 'bx'])
        self.assertEqual({'a': '4', 'c': '3'}, self._get(self.one).metadata)
        self.assertEqual({}, self._get(self.two).metadata)

    def test_delete(self) -> None:
        self._do(writing.insert_metadata, {(self.one, 'a'): '1'}, LATER)
        self._do(writing.delete_aggregates, [self.one])
        self.assertRaises(exception.AggregateNotFound, self._get, self.one)
        self.assertEqual('two', self._get(self.two).name)

    def test_times(self) -> None:
        before = self._get(self.one)
        self.assertEqual(aggregates.MOMENT, before.created_at)
        self.assertIsNone(before.updated_at)
        self._do(writing.update_aggregates, {self.one: None}, LATER)
        self.assertEqual(LATER, self._get(self.one).updated_at)
        self.assertIsNone(self._get(self.two).updated_at)
