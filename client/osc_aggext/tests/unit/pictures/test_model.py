# SPDX-License-Identifier: Apache-2.0
"""The model of a picture, and a plan drawn into it."""

import copy
import json

import testtools

from osc_aggext.pictures import clean
from osc_aggext.pictures import model
from osc_aggext.pictures import plans
from osc_aggext.sdk import records
from osc_aggext.tests import clouds

STAYS, JOINS, LEAVES = (
    model.Fate.STAYS,
    model.Fate.JOINS,
    model.Fate.LEAVES,
)


class ReadTest(testtools.TestCase):
    """What two lists become."""

    def test_states(self) -> None:
        cloud = clouds.example()
        hosts = {host.name: host for host in cloud.hosts}
        self.assertEqual(48, len(hosts))
        self.assertEqual(model.State.DEAD, hosts['cmp-x9'].state)
        self.assertEqual(model.State.KNOWN, hosts['cmp-s01'].state)
        self.assertEqual((), hosts['cmp-s01'].memberships)
        self.assertEqual(
            ((0, STAYS), (1, STAYS)), hosts['cmp-a001'].memberships
        )
        self.assertEqual(('5a9c0f4b2d5e4d0f',), cloud.aggregates[2].tenants)

    def test_no_answer(self) -> None:
        """A cell that does not answer is no dead host."""
        cloud = model.read([], [clouds.host('a', [], known=None)])
        self.assertEqual(model.State.UNSURE, cloud.hosts[0].state)

    def test_lists_differ(self) -> None:
        """What only one of the lists has is drawn all the same."""
        seen = records.Aggregate(
            id=7,
            uuid='u7',
            name='seen',
            availability_zone='az9',
            hosts=('new',),
        )
        hidden = records.Aggregate(id=3, uuid='u3', name='hidden')
        cloud = model.read([seen], [clouds.host('old', [hidden], known=True)])
        self.assertEqual(
            ['hidden', 'seen'], [one.name for one in cloud.aggregates]
        )
        self.assertEqual(
            (
                model.Host('new', 'az9', model.State.UNSURE, ((1, STAYS),)),
                model.Host('old', 'nova', model.State.KNOWN, ((0, STAYS),)),
            ),
            cloud.hosts,
        )

    def test_default_zone(self) -> None:
        """Hosts say how it is called."""
        lonely = records.Host(
            'a', True, 'elsewhere', True, aggregates=(), isolation=()
        )
        self.assertEqual('elsewhere', model.read([], [lonely]).default_zone)

    def test_clean(self) -> None:
        """No text keeps what means something to all who show it."""
        for name in clouds.HOSTILE:
            cleaned = clean.clean(name)
            cleaned.encode()
            self.assertTrue(cleaned.isprintable() or '\u200d' in cleaned)
        self.assertEqual('a\\u001b[31m', clean.clean('a\x1b[31m'))
        self.assertEqual('\\u202eb', clean.clean('\u202eb'))


class PlanTest(testtools.TestCase):
    """What a dry run answers, drawn."""

    def setUp(self) -> None:
        super().setUp()
        self.cloud = clouds.planned()
        self.hosts = {host.name: host for host in self.cloud.hosts}

    def test_move(self) -> None:
        """A host leaves one aggregate, joins another, changes its zone."""
        moved = self.hosts['cmp-a017']
        self.assertEqual(('az1', 'az2'), (moved.zone, moved.zone_after))
        self.assertEqual(((0, LEAVES), (2, JOINS)), moved.memberships)

    def test_aggregates(self) -> None:
        _, ssd, _, dead, _, new = self.cloud.aggregates
        self.assertEqual(
            ('name ssd → flash', '+ ssd=fast (was true)', '− old'),
            ssd.changes,
        )
        self.assertEqual(LEAVES, dead.fate)
        self.assertEqual((JOINS, 'az3', None), (new.fate, new.zone, new.id))
        self.assertEqual(
            ('Host cmp-x9 would be open to all.',), self.cloud.warnings
        )

    def test_change_alone(self) -> None:
        """The change is understood without what is around it."""
        self.assertEqual(
            plans.read(json.dumps(clouds.PLAN)),
            plans.read(json.dumps(clouds.PLAN['change'])),
        )

    def test_unknown_host(self) -> None:
        """A host that nobody lists, but the plan."""
        plan = copy.deepcopy(clouds.PLAN['change'])
        plan['effects'] = plan['effects'][-1:]
        plan['effects'][0]['hosts']['add'] = ['soon']
        plan['impact']['zone_moves'] = [{'host': 'soon', 'after': 'az3'}]
        drawn = plans.draw(clouds.example(), plans.read(json.dumps(plan)))
        self.assertEqual(
            model.Host('soon', 'az3', model.State.UNSURE, ((5, JOINS),)),
            drawn.hosts[-1],
        )

    def test_unreadable(self) -> None:
        for text in (
            '',
            '[]',
            'null',
            '{}',
            '{"change": null}',
            '{"change": {"effects": [{}], "impact": {"zone_moves": []}}}',
            '{"change": {"effects": "none", "impact": {"zone_moves": []}}}',
        ):
            self.assertRaises(plans.Unreadable, plans.read, text)

    def test_stale(self) -> None:
        """A plan of an aggregate that is gone names it."""
        error = self.assertRaises(
            plans.Unreadable,
            plans.draw,
            clouds.small(),
            plans.read(json.dumps(clouds.PLAN)),
        )
        self.assertIn('aggregate gpu is not there any more', str(error))
