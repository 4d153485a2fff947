# SPDX-License-Identifier: Apache-2.0
"""Changes that speak twice of one thing."""

from typing import Any

from nova_aggext.tests.functional.changes import base


class ContradictionsTest(base.ChangesTestCase):
    """What is named twice, whatever the state is."""

    def setUp(self) -> None:
        super().setUp()
        self.one = self.create('one', 'h1')
        self.two = self.create('two')

    def contradictory(self, aggregates: Any, hosts: Any, *paths: str) -> None:
        change = {'aggregates': aggregates, 'hosts': hosts}
        for query in '', '?dry_run=true':
            answer = self.post(change, query)
            codes = ['change.contradictory'] * len(paths)
            told = self.refused(answer, 400, *codes)
            self.assertEqual([*paths], [each['path'] for each in told])

    def host(self, name: str, **ways: Any) -> base.Document:
        named = {
            way: [{'id': one['id']} for one in ones]
            for way, ones in ways.items()
        }
        return {'host': name, 'aggregates': named}

    def test_one_aggregate_in_two_items(self) -> None:
        items = [base.of(self.one), {'aggregate': {'name': 'one'}}]
        self.contradictory(items, [], '/change/aggregates/1')

    def test_one_host_in_two_items(self) -> None:
        items = [self.host('h1', add=[]), self.host('h1', remove=[])]
        self.contradictory([], items, '/change/hosts/1')

    def test_added_and_removed(self) -> None:
        hosts = {'add': ['h[1-3]'], 'remove': ['h2', 'h9']}
        path = '/change/aggregates/0/hosts/remove/0'
        self.contradictory([base.of(self.one, hosts=hosts)], [], path)

    def test_added_and_removed_from_a_host(self) -> None:
        item = self.host('h1', add=[self.one], remove=[self.one])
        path = '/change/hosts/0/aggregates/remove/0'
        self.contradictory([], [item], path)

    def test_a_key_added_and_removed(self) -> None:
        values = {'add': {'k': 'v'}, 'remove': ['k']}
        path = '/change/aggregates/0/metadata/remove/0'
        self.contradictory([base.of(self.one, metadata=values)], [], path)

    def test_a_membership_from_both_sides(self) -> None:
        """Also when both say the same."""
        for way in ('add', 'remove', 'set'):
            for side in ('add', 'remove', 'set'):
                for host in ('h1', 'h2'):
                    self.contradictory(
                        [base.of(self.one, hosts={way: [host]})],
                        [self.host(host, **{side: [self.one]})],
                        f'/change/hosts/0/aggregates/{side}/0',
                    )

    def test_what_a_set_leaves_out_is_added(self) -> None:
        for host in ('h1', 'h2'):
            self.contradictory(
                [base.of(self.one, hosts={'set': []})],
                [self.host(host, add=[self.one])],
                '/change/hosts/0/aggregates/add/0',
            )
            self.contradictory(
                [base.of(self.one, hosts={'add': [host]})],
                [self.host(host, set=[self.two])],
                '/change/hosts/0',
            )

    def test_left_out_by_both(self) -> None:
        """That is none; nor is to remove what the other leaves out."""
        for hosts, ways in (
            ({'set': []}, {'set': [self.two]}),
            ({'remove': ['h1']}, {'set': [self.two]}),
            ({'set': []}, {'remove': [self.one]}),
        ):
            change = {
                'aggregates': [base.of(self.one, hosts=hosts)],
                'hosts': [self.host('h1', **ways)],
            }
            planned = self.plan(change)
            self.assertEqual(
                {'remove': ['h1']}, planned['effects'][0]['hosts']
            )

    def test_the_same_twice_in_a_list(self) -> None:
        hosts = {'add': ['h2', 'h[2-3]', 'h2']}
        made = self.change(base.of(self.one, hosts=hosts))
        self.assertEqual({'add': ['h2', 'h3']}, made['effects'][0]['hosts'])
        item = self.host('h4', add=[self.one, self.one])
        self.made(self.post({'hosts': [item]}))

    def test_a_host_added_to_what_is_deleted(self) -> None:
        item = {'op': 'delete', 'aggregate': {'name': 'one'}}
        self.contradictory(
            [{**item, 'hosts': {'remove': ['h1']}}],
            [self.host('h2', add=[self.one])],
            '/change/hosts/0/aggregates/add/0',
        )
