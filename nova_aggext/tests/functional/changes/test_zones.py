# SPDX-License-Identifier: Apache-2.0
"""The rules on zones, judged of the state after all of a change."""

from typing import Any

import sqlalchemy as sa
import testscenarios

from nova_aggext.db import models
from nova_aggext.tests.functional.changes import base

load_tests = testscenarios.load_tests_apply_scenarios


class ZonesTest(base.ChangesTestCase):
    """Two zones, and a host with instances in the default one."""

    scenarios = base.KINDS

    def setUp(self) -> None:
        super().setUp()
        self.one = self.create('one', 'h1', availability_zone='z1')
        self.two = self.create('two', 'h2', availability_zone='z2')
        self.plain = self.create('plain', base.BUSY)

    def told(self, *items: Any, codes: Any) -> list[base.Document]:
        return self.refused(self.post({'aggregates': [*items]}), 409, *codes)

    def test_conflict(self) -> None:
        item = base.of(self.two, hosts={'add': ['h1']})
        (told,) = self.told(item, codes=['zone.conflict'])
        self.assertEqual(
            ('h1', 'z2', '/change/aggregates/0/hosts/add/0'),
            (told['host'], told['availability_zone'], told['path']),
        )
        self.assertEqual(
            [{'aggregate_id': self.one['id'], 'zone': 'z1'}], told['others']
        )

    def test_what_is_made_is_told_from_each_other(self) -> None:
        """Each error points to what it speaks of, be the rest the same."""
        making = [
            {'op': 'create', 'name': name, 'hosts': {'add': ['h3', 'new']}}
            for name in ('x', 'x', 'y')
        ]
        (first, second, third) = self.refused(
            self.post({'aggregates': making}), 400, *3 * ['host.unknown']
        )
        self.assertEqual(
            [f'/change/aggregates/{at}/hosts/add/1' for at in range(3)],
            [first['path'], second['path'], third['path']],
        )
        for one, zone in zip(making, ('z1', 'z2', 'z3'), strict=True):
            one.update(availability_zone=zone, hosts={'add': ['h3']})
        conflict, taken = 'zone.conflict', 'name.taken'
        told = self.told(*making, codes=[conflict, taken, conflict, conflict])
        self.assertEqual(
            [
                ('/change/aggregates/0/hosts/add/0', 'z1'),
                ('/change/aggregates/1', None),
                ('/change/aggregates/1/hosts/add/0', 'z2'),
                ('/change/aggregates/2/hosts/add/0', 'z3'),
            ],
            [(one['path'], one.get('availability_zone')) for one in told],
        )
        self.assertIn('in z2 (a new aggregate)', told[0]['detail'])

    def test_a_move_is_one_change(self) -> None:
        made = self.change(
            base.of(self.two, hosts={'add': ['h1']}),
            base.of(self.one, hosts={'remove': ['h1']}),
        )
        self.assertEqual(
            [{'host': 'h1', 'before': 'z1', 'after': 'z2', 'instances': 0}],
            made['impact']['zone_moves'],
        )
        self.assertEqual(
            ['host-aggregate.zone_emptied'],
            [one['code'] for one in made['warnings']],
        )

    def test_instances(self) -> None:
        """The zone of a host without one is the default; each way counts."""
        for item in (
            base.of(self.plain, availability_zone='z9'),
            base.of(self.one, hosts={'add': [base.BUSY]}),
            {
                'op': 'create',
                'name': 'new',
                'availability_zone': 'z9',
                'hosts': {'add': [base.BUSY]},
            },
        ):
            (told,) = self.told(item, codes=['zone.instances'])
            self.assertEqual(
                (base.BUSY, 'nova', 2),
                (told['host'], told['zone_before'], told['instances']),
            )

    def test_the_default_zone_by_its_name(self) -> None:
        """To be put into it, or taken out of it, is no move."""
        made = self.change(base.of(self.plain, availability_zone='nova'))
        self.assertEqual([], made['impact']['zone_moves'])
        made = self.change(base.of(self.plain, availability_zone=None))
        self.assertEqual([], made['impact']['zone_moves'])

    def test_zone_is_unset(self) -> None:
        self.inventory.add_host('h1', instances=1)
        item = base.of(self.one, availability_zone=None)
        (told,) = self.told(item, codes=['zone.instances'])
        self.assertEqual('nova', told['zone_after'])
        same = {
            'op': 'create',
            'name': 'same',
            'availability_zone': 'z1',
            'hosts': {'add': ['h1']},
        }
        self.change(item, same)

    def test_shared_hosts_get_another_zone(self) -> None:
        other = self.create('other', 'h1', availability_zone='z1')
        item = base.of(self.one, availability_zone='z5')
        self.told(item, codes=['zone.conflict'])
        self.change(item, base.of(other, availability_zone='z5'))

    def test_both_rules(self) -> None:
        """Of one host only the conflict is told."""
        self.inventory.add_host('h1', instances=1)
        item = base.of(self.two, hosts={'add': ['h1']})
        self.told(item, codes=['zone.conflict'])

    def test_old_conflicts(self) -> None:
        """One that stays, or gets smaller, is not in the way."""

        def work(session: Any) -> None:
            row = {'aggregate_id': self.two['id'], 'host': 'h1'}
            session.execute(sa.insert(models.aggregate_hosts), row)

        self.db.database.write(work)
        same = base.of(self.plain, hosts={'add': ['h1']})
        self.change(same)
        third = {
            'op': 'create',
            'name': 'third',
            'availability_zone': 'z3',
            'hosts': {'add': ['h1']},
        }
        answer = self.post({'aggregates': [third]})
        self.assertEqual(409, answer.status_int)
        self.change(base.of(self.two, hosts={'remove': ['h1']}))

    def test_a_deleted_aggregate_is_empty(self) -> None:
        delete = {'op': 'delete', 'aggregate': {'name': 'one'}}
        self.told(delete, codes=['aggregate.not_empty'])
        hosts: base.Document
        for hosts in {'set': []}, {'remove': ['h1']}:
            self.plan({'aggregates': [{**delete, 'hosts': hosts}]})
        host: base.Document = {'host': 'h1', 'aggregates': {'set': []}}
        self.made(self.post({'aggregates': [delete], 'hosts': [host]}))

    def test_more_than_a_hundred(self) -> None:
        """The first are told, by their order, and how many more there are."""
        hosts = [f'many-{number:03}' for number in range(130)]
        self.inventory.add_host(*hosts)
        self.change(base.of(self.one, hosts={'add': ['many-[000-129]']}))
        before = self.rows()
        item = base.of(self.two, hosts={'add': hosts})
        for query in '?dry_run=true', '':
            answer = self.post({'aggregates': [item]}, query)
            told = self.refused(answer, 409, *100 * ['zone.conflict'])
            self.assertEqual(30, answer.json['more'])
            self.assertEqual(
                [
                    (f'/change/aggregates/0/hosts/add/{number}', host)
                    for number, host in enumerate(hosts[:100])
                ],
                [(one['path'], one['host']) for one in told],
            )
        self.unchanged(before)

    def test_isolation(self) -> None:
        key = {'filter_tenant_id': 'p'}
        self.change(base.of(self.one, metadata={'add': key}))
        lost = base.of(self.one, hosts={'remove': ['h1']})
        (told,) = [
            one
            for one in self.plan({'aggregates': [lost]})['warnings']
            if one['code'] == 'host-aggregate.isolation_lost'
        ]
        self.assertEqual(['h1'], told['hosts'])
