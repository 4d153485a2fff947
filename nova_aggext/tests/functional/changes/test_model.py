# SPDX-License-Identifier: Apache-2.0
"""Random changes of the real core, beside a small model of what they mean.

``AGGEXT_MODEL_CHANGES`` says how many to make.
"""

import copy
import os
import random
import threading
from typing import Any

import sqlalchemy as sa
import testscenarios

from nova_aggext.db import models
from nova_aggext.tests.functional.changes import base

load_tests = testscenarios.load_tests_apply_scenarios

CHANGES = int(os.environ.get('AGGEXT_MODEL_CHANGES', '200'))
SEED = 20
NAMES = [f'a{number}' for number in range(6)]
ZONES = (None, 'z1', 'z2')
KEYS = ('k', 'l', 'm')

# Aggregates by name: zone, metadata, hosts.
State = dict[str, dict[str, Any]]


class ModelTest(base.ChangesTestCase):
    """What holds of each change, whatever it is."""

    def setUp(self) -> None:
        super().setUp()
        self.chance = random.Random(SEED)
        self.state: State = {}

    def test_random_changes(self) -> None:
        """As often as not one is refused; each other one is undone."""
        made = 0
        for number in range(CHANGES):
            asked = self._asked()
            self._order_does_not_matter(asked)
            planned = self.post(asked, '?dry_run=true')
            answer = self.post(asked)
            if answer.status_int != 201:
                self.assertEqual(planned.status_int, answer.status_int)
                self.assertIn(answer.status_int, (200, 400, 409))
                self.assertEqual(self.state, self._content())
                continue
            made += 1
            change = answer.json['change']
            self.assertEqual(
                planned.json['change']['digest'], change['digest']
            )
            before, self.state = self.state, self._applied(asked)
            self.assertEqual(self.state, self._content())
            self._sent_again(change)
            if number % 2:
                self._undone(change, before)
        self.assertGreater(made, CHANGES // 5)

    def _order_does_not_matter(self, asked: base.Document) -> None:
        """Neither that of items nor that of keys."""
        items = reversed(asked['aggregates'])
        turned = {
            'aggregates': [dict(reversed(one.items())) for one in items],
            'reason': asked['reason'],
        }
        answers = [self.post(one, '?dry_run=true') for one in (asked, turned)]
        first, second = (one.json for one in answers)
        self.assertEqual(answers[0].status_int, answers[1].status_int)
        if 'change' in first:
            self.assertEqual(
                first['change']['digest'], second['change']['digest']
            )
        else:
            codes = [
                sorted(one['code'] for one in told['errors'])
                for told in (first, second)
            ]
            self.assertEqual(codes[0], codes[1])

    def _sent_again(self, change: base.Document) -> None:
        updates = [
            one
            for one in base.again(change)['aggregates']
            if one['op'] == 'update'
        ]
        if updates:
            again = self.made(self.post({'aggregates': updates}), 200)
            self.assertFalse(again['changed'])

    def _undone(self, change: base.Document, before: State) -> None:
        undone = self.made(self.post({'revert': change['id']}))
        self.assertEqual(before, self._content())
        self.state = before
        for effect in undone['effects']:
            if effect['op'] == 'update':
                old = effect['aggregate']['id']
                (same,) = (
                    one
                    for one in change['effects']
                    if one['aggregate']['id'] == old
                )
                self.assertEqual(same['etag_before'], effect['etag'])
                self.assertEqual(same['etag'], effect['etag_before'])

    def _content(self) -> State:
        listed = self.send('GET', '/aggregates').json['aggregates']
        return {
            one['name']: {
                'zone': one['availability_zone'],
                'metadata': one['metadata'],
                'hosts': sorted(one['hosts']),
            }
            for one in listed
        }

    def _asked(self) -> base.Document:
        """Make up a change of aggregates that there are, and are not."""
        items = []
        for name in self.chance.sample(NAMES, self.chance.randint(1, 3)):
            if name not in self.state:
                items.append(
                    {'op': 'create', 'name': name, **self._parts(True)}
                )
            elif self.chance.random() < 0.2:
                gone: base.Document = {
                    'op': 'delete',
                    'aggregate': {'name': name},
                    'hosts': {'set': []},
                }
                items.append(gone)
            else:
                item = {'aggregate': {'name': name}, **self._parts(False)}
                if self.chance.random() < 0.2:
                    item['name'] = self.chance.choice(NAMES)
                items.append(item)
        return {'reason': 'chance', 'aggregates': items}

    def _parts(self, is_new: bool) -> base.Document:
        parts: base.Document = {}
        chance = self.chance
        if chance.random() < 0.4:
            parts['availability_zone'] = chance.choice(ZONES)
        if chance.random() < 0.5:
            keys = chance.sample(KEYS, 2)
            parts['metadata'] = {'add': {keys[0]: chance.choice('123')}}
            if not is_new:
                parts['metadata']['remove'] = [keys[1]]
        if chance.random() < 0.7:
            hosts = chance.sample([*base.HOSTS, base.BUSY], 3)
            parts['hosts'] = chance.choice(
                [{'set': hosts[:2]}, {'add': hosts[:1]}]
                + ([] if is_new else [{'add': hosts[:1], 'remove': hosts[1:]}])
            )
        return parts

    def _applied(self, asked: base.Document) -> State:
        """Give what the model becomes: every item by the state before."""
        after = copy.deepcopy(self.state)
        named = [
            one['aggregate']['name']
            for one in asked['aggregates']
            if 'aggregate' in one
        ]
        for name in named:
            del after[name]
        for item in asked['aggregates']:
            if item.get('op') != 'delete':
                old = item.get('aggregate', {}).get('name')
                name = item.get('name', old)
                after[name] = _result(self.state.get(old), item)
        return after


def _result(before: Any, item: base.Document) -> dict[str, Any]:
    one = copy.deepcopy(before) or {'zone': None, 'metadata': {}, 'hosts': []}
    one['zone'] = item.get('availability_zone', one['zone'])
    values = item.get('metadata', {})
    one['metadata'] |= values.get('add', {})
    for key in values.get('remove', ()):
        one['metadata'].pop(key, None)
    hosts = item.get('hosts', {})
    left = set(hosts.get('set', one['hosts'])) | set(hosts.get('add', ()))
    one['hosts'] = sorted(left - set(hosts.get('remove', ())))
    return dict(one)


class LocksTest(base.ChangesTestCase):
    """A plan waits for nobody."""

    scenarios = [one for one in base.KINDS if one[0] != 'sqlite']

    def test_a_plan_takes_no_lock(self) -> None:
        """Whoever holds every row does not hold it up; the change waits."""
        one = self.create('one')
        item = base.of(one, name='x', hosts={'add': ['h1']})
        change = {'aggregates': [item]}
        done = threading.Event()

        def make() -> None:
            self.post(change)
            done.set()

        maker = threading.Thread(target=make)
        engine = sa.create_engine(self.db.url, poolclass=sa.NullPool)
        with engine.begin() as other:
            for table in (models.locks, *models.NOVA_TABLES):
                other.execute(sa.select(table).with_for_update()).all()
            self.plan(change)
            self.made(self.put(base.new_id(), change, '?dry_run=true'), 200)
            maker.start()
            self.assertFalse(done.wait(0.5))
        maker.join(30)
        self.assertEqual('x', self.show(one['id'])['name'])
