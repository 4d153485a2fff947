# SPDX-License-Identifier: Apache-2.0
"""Requests, as they stand in the examples."""

import copy

import testscenarios

from nova_aggext.tests.functional.changes import base
from nova_aggext.tests.functional.host_aggregate import examples

load_tests = testscenarios.load_tests_apply_scenarios


class RequestTest(examples.ExampleTestCase):
    """The request of the example, which uses all of the grammar."""

    def setUp(self) -> None:
        super().setUp()
        self.asked = examples.example('change-request')['change']
        moved = [f'cmp-a{number:03}' for number in range(17, 21)]
        self.insert(
            3,
            examples.AZ1,
            'az1',
            [*moved, 'dead-9'],
            **{examples.ZONE: 'az1'},
        )
        self.insert(
            7, examples.GPU, 'gpu', hdd='yes', **{examples.ZONE: 'az2'}
        )
        self.insert(9, examples.GOLD, 'gold', **{examples.ZONE: 'az9'})
        self.insert(11, base.new_id(), 'tmp', ['cmp-t1'])
        self.insert(12, base.new_id(), 'az2', **{examples.ZONE: 'az2'})
        made = [f'cmp-z{number:02}' for number in range(1, 5)]
        self.inventory.add_host(*made, 'cmp-b001')
        self.inventory.remove_host('dead-9')

    def test_as_it_stands(self) -> None:
        """All of it is understood; the server never has that very tag."""
        before = self.send('GET', '/aggregates').json
        (told,) = self.refused(self.post(self.asked), 412, 'etag.mismatch')
        self.assertEqual('/change/aggregates/0/if_match', told['path'])
        self.assertEqual(before, self.send('GET', '/aggregates').json)

    def test_with_the_tag_of_the_server(self) -> None:
        asked = copy.deepcopy(self.asked)
        asked['aggregates'][0]['if_match'] = self.show(7)['etag']
        planned = self.plan(asked)
        change = self.made(self.post(asked))
        self.assertEqual(planned['digest'], change['digest'])
        self.assertEqual(self.asked['reason'], change['reason'])
        self.assertEqual(
            [
                ('update', 'az1'),
                ('update', 'gpu'),
                ('update', 'gold'),
                ('delete', 'tmp'),
                ('update', 'az2'),
                ('create', 'pool-z'),
            ],
            [
                (one['op'], one['aggregate']['name'])
                for one in change['effects']
            ],
        )
        listed = self.send('GET', '/aggregates').json['aggregates']
        found = {one['name']: one for one in listed}
        self.assertEqual([], found['az1']['hosts'])
        self.assertEqual(
            ['cmp-a017', 'cmp-a018', 'cmp-a019', 'cmp-a020', 'cmp-b001'],
            found['gpu']['hosts'],
        )
        self.assertEqual({'ssd': 'true'}, found['gpu']['metadata'])
        pool = found['pool-z']
        self.assertEqual(
            ('az3', 'new hall', 4),
            (pool[examples.ZONE], pool['description'], pool['host_count']),
        )
        gold = found['old-gold']
        self.assertEqual(
            (9, None, False),
            (gold['id'], gold[examples.ZONE], gold['protected']),
        )
        self.assertNotIn('tmp', found)
        self.assertEqual(['cmp-b001'], found['az2']['hosts'])
