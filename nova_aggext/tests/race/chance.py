# SPDX-License-Identifier: Apache-2.0
"""Requests by chance, of aggregates that are there perhaps no more."""

import random
import uuid
from collections.abc import Sequence

from nova_aggext.db import records
from nova_aggext.tests.functional import server
from nova_aggext.tests.race import sides

Aggregate = records.Aggregate
Item = sides.Item

NAMES = ('n1', 'N1', 'n2', 'n3', 'n4', 'n5', 'n6')
ZONES = ('z1', 'z2')
# Fewer aggregates than these are not left for long.
FEW = 4


def side(found: Sequence[Aggregate], choose: random.Random) -> sides.Side:
    """Ask for anything, of one aggregate as Nova does or of several."""
    if not found or (len(found) < FEW and choose.random() < 0.3):
        return sides.of(_new(choose))
    if choose.random() < 0.3:
        return _of_nova(choose.choice(found), choose)
    some = choose.sample([*found], choose.randint(1, min(3, len(found))))
    items = [_item(one, choose) for one in some]
    if len(some) > 1 and choose.random() < 0.6:
        items = _move(some[0], some[1], choose)
    elif choose.random() < 0.2:
        items.append(_new(choose))
    return sides.Side(tuple(items), strict=choose.random() < 0.3)


def _move(
    one: Aggregate, other: Aggregate, choose: random.Random
) -> list[Item]:
    """Move hosts from one to another; delete it, or swap names, perhaps."""
    hosts = tuple(sorted(_hosts(choose)))
    gone = set(one.hosts) <= set(hosts) and choose.random() < 0.5
    if not gone and choose.random() < 0.2:
        return [
            Item(one.id, name=other.name, remove=hosts),
            Item(other.id, name=one.name, add=hosts),
        ]
    return [
        Item(one.id, remove=hosts, delete=gone),
        Item(other.id, add=hosts),
    ]


def _item(one: Aggregate, choose: random.Random) -> Item:
    add = _hosts(choose)
    metadata: dict[str, str | None] = {}
    if choose.random() < 0.3:
        metadata[records.ZONE_KEY] = choose.choice(ZONES)
    if choose.random() < 0.3:
        metadata[choose.choice('kKm')] = choose.choice(('1', '2', None))
    return Item(
        one.id,
        name=choose.choice(NAMES) if choose.random() < 0.2 else None,
        metadata=metadata or None,
        add=tuple(sorted(add)),
        remove=tuple(sorted(_hosts(choose) - add)),
    )


def _new(choose: random.Random) -> Item:
    return Item(
        None,
        uuid=str(uuid.uuid4()),
        name=choose.choice(NAMES),
        metadata={records.ZONE_KEY: choose.choice(ZONES)},
        add=tuple(sorted(_hosts(choose))),
    )


def _of_nova(one: Aggregate, choose: random.Random) -> sides.Side:
    host = choose.choice(server.HOSTS)
    zone: dict[str, str | None] = {records.ZONE_KEY: choose.choice(ZONES)}
    return choose.choice(
        (
            sides.nova('add_host_to_aggregate', Item(one.id, add=(host,))),
            sides.nova(
                'remove_host_from_aggregate', Item(one.id, remove=(host,))
            ),
            sides.nova('update_aggregate', Item(one.id, metadata=zone)),
            sides.nova(
                'update_aggregate', Item(one.id, name=choose.choice(NAMES))
            ),
            sides.nova('delete_aggregate', Item(one.id, delete=True)),
        )
    )


def _hosts(choose: random.Random) -> set[str]:
    return set(choose.sample(server.HOSTS, choose.randint(0, 2)))
