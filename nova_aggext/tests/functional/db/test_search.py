# SPDX-License-Identifier: Apache-2.0
"""Aggregates are found and sorted alike by every database."""

import dataclasses
import datetime
import random
from collections.abc import Sequence

import hypothesis
import sqlalchemy as sa
import testscenarios
from hypothesis import strategies as st

from nova_aggext.db import models
from nova_aggext.db import reading
from nova_aggext.db import records
from nova_aggext.db import search
from nova_aggext.db import writing
from nova_aggext.tests import base
from nova_aggext.tests.functional import databases
from nova_aggext.tests.functional.db import searching

load_tests = testscenarios.load_tests_apply_scenarios

BOUNDS = hypothesis.settings(
    max_examples=150,
    deadline=None,
    derandomize=True,
    suppress_health_check=list(hypothesis.HealthCheck),
)

# No two of them are equal to MariaDB.
NAMES = (
    *('a', 'B', 'c%d', '_e', 'z|f', '[g]', '\u00e4h', '\u4e2di', 'j!'),
    *('K"l', 'm\\n', 'A1', 'a10', 'a2', '~', '*', '?', "o'p", 'in:q'),
    *('\uffeer', 'null'),
)
ZONES = (None, 'z1', 'Z1', 'z1 ', 'z\u00e9', 'null', '', 'z10')
HOSTS = ('h1', 'h2', 'h10', 'H_3', 'h%4', 'h\u00e4')
KEYS = ('ssd', 'k.a', 'k_b', 'x\u00e9', 'availability_zone2')
VALUES = ('true', 'True', 'true ', '', '\u4e2d', 'a*b')
TIMES = (
    None,
    datetime.datetime(2026, 1, 2, 3, 4, 5),
    datetime.datetime(2026, 1, 2, 3, 4, 6),
    datetime.datetime(2025, 12, 31),
)
# Beyond the basic plane, and equal but for the case.
OWNERS = ('p1', 'P1', 'p1 ', '', '\U0001f600', '\u4e2d')
UUID = '0e4c1f0a-5f3e-4c52-9a41-6f1f5f9f8a%02d'

# What no database holds, or what some of them refuse to be asked for.
ODD = ('\0', 'a\0', '\U0001f600', 'x' * 256, 'h1 ', 'SSD', 'A', ' ', "'")
stored = st.sampled_from(
    [
        *NAMES,
        *filter(None, ZONES),
        *HOSTS,
        *KEYS,
        *VALUES,
        *OWNERS,
        *ODD,
        *(UUID % number for number in (1, 2, 99)),
        records.ZONE_KEY,
    ]
)
globs = st.one_of(
    stored,
    st.text(alphabet='*?aAhz1_%[]|\\\u00e4\u4e2d\0\U0001f600', max_size=6),
    st.just('*a' * 300),
)
numbers = st.integers(-1, 2**31)
SEVERAL = (search.Operator.IN, search.Operator.NOT_IN)


@st.composite
def filters(draw: st.DrawFn) -> search.Filter:
    """Make a filter as the API does."""
    field = draw(st.sampled_from(search.Field))
    operator = draw(st.sampled_from(search.Operator))
    if field is search.Field.PROTECTED:
        operator = draw(st.sampled_from(sorted(search.EQUALITY, key=str)))
    if field is search.Field.ID and operator is search.Operator.GLOB:
        operator = search.Operator.EQ
    one: st.SearchStrategy[search.Value] = stored
    if field is search.Field.ID:
        one = st.integers(0, len(NAMES) + 1) | numbers
    elif field is search.Field.PROTECTED:
        one = st.booleans()
    elif operator is search.Operator.GLOB:
        one = globs
    elif operator in search.EQUALITY and field in (
        search.Field.ZONE,
        search.Field.HOST,
        search.Field.OWNER,
    ):
        one = st.none() | stored
    most = 4 if operator in SEVERAL else 1
    values = draw(st.lists(one, min_size=1, max_size=most))
    key = draw(stored) if field is search.Field.METADATA else None
    return search.Filter(field, operator, tuple(values), key)


@st.composite
def orders(draw: st.DrawFn) -> tuple[search.Order, ...]:
    """Make an order that ends with the id."""
    keys = draw(st.lists(st.sampled_from(search.Key), unique=True))
    if search.Key.ID not in keys:
        keys.append(search.Key.ID)
    return tuple(search.Order(key, draw(st.booleans())) for key in keys)


class SearchTest(base.TestCase):
    """The same aggregates in each database."""

    scenarios = [(kind, {'kind': kind}) for kind in databases.KINDS]
    kind: str

    def setUp(self) -> None:
        super().setUp()
        self.database = self.useFixture(databases.Database(self.kind)).database
        self.database.write(fill)
        ids = [one.id for one in self.database.read(reading.every)]
        self.every = self.database.read(
            lambda session: reading.some(session, ids, annotated=True)
        )
        self.assertEqual(len(NAMES), len(self.every))

    def test_what_is_found(self) -> None:
        @BOUNDS
        @hypothesis.given(
            st.lists(filters(), max_size=3), orders(), st.integers(1, 12)
        )
        def check(
            asked: Sequence[search.Filter],
            order: tuple[search.Order, ...],
            limit: int,
        ) -> None:
            wanted = search.Search(tuple(asked), order, limit=limit)
            expected = searching.find(self.every, wanted)
            self.assertEqual(expected, self.pages(wanted))
            counted = self.database.ask(
                lambda session: search.count(session, wanted.filters)
            )
            self.assertEqual(len(expected), counted)

        check()

    def find(self, wanted: search.Search) -> search.Found:
        """Find one page."""
        return self.database.ask(lambda session: search.find(session, wanted))

    def pages(self, wanted: search.Search) -> list[int]:
        """Find all, page by page."""
        ids: list[int] = []
        after = None
        while True:
            page = search.Search(
                wanted.filters, wanted.order, after, wanted.limit
            )
            found = self.find(page)
            self.assertLessEqual(len(found.ids), wanted.limit)
            ids += found.ids
            after = found.last
            if after is None:
                return ids

    def test_each_operator(self) -> None:
        """Each alone: at random some would come but seldom."""
        for operator in search.Operator:
            for text in (
                *NAMES,
                *OWNERS,
                *HOSTS,
                *VALUES,
                'z1',
                'Z1',
                '*',
                '?1*',
            ):
                for field in search.Field:
                    if field in (search.Field.ID, search.Field.PROTECTED):
                        continue
                    one = search.Filter(field, operator, (text,), 'ssd')
                    wanted = search.Search((one,))
                    found = self.find(wanted)
                    self.assertEqual(
                        searching.find(self.every, wanted),
                        list(found.ids),
                        str(one),
                    )


def fill(session: sa.Connection) -> None:
    """Make the aggregates, the same for every database."""
    chance = random.Random(7)
    for number, name in enumerate(NAMES, start=1):
        session.execute(
            sa.insert(models.aggregates).values(
                id=number,
                uuid=chance.choice((None, UUID % number)),
                name=name,
                created_at=chance.choice(TIMES),
                updated_at=chance.choice(TIMES),
            )
        )
        hosts = chance.sample(HOSTS, chance.choice((0, 0, 1, 2, 5)))
        for host in hosts:
            session.execute(
                sa.insert(models.aggregate_hosts).values(
                    aggregate_id=number, host=host
                )
            )
        metadata: dict[str, str | None] = {
            key: chance.choice(VALUES)
            for key in chance.sample(KEYS, chance.choice((0, 1, 3)))
        }
        metadata[records.ZONE_KEY] = chance.choice(ZONES)
        for key, value in metadata.items():
            if value is not None:
                session.execute(
                    sa.insert(models.aggregate_metadata).values(
                        aggregate_id=number, key=key, value=value
                    )
                )
    _annotate(session)


def _annotate(session: sa.Connection) -> None:
    chance = random.Random(7)
    bare = reading.some(session, range(1, len(NAMES) + 1))
    said = [
        dataclasses.replace(
            one,
            owner=chance.choice((None, *OWNERS)),
            protected=chance.random() < 0.4,
        )
        for one in bare
        if chance.random() < 0.7
    ]
    writing.write_annotations(session, said)
