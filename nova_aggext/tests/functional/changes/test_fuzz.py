# SPDX-License-Identifier: Apache-2.0
"""Changes made up at random, by Hypothesis.

Whatever comes, no answer is an internal error, a refusal changes nothing, and
a plan is answered as the change itself. ``AGGEXT_FUZZ_EXAMPLES`` says how
many to try on all databases together.
"""

import json
from typing import Any

import hypothesis
from hypothesis import strategies as st
import sqlalchemy as sa
import testscenarios
import webob

from nova_aggext.db import database as db_database
from nova_aggext.db import models
from nova_aggext.tests.functional import test_fuzz
from nova_aggext.tests.functional.changes import base

load_tests = testscenarios.load_tests_apply_scenarios


@st.composite
def likely(draw: st.DrawFn, strategy: st.SearchStrategy[Any]) -> Any:
    """Give mostly what a strategy gives, and sometimes anything."""
    is_wild = draw(st.integers(0, 19)) == 19
    return draw(test_fuzz.json_values if is_wild else strategy)


UUID = '0f1c6f3e-6a5f-4ed0-8a4e-0a2c0d3f6b01'
LIMITS = """
[aggext]
memberships_per_change = 200
hosts_per_pattern = 150
"""

# The second is the first's uuid by name, the third its id.
AGGREGATES = [
    {'id': 7, 'name': 'east', 'uuid': UUID},
    {'id': 8, 'name': UUID, 'uuid': f'{UUID[:-1]}2'},
    {'id': 9, 'name': '7', 'uuid': f'{UUID[:-1]}3'},
]
MEMBERS = [
    {'aggregate_id': 7, 'host': 'h1'},
    {'aggregate_id': 8, 'host': 'H2'},
    {'aggregate_id': 9, 'host': base.BUSY},
]
METADATA = [
    {'aggregate_id': 7, 'key': 'availability_zone', 'value': 'east'},
    {'aggregate_id': 7, 'key': 'ssd', 'value': 'true'},
]
_COUNT_ON = sa.text("SELECT setval('aggregates_id_seq', 1000)")

odd = test_fuzz.odd
names = st.one_of(
    st.sampled_from(['east', 'EAST', 'eäst', UUID, '7', 'new', 'New', ' x']),
    odd,
)
zones = st.none() | st.sampled_from(['east', 'west', 'EAST', 'nova', 'a:b'])
uuids = st.sampled_from([UUID, UUID.upper(), f'{UUID[:-1]}9', 'x'])
ids = st.sampled_from([7, 8, 9, 0, -1, 2**31, 2**63, 10**40, '7', 7.0])
hosts = st.one_of(
    st.sampled_from(
        [
            'h1',
            'H1',
            'h2',
            'H2',
            'h[1-4]',
            'none',
            base.BUSY,
            'h[1-999999999999]',
            'h[0-9][0-9][0-9]',
            'h[2-1]',
            'h[١-٣]',
            'h[',
        ]
    ),
    odd,
)
keys = test_fuzz.keys | odd
tags = st.sampled_from(['0' * 32, '*', 'W/"x"'])
texts = st.sampled_from(['', 'v', 'x' * 256]) | odd
values = st.dictionaries(keys, likely(texts), max_size=2)
references = st.fixed_dictionaries(
    {},
    optional={
        'id': likely(ids),
        'name': likely(names),
        'uuid': likely(uuids),
    },
)


def ways(
    one: st.SearchStrategy[Any], added: st.SearchStrategy[Any] | None = None
) -> st.SearchStrategy[Any]:
    """Give what adds and removes, or sets."""
    several = st.lists(one, max_size=2)
    added = several if added is None else added
    both = {'add': added, 'remove': several}
    return st.fixed_dictionaries({}, optional=both) | (
        st.fixed_dictionaries({'set': added})
    )


known = st.sampled_from([{'id': one} for one in (7, 8, 9)])
annotations = {
    'description': likely(st.none() | texts),
    'owner': likely(st.none() | texts),
    'protected': likely(st.booleans()),
}
parts = {
    **annotations,
    'availability_zone': likely(zones),
    'hosts': likely(ways(hosts)),
    'metadata': likely(ways(keys, values)),
}
members = st.fixed_dictionaries(
    {'aggregate': likely(known | references)},
    optional={**parts, 'name': names, 'if_match': tags},
)
new = st.fixed_dictionaries(
    {'op': st.just('create'), 'name': names},
    optional={**parts, 'uuid': uuids},
)
gone = st.fixed_dictionaries(
    {'op': st.just('delete'), 'aggregate': likely(known | references)},
    optional={'hosts': likely(ways(hosts))},
)
of_hosts = st.fixed_dictionaries(
    {'host': likely(hosts), 'aggregates': likely(ways(known | references))},
    optional={'if_match': tags},
)
common = {
    'strict': likely(st.booleans()),
    'unknown_hosts': st.sampled_from(['refuse', 'skip', '']),
    'expect_digest': st.none() | tags,
    'reason': texts,
}
changes = st.one_of(
    st.fixed_dictionaries(
        {
            'aggregates': st.lists(
                likely(st.one_of(members, new, gone)), max_size=3
            )
        },
        optional={**common, 'hosts': st.lists(likely(of_hosts), max_size=2)},
    ),
    st.fixed_dictionaries(
        {
            'revert': st.sampled_from(
                [UUID, 'n-1', 'n-0', 'n-9' * 12, f'n-{2**63}', '\0', '\ud800']
            )
        },
        optional=common,
    ),
)
bodies = likely(st.fixed_dictionaries({'change': likely(changes)}))
numbers = st.sampled_from([UUID, f'{UUID[:-1]}7', UUID.upper(), '7', '%00'])


class ChangesFuzzTest(base.ChangesTestCase):
    """Any bodies, planned and then sent."""

    scenarios = base.KINDS
    options = LIMITS

    @test_fuzz.BOUNDS
    @hypothesis.given(bodies, st.none() | numbers)
    @hypothesis.example({'change': {'revert': '\0'}}, None)
    @hypothesis.example({'change': {'revert': f'n-{2**63}'}}, UUID)
    def test_no_change_does_harm(self, body: Any, number: str | None) -> None:
        self.db.database.write(self._begin)
        before = self.rows()
        planned = self._answer('?dry_run=true', body, number)
        self.assertEqual(before, self.rows())
        made = self._answer('', body, number)
        if made.status_int == 201:
            self.assertEqual(200, planned.status_int, body)
            change, plan = made.json['change'], planned.json['change']
            for name in ('digest', 'warnings', 'impact', 'changed'):
                self.assertEqual(plan[name], change[name])
            return
        self.assertEqual(planned.status_int, made.status_int, body)
        self.assertEqual(before, self.rows())
        if made.status_int != 200:
            self.assertEqual(_codes(planned), _codes(made))

    def _answer(
        self, query: str, body: Any, number: str | None
    ) -> webob.Response:
        sent = json.dumps(body).encode()
        if number is None:
            answer = self.send('POST', f'/changes{query}', sent)
        else:
            answer = self.send('PUT', f'/changes/{number}{query}', sent)
        self.assertLess(answer.status_int, 500, body)
        self.assertNotIn(b'Traceback', answer.body)
        return answer

    def _begin(self, session: db_database.Session) -> None:
        for table in reversed(models.METADATA.sorted_tables):
            if table is not models.hosts:
                session.execute(sa.delete(table))
        session.execute(sa.insert(models.aggregates), AGGREGATES)
        if self.kind == 'postgresql':
            # The others count on from the ids that are given.
            session.execute(_COUNT_ON)
        session.execute(sa.insert(models.aggregate_hosts), MEMBERS)
        session.execute(sa.insert(models.aggregate_metadata), METADATA)


def _codes(answer: webob.Response) -> list[tuple[str, str | None]]:
    return [(one['code'], one.get('path')) for one in answer.json['errors']]
