# SPDX-License-Identifier: Apache-2.0
"""Zone rules, without a database."""

from nova_aggext.compute import availability_zones as rules
from nova_aggext.compute import findings
from nova_aggext.compute import requests
from nova_aggext.tests import base
from nova_aggext.tests.unit.compute import clouds

Item = requests.Item
Judging = requests.Judging
BOTH = (Judging.NAMED, Judging.ALTERED)


class ZonesTestCase(base.TestCase):
    """A cloud, and what is found against items."""

    def found(
        self,
        cloud: clouds.Cloud,
        *items: Item,
        judging: Judging = Judging.ALTERED,
        default: str | None = None,
    ) -> list[str]:
        """Give what is found, as kinds and hosts."""
        asked = clouds.request(*items, judging=judging, default_zone=default)
        return [
            f'{type(one).__name__} {getattr(one, "host", "")}'
            for one in cloud.decide(asked).found
        ]


class JoinAndLeaveTest(ZonesTestCase):
    """One host of one aggregate: here Nova and we agree."""

    cloud = clouds.of(
        clouds.aggregate(1, 'z1', 'h1', 'busy', 'both'),
        clouds.aggregate(2, 'z1', 'both'),
        clouds.aggregate(3, 'z2'),
        clouds.aggregate(4),
        busy=2,
        both=2,
        new=2,
    )

    def test_join(self) -> None:
        for judging in BOTH:
            for one, host, expected in (
                (2, 'h1', []),
                (2, 'busy', []),
                (3, 'h1', ['ZoneConflict h1']),
                (3, 'busy', ['ZoneConflict busy']),
                (3, 'empty', []),
                (3, 'new', ['ZoneInstances new']),
                (4, 'new', []),
                (4, 'busy', []),
            ):
                item = Item(one, add=(host,))
                found = self.found(self.cloud, item, judging=judging)
                self.assertEqual(expected, found, str((judging, item)))

    def test_leave(self) -> None:
        for judging in BOTH:
            for one, host, expected in (
                (1, 'h1', []),
                (1, 'busy', ['ZoneInstances busy']),
                (1, 'both', []),
            ):
                item = Item(one, remove=(host,))
                found = self.found(self.cloud, item, judging=judging)
                self.assertEqual(expected, found, str((judging, item)))

    def test_zone(self) -> None:
        for judging in BOTH:
            for one, zone, expected in (
                (1, 'z1', []),
                (1, 'z2', ['ZoneConflict both', 'ZoneInstances busy']),
                (3, 'z3', []),
            ):
                item = Item(one, metadata=clouds.zone(zone))
                found = self.found(self.cloud, item, judging=judging)
                self.assertEqual(expected, sorted(found), str((judging, item)))


class NamedTest(ZonesTestCase):
    """What Nova refuses though no zone of a host would change."""

    def test_a_zone_that_hosts_have_by_another(self) -> None:
        cloud = clouds.of(
            clouds.aggregate(1, None, 'busy'),
            clouds.aggregate(2, 'z1', 'busy'),
            busy=1,
        )
        item = Item(1, metadata=clouds.zone('z1'))
        found = self.found(cloud, item, judging=Judging.NAMED)
        self.assertEqual(['ZoneInstances busy'], found)
        self.assertEqual([], self.found(cloud, item))

    def test_the_present_zone_beside_an_old_conflict(self) -> None:
        cloud = clouds.of(
            clouds.aggregate(1, 'z1', 'h1'), clouds.aggregate(2, 'z2', 'h1')
        )
        item = Item(1, metadata=clouds.zone('z1'))
        found = self.found(cloud, item, judging=Judging.NAMED)
        self.assertEqual(['ZoneConflict h1'], found)
        self.assertEqual([], self.found(cloud, item))

    def test_no_zone(self) -> None:
        cloud = clouds.of(clouds.aggregate(1, 'z1', 'h1'))
        for zone in (None, ''):
            item = Item(1, metadata=clouds.zone(zone))
            found = self.found(cloud, item, judging=Judging.NAMED)
            self.assertIn('ZoneEmpty ', found)
        self.assertEqual(
            [], self.found(cloud, Item(1, metadata=clouds.zone(None)))
        )


class ManyTest(ZonesTestCase):
    """What no order of single calls could do, and what nothing can."""

    def test_move_within_a_zone(self) -> None:
        cloud = clouds.of(
            clouds.aggregate(1, 'z1', 'busy'),
            clouds.aggregate(2, 'z1'),
            clouds.aggregate(3, 'z2'),
            busy=1,
        )
        leave = Item(1, remove=('busy',))
        self.assertEqual([], self.found(cloud, leave, Item(2, add=('busy',))))
        self.assertEqual(
            ['ZoneInstances busy'],
            self.found(cloud, leave, Item(3, add=('busy',))),
        )

    def test_a_new_zone_of_two_that_share_hosts(self) -> None:
        cloud = clouds.of(
            clouds.aggregate(1, 'z1', 'h1'), clouds.aggregate(2, 'z1', 'h1')
        )
        both = [Item(one, metadata=clouds.zone('z2')) for one in (1, 2)]
        self.assertEqual([], self.found(cloud, *both))
        self.assertEqual(['ZoneConflict h1'], self.found(cloud, both[0]))
        apart = Item(2, metadata=clouds.zone('z3'))
        found = self.found(cloud, both[0], apart)
        self.assertEqual(['ZoneConflict h1'] * 2, found)

    def test_both_rules_broken_by_one_host(self) -> None:
        cloud = clouds.of(
            clouds.aggregate(1, 'z1', 'busy'),
            clouds.aggregate(2, 'z2'),
            busy=1,
        )
        found = self.found(cloud, Item(2, add=('busy',)))
        self.assertEqual(['ZoneConflict busy'], found)

    def test_unset(self) -> None:
        cloud = clouds.of(
            clouds.aggregate(1, 'z1', 'h1', 'busy', 'both'),
            clouds.aggregate(2, 'z1', 'both'),
            busy=1,
            both=1,
        )
        item = Item(1, metadata=clouds.zone(None))
        self.assertEqual(['ZoneInstances busy'], self.found(cloud, item))

    def test_into_the_default_zone(self) -> None:
        cloud = clouds.of(clouds.aggregate(1, None, 'busy'), busy=1)
        item = Item(1, metadata=clouds.zone('nova'))
        self.assertEqual([], self.found(cloud, item, default='nova'))
        found = self.found(cloud, item, default='other')
        self.assertEqual(['ZoneInstances busy'], found)

    def test_an_old_conflict_may_get_smaller(self) -> None:
        cloud = clouds.of(
            clouds.aggregate(1, 'z1', 'busy'),
            clouds.aggregate(2, 'z2', 'busy'),
            clouds.aggregate(3, 'z3'),
            clouds.aggregate(4, 'z2'),
            busy=1,
        )
        self.assertEqual([], self.found(cloud, Item(1, remove=('busy',))))
        self.assertEqual([], self.found(cloud, Item(4, add=('busy',))))
        found = self.found(cloud, Item(3, add=('busy',)))
        self.assertEqual(['ZoneConflict busy'], found)
        both = [Item(one, remove=('busy',)) for one in (1, 2)]
        self.assertEqual(['ZoneInstances busy'], self.found(cloud, *both))

    def test_new_aggregates(self) -> None:
        cloud = clouds.of(clouds.aggregate(1, 'z1', 'h1'))
        zones = [
            Item(None, name=zone, metadata=clouds.zone(zone), add=('new',))
            for zone in ('z1', 'z2')
        ]
        found = self.found(cloud, *zones)
        self.assertEqual(['ZoneConflict new'] * 2, found)


class WordsTest(base.TestCase):
    """Zones in words, and whom a move is blamed on."""

    def test_describe(self) -> None:
        self.assertEqual(
            'z1 (aggregate 1), z2 (aggregate 2)',
            rules.describe({1: 'z1', 2: 'z2'}),
        )

    def test_the_one_that_gives_the_zone_is_blamed(self) -> None:
        left, joined = (
            clouds.aggregate(1, 'z1', 'busy'),
            clouds.aggregate(2, 'z2'),
        )
        asked = clouds.request(
            Item(1, remove=('busy',)), Item(2, add=('busy',))
        )
        (found,) = clouds.of(left, joined, busy=3).decide(asked).found
        self.assertEqual(
            findings.ZoneInstances(joined, 'busy', 'z1', 'z2', 3), found
        )
