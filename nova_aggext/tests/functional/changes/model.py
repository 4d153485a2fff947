# SPDX-License-Identifier: Apache-2.0
"""A small model of what changes mean, and random ones to be made."""

import copy
import random
from typing import Any

from nova_aggext.tests.functional.changes import base

NAMES = [f'a{number}' for number in range(6)]
ZONES = (None, 'z1', 'z2')
KEYS = ('k', 'l', 'm')
_HOSTS = (*base.HOSTS, base.BUSY)

TEXTS = (None, 'd', '\U0001f3e2')
# What is said of one of which nothing is said.
_ANNOTATIONS = {'description': None, 'owner': None, 'protected': False}
# What stays as it is while one is protected.
_FROZEN = ('zone', 'metadata', 'owner')
# Aggregates by name: zone, metadata, hosts, annotations.
State = dict[str, dict[str, Any]]


class Model:
    """Makes up changes of aggregates that there are, and are not.

    :ivar state: what there is
    """

    def __init__(self, seed: int) -> None:
        self.chance = random.Random(seed)
        self.state: State = {}

    def asked(self) -> base.Document:
        """Make up a change, which may well be refused."""
        chance = self.chance
        items = [
            self._of_aggregate(name)
            for name in chance.sample(NAMES, chance.randint(1, 3))
        ]
        change: base.Document = {'reason': 'chance', 'aggregates': items}
        if self.state and chance.random() < 0.3:
            change['hosts'] = [
                {'host': host, 'aggregates': self._of_host()}
                for host in chance.sample(_HOSTS, chance.randint(1, 2))
            ]
        if chance.random() < 0.2:
            change['strict'] = True
        return change

    def applied(self, asked: base.Document) -> State:
        """Give what a change leaves: every item by the state before."""
        before = _with_hosts(self.state, asked.get('hosts', ()))
        after = copy.deepcopy(before)
        for item in asked['aggregates']:
            if 'aggregate' in item:
                del after[item['aggregate']['name']]
        for item in asked['aggregates']:
            if item.get('op') != 'delete':
                old = item.get('aggregate', {}).get('name')
                after[item.get('name', old)] = _result(before.get(old), item)
        return after

    def is_frozen(self, asked: base.Document) -> bool:
        """Say whether a change would alter what is protected before it."""
        for item in asked['aggregates']:
            name = item.get('aggregate', {}).get('name')
            before = self.state.get(name)
            if before is None or not before['protected']:
                continue
            after = _result(before, item)
            if (
                item.get('op') == 'delete'
                or item.get('name', name) != name
                or any(before[one] != after[one] for one in _FROZEN)
            ):
                return True
        return False

    def _of_aggregate(self, name: str) -> base.Document:
        chance = self.chance
        if name not in self.state:
            return {'op': 'create', 'name': name, **self._parts(True)}
        item: base.Document = {'aggregate': {'name': name}}
        if self.state[name]['protected'] and chance.random() < 0.5:
            # Else all would soon be protected, and nothing would be made.
            return {**item, 'protected': False}
        if chance.random() < 0.2:
            return {'op': 'delete', **item, 'hosts': {'set': []}}
        item |= self._parts(False)
        if chance.random() < 0.2:
            item['name'] = chance.choice(NAMES)
        return item

    def _of_host(self) -> base.Document:
        chance = self.chance
        names = chance.sample(
            [*self.state], chance.randint(1, min(2, len(self.state)))
        )
        ways = chance.choice((('set',), ('add',), ('remove',)))
        return {way: [{'name': one} for one in names] for way in ways}

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
        for text in ('description', 'owner'):
            if chance.random() < 0.2:
                parts[text] = chance.choice(TEXTS)
        if chance.random() < 0.15:
            parts['protected'] = chance.random() < 0.4
        if chance.random() < 0.7:
            hosts = chance.sample(_HOSTS, 3)
            parts['hosts'] = chance.choice(
                [{'set': hosts[:2]}, {'add': hosts[:1]}]
                + ([] if is_new else [{'add': hosts[:1], 'remove': hosts[1:]}])
            )
        return parts


def _with_hosts(state: State, items: Any) -> State:
    """Give a state with what is asked from the side of hosts."""
    after = copy.deepcopy(state)
    for item in items:
        ways = item['aggregates']
        named = {
            way: {one['name'] for one in several}
            for way, several in ways.items()
        }
        for name, one in after.items():
            hosts = set(one['hosts'])
            if name in named.get('set', named.get('add', ())):
                hosts.add(item['host'])
            elif name in named.get('remove', ()) or 'set' in named:
                hosts.discard(item['host'])
            one['hosts'] = sorted(hosts)
    return after


def _result(before: Any, item: base.Document) -> dict[str, Any]:
    one = copy.deepcopy(before) or {
        'zone': None,
        'metadata': {},
        'hosts': [],
        **_ANNOTATIONS,
    }
    one |= {name: item[name] for name in _ANNOTATIONS if name in item}
    one['zone'] = item.get('availability_zone', one['zone'])
    values = item.get('metadata', {})
    one['metadata'] |= values.get('add', {})
    for key in values.get('remove', ()):
        one['metadata'].pop(key, None)
    hosts = item.get('hosts', {})
    left = set(hosts.get('set', one['hosts'])) | set(hosts.get('add', ()))
    one['hosts'] = sorted(left - set(hosts.get('remove', ())))
    return dict(one)
