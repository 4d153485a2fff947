# SPDX-License-Identifier: Apache-2.0
"""Aggregates are read the same in every way that there is."""

import datetime
import functools

import sqlalchemy as sa
import testscenarios

from nova_aggext.db import queries
from nova_aggext.db import reading
from nova_aggext.db import records
from nova_aggext.db import writing
from nova_aggext.tests import aggregates
from nova_aggext.tests.functional.db import reads

load_tests = testscenarios.load_tests_apply_scenarios

# What JSON has to escape, or may be taken for a separator.
LATER = datetime.datetime(2026, 1, 2, 3, 4, 6)
ODD = 'a "b" \\c, d: {e} [f]\u00e4\u4e2d'


class ReadingTest(reads.ReadsTestCase):
    """JSON of the database, or its rows, as each kind of it can."""

    scenarios = reads.WAYS

    def setUp(self) -> None:
        super().setUp()
        self.made = [self.make(number) for number in range(3)]
        self.read_that_way()

    def make(self, number: int) -> records.Aggregate:
        """Make an aggregate with so many hosts and keys."""
        hosts = [f'z{ODD}'[:number], f'a{ODD}'][:number]
        metadata = {f'key {one}': ODD for one in range(number)}

        def work(session: sa.Connection) -> records.Aggregate:
            name = f'{ODD} {number}'
            one = aggregates.make(
                session, name, hosts, metadata, uuid=f'uuid-{number}'
            )
            writing.update_aggregates(session, {one.id: None}, LATER)
            return queries.get_aggregate(session, one.id)

        made = self.database.write(work)
        self.assertEqual(tuple(hosts), made.hosts)
        self.assertEqual(metadata, made.metadata)
        return made

    def get(self, aggregate_id: int) -> records.Aggregate:
        return self.database.ask(
            lambda session: queries.get_aggregate(session, aggregate_id)
        )

    def test_times(self) -> None:
        for one in self.made:
            for moment in (one.created_at, one.updated_at):
                self.assertIsInstance(moment, datetime.datetime)

    def test_one(self) -> None:
        for one in self.made:
            self.assertEqual(one, self.get(one.id))

    def test_some(self) -> None:
        last, first = self.made[2], self.made[0]
        found = self.database.ask(
            lambda session: reading.some(
                session, [last.id, first.id, last.id + 1]
            )
        )
        self.assertEqual([first, last], found)

    def test_none(self) -> None:
        self.assertEqual([], self.database.ask(lambda s: reading.some(s, [])))

    def test_select(self) -> None:
        """Hosts compare exactly; ids come in their order."""
        first, second, third = (one.id for one in self.made)
        for criteria, wanted in (
            (reading.Criteria(), [first, second, third]),
            (reading.Criteria(after=first), [second, third]),
            (reading.Criteria(after=first, limit=1), [second]),
            (reading.Criteria(host=f'a{ODD}'), [third]),
            (reading.Criteria(host=f'A{ODD}'), []),
            (reading.Criteria(host='z'), [second]),
            (reading.Criteria(host='z', after=second), []),
            (reading.Criteria(host=f'a{ODD}', limit=0), []),
        ):
            found = self.database.ask(
                functools.partial(reading.select, criteria=criteria)
            )
            self.assertEqual(wanted, found, str(criteria))

    def test_every(self) -> None:
        self.assertEqual(
            self.made, self.database.read(queries.list_aggregates)
        )

    def test_question_leaves_nothing_open(self) -> None:
        """Who asks again sees what others did meanwhile."""
        for number in (3, 4):
            made = self.make(number)
            self.assertEqual(made, self.get(made.id))
