# SPDX-License-Identifier: Apache-2.0
"""Zone rules, without a database."""

from nova_aggext.compute import availability_zones as rules
from nova_aggext.tests import base


class ZoneRulesTest(base.TestCase):
    """What moves a host, and what forbids that."""

    def test_zone_of_host(self) -> None:
        self.assertIsNone(rules.zone_of_host({}))
        self.assertEqual('z1', rules.zone_of_host({1: 'z1', 2: 'z1'}))

    def test_conflicts(self) -> None:
        zones = {1: 'z1', 2: 'z2', 3: 'z3'}
        self.assertEqual({3: 'z3'}, rules.conflicts(zones, 1, 'z2'))
        self.assertEqual({}, rules.conflicts({1: 'z1'}, 1, 'z2'))

    def test_first_conflict(self) -> None:
        zones_of = {'a': {1: 'z1'}, 'b': {2: 'z2'}, 'c': {3: 'z3'}}
        self.assertEqual(
            ('b', {2: 'z2'}), rules.first_conflict(zones_of, 1, 'z3')
        )
        self.assertIsNone(rules.first_conflict({'a': {}}, 1, 'z1'))

    def test_moved_by_adding(self) -> None:
        cases: tuple[tuple[rules.Zones, str | None, bool], ...] = (
            ({}, None, False),
            ({}, 'z1', True),
            ({1: 'z1'}, 'z1', False),
            ({1: 'z1'}, None, False),
            ({1: 'z1'}, 'z2', True),
        )
        for zones, wanted, expected in cases:
            moved = rules.moved_by_adding(zones, wanted)
            self.assertEqual(expected, moved)

    def test_moved_by_removing(self) -> None:
        for zones, expected in (
            ({}, False),
            ({1: 'z1'}, True),
            ({1: 'z1', 2: 'z1'}, False),
            ({2: 'z1'}, False),
        ):
            moved = rules.moved_by_removing(zones, 1)
            self.assertEqual(expected, moved)

    def test_describe(self) -> None:
        self.assertEqual(
            'z1 (aggregate 1), z2 (aggregate 2)',
            rules.describe({1: 'z1', 2: 'z2'}),
        )

    def test_hosts_with_instances(self) -> None:
        counts = {'a': 0, 'b': 2, 'c': 1}
        self.assertEqual(
            ['c', 'b'], rules.hosts_with_instances(['c', 'a', 'b'], counts)
        )
