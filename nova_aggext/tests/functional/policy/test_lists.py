# SPDX-License-Identifier: Apache-2.0
"""Lists for who sees only what his project owns: nothing else shows."""

import itertools
from typing import Any

import testscenarios

from nova_aggext.policies import host_aggregate as own_policies
from nova_aggext.tests.functional.policy import base

load_tests = testscenarios.load_tests_apply_scenarios

P = base.Caller('p')
KEYS = ('id', 'name', 'availability_zone', 'host_count', 'created_at')
FILTERS = (
    '',
    'host=h1',
    'host=h2',
    'host=in:h1,h2',
    'host=null',
    'host=neq:h1',
    'owner=p',
    'owner=q',
    'owner=null',
    'owner=neq:q',
    'owner=in:p,q',
    'owner=glob:*',
    'protected=true',
    'name=glob:*e*',
    'availability_zone=z',
    'metadata.k=v',
    'metadata_key=k',
)


class ListsTest(base.PolicyTestCase):
    """What is listed is what would be, if there was nothing else."""

    scenarios = base.KINDS

    def setUp(self) -> None:
        super().setUp()
        self.allow({})
        self.change(
            {'op': 'create', 'name': 'two', 'owner': 'p', 'protected': True},
            base.of(self.other, metadata={'add': {'k': 'v'}}, protected=True),
            base.of(self.free, availability_zone='z'),
            base.of(self.one, metadata={'add': {'k': 'v'}}),
        )
        self.allow(self.rules)

    def listed(self, query: str, who: base.Caller = P) -> Any:
        answer = self.ask(who, 'GET', f'/aggregates?{query}')
        self.assertEqual(200, answer.status_int, answer.text)
        return answer

    def test_each_filter_and_order(self) -> None:
        for given, key, way in itertools.product(
            FILTERS, KEYS, ('asc', 'desc')
        ):
            query = f'{given}&sort={key}:{way}&with_count=true&limit=1'
            answer = self.listed(query)
            whole = self.listed(
                f'{given}&sort={key}:{way}&owner=p', base.ADMIN
            ).json['aggregates']
            self.assertEqual(len(whole), answer.json['count'], query)
            self.assertEqual(whole, self.pages(query))

    def pages(self, query: str) -> list[base.Document]:
        """Give what all pages have."""
        found = []
        while query:
            answer = self.listed(query).json
            found += answer['aggregates']
            query = ''
            for link in answer['links']:
                query = link['href'].partition('?')[2]
        return found

    def test_what_others_do_does_not_show(self) -> None:
        """Neither by a tag nor by a position."""
        before = self.listed('with_count=true')
        self.assertNotIn('position', before.json)
        self.allow({})
        self.create('more', owner='q')
        self.change(base.of(self.other, hosts={'add': ['h4']}))
        self.allow(self.rules)
        after = self.listed('with_count=true')
        self.assertEqual(before.json, after.json)
        self.assertEqual(before.headers['ETag'], after.headers['ETag'])

    def test_a_position_for_who_may_follow(self) -> None:
        for who, rules in (
            (base.ADMIN, {}),
            (P, {own_policies.CHANGES_LIST: 'role:manager'}),
        ):
            self.allow({**self.rules, **rules})
            self.assertIn('position', self.listed('', who).json)

    def test_a_marker_of_somebody_else(self) -> None:
        """It says where to begin, not what there is."""
        answer = self.listed('limit=1&sort=name', base.ADMIN).json
        (link,) = answer['links']
        query = link['href'].partition('?')[2]
        found = self.listed(query).json['aggregates']
        self.assertEqual(['one'], [one['name'] for one in found])

    def test_given_away(self) -> None:
        self.give(self.one, 'q')
        found = self.listed('').json['aggregates']
        self.assertEqual(['two'], [one['name'] for one in found])

    def test_owners_are_exact(self) -> None:
        """Not as a database may compare texts."""
        for project in 'P', 'p ', 'ṗ', 'p%':
            self.give(self.free, project)
            names = [one['name'] for one in self.listed('').json['aggregates']]
            self.assertEqual(['one', 'two'], names, project)
            answer = self.ask(P, 'GET', '', root=base.NOVA)
            names = [one['name'] for one in answer.json['aggregates']]
            self.assertEqual(['one', 'two'], names, project)
