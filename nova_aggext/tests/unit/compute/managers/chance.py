# SPDX-License-Identifier: Apache-2.0
"""Documents and outside changes at random."""

import random
from typing import Any

from nova_aggext.tests.unit.compute.managers import model

MANAGERS = ('site', 'team', 'ops')
NAMES = ('a', 'b', 'c', 'd')
_SCALARS: dict[str, tuple[Any, ...]] = {
    'availability_zone': (None, 'z1', 'z2'),
    'description': (None, 'one', 'two'),
    'owner': (None, 'p1'),
    'protected': (False, False, False, True),
}

Document = dict[str, Any]


def document(chance: random.Random) -> Document:
    """Make up what a manager wants."""
    names = chance.sample(NAMES, chance.randint(0, 3))
    made: Document = {'aggregates': [_entry(chance, one) for one in names]}
    for name, share in (('prune', 0.4), ('force', 0.3)):
        if chance.random() < share:
            made[name] = True
    if chance.random() < 0.3:
        made['on_drift'] = 'refuse'
    if chance.random() < 0.7:
        made['unknown_hosts'] = 'skip'
    return made


def _entry(chance: random.Random, name: str) -> Document:
    if chance.random() < 0.05:
        return {'name': name, 'state': 'absent'}
    entry: Document = {'name': name}
    for field, values in _SCALARS.items():
        if chance.random() < 0.15:
            entry[field] = chance.choice(values)
    if chance.random() < 0.7:
        entry['hosts'] = chance.sample(model.HOSTS, chance.randint(0, 3))
    if chance.random() < 0.6:
        keys = chance.sample(model.KEYS, chance.randint(0, 2))
        entry['metadata'] = {k: chance.choice(('1', '2', None)) for k in keys}
    exclusive = [
        one for one in ('hosts', 'metadata') if chance.random() < 0.25
    ]
    if exclusive:
        entry['exclusive'] = exclusive
    return entry


def outside(chance: random.Random, found: model.Model) -> None:
    """Let somebody else change one thing, as far as the rules allow it."""
    if chance.random() < 0.2:
        found.known ^= {chance.choice(('u1', 'u2'))}
        return
    key = chance.choice(sorted(found.states)) if found.states else None
    names = {state['name'] for state in found.states.values()}
    if key is None:
        return
    state = found.states[key]
    match chance.randrange(6):
        case 0:
            free = [name for name in NAMES if name not in names]
            state['name'] = chance.choice([*free, state['name']])
        case 1 if chance.random() < 0.5:
            del found.states[key]
        case 2:
            values = chance.choice(('1', '2', None))
            field = f'metadata/{chance.choice(model.KEYS)}'
            model.put(state, field, values)
        case 3:
            state['description'] = chance.choice((None, 'one', 'three'))
            state['protected'] = False
        case 4:
            _move(chance, found, state)
        case 5:
            hosts = [one for one in state if one.startswith('hosts/')]
            if hosts:
                del state[chance.choice(hosts)]


def _move(
    chance: random.Random, found: model.Model, state: model.State
) -> None:
    """Let a host join an aggregate, if it is in no other zone."""
    host = chance.choice(sorted(found.known))
    zones = {
        other['availability_zone']
        for other in found.states.values()
        if f'hosts/{host}' in other
    }
    if zones <= {None, state['availability_zone']} or not state.get(
        'availability_zone'
    ):
        state[f'hosts/{host}'] = True
