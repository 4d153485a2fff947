# SPDX-License-Identifier: Apache-2.0
"""Clouds to be drawn, as a server answers them."""

import json
import random
from collections.abc import Collection
from collections.abc import Iterable
from collections.abc import Iterator
from typing import Any

from osc_aggext.pictures import model
from osc_aggext.pictures import plans
from osc_aggext.sdk import records

# Names that mean something to a terminal, a browser, Graphviz or Mermaid.
HOSTILE = (
    '</script><script>window.hacked=1</script>',
    '"><img src=x onerror=window.hacked=1>',
    "' onload='window.hacked=1",
    '</style></title></textarea><!--',
    ']]><x/>',
    '&lt;b&gt;&quot;#quot;;end',
    '${window.hacked=1}{{7*7}}',
    '\\N\\l\\"',
    '%%{init: {"securityLevel": "loose"}}%%',
    'a\x1b[31mred\x1b]0;title\x07',
    '\u202egnp.exe\u202c',
    'שלום עולם',
    '漢字かな',
    '👩‍🚀 rocket',
    'half \ud83d',
    'x' * 255,
)

KINDS = ('std', 'std', 'mem', 'gpu')

# What a dry run against the cloud of ``example`` answers.
PLAN: dict[str, Any] = {
    'change': {
        'id': None,
        'effects': [
            {
                'op': 'update',
                'aggregate': {'id': 1, 'uuid': 'uuid-1', 'name': 'az1'},
                'hosts': {'remove': ['cmp-a017', 'cmp-a018']},
            },
            {
                'op': 'update',
                'aggregate': {'id': 2, 'uuid': 'uuid-2', 'name': 'ssd'},
                'name': 'flash',
                'hosts': {'add': ['cmp-a013'], 'remove': ['cmp-a001']},
                'metadata': {'add': {'ssd': 'fast'}, 'remove': ['old']},
                'before': {'name': 'ssd', 'metadata': {'ssd': 'true'}},
            },
            {
                'op': 'update',
                'aggregate': {'id': 3, 'uuid': 'uuid-3', 'name': 'gpu'},
                'hosts': {'add': ['cmp-a017', 'cmp-a018']},
            },
            {
                'op': 'delete',
                'aggregate': {'id': 4, 'uuid': 'uuid-4', 'name': 'dead'},
                'hosts': {'remove': ['cmp-x9']},
            },
            {
                'op': 'create',
                'aggregate': {'id': None, 'uuid': None, 'name': 'pool-z'},
                'name': 'pool-z',
                'availability_zone': 'az3',
                'hosts': {'add': ['cmp-s01']},
            },
        ],
        'impact': {
            'zone_moves': [
                {'host': 'cmp-a017', 'before': 'az1', 'after': 'az2'},
                {'host': 'cmp-a018', 'before': 'az1', 'after': 'az2'},
                {'host': 'cmp-s01', 'before': 'nova', 'after': 'az3'},
            ]
        },
        'warnings': [
            {
                'code': 'host-aggregate.isolation_lost',
                'detail': 'Host cmp-x9 would be open to all.',
            }
        ],
    }
}


def small() -> model.Cloud:
    """Give a cloud of three hosts."""
    return _cloud(
        [
            _aggregate(1, 'az1', ['host1', 'host2'], zone='az1'),
            _aggregate(2, 'ssd', ['host1'], metadata={'ssd': 'true'}),
        ],
        others=['host3'],
    )


def example() -> model.Cloud:
    """Give a cloud with one of each: overlap, dead, isolated, alone, empty."""
    rack = [f'cmp-a{number:03}' for number in range(1, 41)]
    return _cloud(
        [
            _aggregate(
                1,
                'az1',
                rack,
                zone='az1',
                metadata={'hall': '1'},
                description='Hall 1, feed A',
                protected=True,
            ),
            _aggregate(2, 'ssd', rack[:12], metadata={'ssd': 'true'}),
            _aggregate(
                3,
                'gpu',
                [f'cmp-g{number:02}' for number in range(1, 5)],
                zone='az2',
                metadata={'filter_tenant_id': '5a9c0f4b2d5e4d0f'},
            ),
            _aggregate(4, 'dead', ['cmp-x9']),
            _aggregate(5, 'spare', []),
        ],
        others=['cmp-s01', 'cmp-s02', 'cmp-s03'],
        dead=['cmp-x9'],
    )


def hostile() -> model.Cloud:
    """Give a cloud whose every text tries to break out of a picture."""
    return _cloud(
        [
            _aggregate(
                number,
                name,
                [f'host{number}', name],
                zone=name if number % 2 else None,
                metadata={name: name, 'filter_tenant_id': name},
                description=name,
                owner=name,
            )
            for number, name in enumerate(HOSTILE, start=1)
        ],
        dead=HOSTILE[:3],
    )


def large(hosts: int, aggregates: int, zones: int) -> model.Cloud:
    """Give a cloud of racks, with kinds of hardware, pools and tenants."""
    chance = random.Random(hosts)
    halls = [
        [f'cmp-{chr(97 + zone)}{n:04}' for n in range(1, hosts // zones + 1)]
        for zone in range(zones)
    ]
    racks = [rack for hall in halls for rack in _racks(hall, chance)]
    kinds: dict[str, list[str]] = {}
    for rack in racks:
        kinds.setdefault(chance.choice(KINDS), []).extend(rack)
    found = [
        _aggregate(n, f'az{n}', hall, zone=f'az{n}', metadata={'hall': str(n)})
        for n, hall in enumerate(halls, start=1)
    ]
    for kind, members in kinds.items():
        found.append(
            _aggregate(len(found) + 1, kind, members, metadata={kind: 'true'})
        )
    while len(found) < aggregates:
        number = len(found) + 1
        if number % 3:
            members = [*chance.choice(racks), *chance.choice(racks)]
            metadata = {'pool': str(number)}
            name = f'pool-{number}'
        else:
            members = chance.choice(racks)[:4]
            metadata = {'filter_tenant_id': f'{chance.getrandbits(128):032x}'}
            name = f'tenant-{number}'
        found.append(_aggregate(number, name, members, metadata=metadata))
    everybody = [name for hall in halls for name in hall]
    return _cloud(found, dead=chance.sample(everybody, 5))


def _racks(hall: list[str], chance: random.Random) -> Iterator[list[str]]:
    place = 0
    while place < len(hall):
        size = chance.choice([8, 16, 24, 40])
        yield hall[place : place + size]
        place += size


def _aggregate(
    id: int,
    name: str,
    hosts: Iterable[str],
    *,
    zone: str | None = None,
    metadata: dict[str, str] | None = None,
    **rest: Any,
) -> records.Aggregate:
    return records.Aggregate(
        id=id,
        uuid=f'uuid-{id}',
        name=name,
        availability_zone=zone,
        metadata=metadata or {},
        hosts=tuple(sorted(set(hosts))),
        **rest,
    )


def _cloud(
    aggregates: list[records.Aggregate],
    *,
    others: Iterable[str] = (),
    dead: Collection[str] = (),
) -> model.Cloud:
    members: dict[str, list[records.Aggregate]] = {one: [] for one in others}
    for aggregate in aggregates:
        for name in aggregate.hosts or ():
            members.setdefault(name, []).append(aggregate)
    return model.read(
        aggregates,
        [
            host(name, theirs, known=name not in dead)
            for name, theirs in members.items()
        ],
    )


def host(
    name: str, theirs: Iterable[records.Aggregate], *, known: bool | None
) -> records.Host:
    """Give a host in some aggregates, as the server tells of it."""
    zones = [one.availability_zone for one in theirs if one.availability_zone]
    return records.Host(
        name=name,
        known=known,
        availability_zone=zones[0] if zones else 'nova',
        default_zone=not zones,
        aggregates=tuple(
            records.Reference(
                one.id, one.uuid, one.name or '', one.availability_zone
            )
            for one in theirs
        ),
        isolation=(),
    )


def planned() -> model.Cloud:
    """Give the cloud of ``example`` with the plan drawn on it."""
    return plans.draw(example(), plans.read(json.dumps(PLAN)))
