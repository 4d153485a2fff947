# SPDX-License-Identifier: Apache-2.0
"""How a cloud is arranged."""

import hypothesis
import testtools
from hypothesis import strategies

from osc_aggext.pictures import layout
from osc_aggext.pictures import model
from osc_aggext.pictures import runs
from osc_aggext.tests import clouds

FATES = strategies.sampled_from(
    [model.Fate.STAYS, model.Fate.JOINS, model.Fate.LEAVES]
)


@strategies.composite
def any_cloud(draw: strategies.DrawFn) -> model.Cloud:
    """Make up a cloud, with a plan or without."""
    zones = strategies.sampled_from([None, 'az1', 'az2', 'nova'])
    aggregates = tuple(
        model.Aggregate(key, f'u{key}', f'agg{key}', draw(zones))
        for key in range(draw(strategies.integers(0, 6)))
    )
    memberships = strategies.dictionaries(
        strategies.integers(0, max(0, len(aggregates) - 1)), FATES
    )
    hosts = []
    for number in range(draw(strategies.integers(0, 25))):
        theirs = draw(memberships) if aggregates else {}
        hosts.append(
            model.Host(
                f'host{number}',
                draw(zones) or 'nova',
                draw(strategies.sampled_from(model.State)),
                tuple(sorted(theirs.items())),
                draw(zones),
            )
        )
    return model.Cloud(aggregates, tuple(hosts))


class ZonesTest(testtools.TestCase):
    """Zones, blocks and bands."""

    def test_example(self) -> None:
        az1, az2, default = layout.zones(clouds.example())
        self.assertEqual(
            [('az1', 40, False), ('az2', 4, False), ('nova', 4, True)],
            [
                (one.name, one.hosts, one.is_default)
                for one in (az1, az2, default)
            ],
        )
        # The overlap is a block of its own, and the zone is one piece.
        self.assertEqual([12, 28], [len(one.hosts) for one in az1.blocks])
        self.assertEqual(
            [
                ('az1', 40, (layout.Kind.HERE, layout.Kind.HERE)),
                ('ssd', 12, (layout.Kind.HERE, None)),
            ],
            [(one.aggregate.name, one.hosts, one.kinds) for one in az1.bands],
        )
        self.assertEqual(
            ['dead', 'spare'], [one.aggregate.name for one in default.bands]
        )
        self.assertEqual(
            ('cmp-s01', 'cmp-s02', 'cmp-s03'), layout.alone(default)
        )

    def test_nested(self) -> None:
        """A row is followed by those of the aggregates within it."""
        sizes = {'az1': 12, 'std': 8, 'gpu': 4, 'pool': 4, 'rack': 2, 'few': 1}
        within = {'az1': 0, 'std': 0, 'pool': 4, 'gpu': 8, 'rack': 8, 'few': 8}
        names = list(sizes)
        aggregates = tuple(
            model.Aggregate(key, None, name, 'az1' if key == 0 else None)
            for key, name in enumerate(names)
        )
        hosts = tuple(
            model.Host(
                f'h{number:02}',
                'az1',
                memberships=tuple(
                    (key, model.Fate.STAYS)
                    for key, name in enumerate(names)
                    if 0 <= number - within[name] < sizes[name]
                ),
            )
            for number in range(12)
        )
        (zone,) = layout.zones(model.Cloud(aggregates, hosts))
        self.assertEqual(
            ['az1', 'std', 'pool', 'gpu', 'rack', 'few'],
            [band.aggregate.name for band in zone.bands],
        )

    def test_totals(self) -> None:
        cloud = clouds.example()
        self.assertEqual(
            layout.Totals(3, 5, 48, 1, 0, 3, 12, 4),
            layout.totals(cloud, layout.zones(cloud)),
        )

    def test_plan(self) -> None:
        """A host that moves stands where it is and where it will be."""
        cloud = clouds.planned()
        zones = {zone.name: zone for zone in layout.zones(cloud)}
        self.assertEqual(
            {
                'az1': (40, 0, 2),
                'az2': (4, 2, 0),
                'az3': (0, 1, 0),
                'nova': (4, 0, 1),
            },
            {
                name: (zone.hosts, zone.joins, zone.leaves)
                for name, zone in zones.items()
            },
        )
        (gpu,) = zones['az2'].bands
        self.assertEqual((4, 2, 0), (gpu.hosts, gpu.joins, gpu.leaves))
        self.assertIn(layout.Kind.JOINS, gpu.kinds)
        self.assertEqual(
            ['az1', 'ssd'],
            [band.aggregate.name for band in zones['az1'].bands],
        )

    @hypothesis.given(any_cloud())
    def test_complete(self, cloud: model.Cloud) -> None:
        """Each host is drawn in each of its zones, each aggregate once."""
        zones = layout.zones(cloud)
        drawn = sorted(
            (zone.name, name)
            for zone in zones
            for block in zone.blocks
            for name in block.hosts
        )
        expected = {(host.zone, host.name) for host in cloud.hosts} | {
            (host.zone_after, host.name)
            for host in cloud.hosts
            if host.zone_after is not None
        }
        moved = [
            (host.zone, host.name)
            for host in cloud.hosts
            if host.zone_after == host.zone
        ]
        self.assertEqual(sorted([*expected, *moved]), drawn)
        shown = {band.key for zone in zones for band in zone.bands}
        self.assertEqual(set(range(len(cloud.aggregates))), shown)

    @hypothesis.given(
        any_cloud(),
        strategies.integers(1, 200),
        strategies.floats(0.01, 20),
    )
    def test_runs(self, cloud: model.Cloud, width: int, least: float) -> None:
        """What is drawn of a band stays in it, in order, without overlap."""
        for zone in layout.zones(cloud):
            for band in zone.bands:
                place = 0.0
                drawn = runs.runs(zone, band.kinds, width, least)
                for run in drawn:
                    self.assertGreaterEqual(run.start, place - 1e-6)
                    self.assertGreater(run.width, 0)
                    place = run.start + run.width
                self.assertLessEqual(place, width + 1e-6)
                is_filled = any(kind for kind in band.kinds)
                self.assertEqual(is_filled, bool(drawn))

    def test_few_parts(self) -> None:
        """Hosts that are all different are drawn in no more parts."""
        aggregates = tuple(
            model.Aggregate(key, None, f'a{key}') for key in range(13)
        )
        hosts = tuple(
            model.Host(
                f'h{number}',
                'nova',
                memberships=tuple(
                    (key, model.Fate.STAYS)
                    for key in range(13)
                    if number >> key & 1
                ),
            )
            for number in range(5000)
        )
        (zone,) = layout.zones(model.Cloud(aggregates, hosts))
        self.assertEqual(5000, len(zone.blocks))
        for band in zone.bands:
            drawn = runs.runs(zone, band.kinds, 100, 0.4)
            self.assertLess(len(drawn), 251)
            self.assertGreater(len(drawn), 0)

    def test_single_host_is_seen(self) -> None:
        """One dead host in thousands is as wide as was asked for."""
        members = tuple(
            model.Host(
                f'h{number:04}',
                'az1',
                model.State.DEAD if number == 7 else model.State.KNOWN,
                ((0, model.Fate.STAYS),),
            )
            for number in range(4000)
        )
        cloud = model.Cloud((model.Aggregate(1, None, 'a', 'az1'),), members)
        zone = layout.zones(cloud)[0]
        (dead,) = (
            run
            for run in runs.runs(zone, zone.bands[0].kinds, 100, 0.4)
            if run.kind is layout.Kind.DEAD
        )
        self.assertGreaterEqual(dead.width, 0.4)
