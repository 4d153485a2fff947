# SPDX-License-Identifier: Apache-2.0
"""Arranges a cloud for drawing, alike for all formats.

Each zone is a linear diagram. Hosts that are in the same aggregates stand
beside each other as one block. Each aggregate is a band below: it is filled
where its hosts stand, so that what overlaps lies under one another.
"""

import collections
import dataclasses
import enum
from collections.abc import Iterable
from collections.abc import Iterator

from osc_aggext.pictures import model
from osc_aggext.pictures import order

_OF_NOW = (model.Fate.STAYS, model.Fate.LEAVES)
_OF_THEN = (model.Fate.STAYS, model.Fate.JOINS)


class Kind(enum.StrEnum):
    """What is drawn where a host is in an aggregate.

    What comes later is to be seen where there is room for one only.
    """

    HERE = 'here'
    ALONE = 'alone'
    UNSURE = 'unsure'
    JOINS = 'joins'
    LEAVES = 'leaves'
    DEAD = 'dead'


@dataclasses.dataclass(frozen=True)
class Block:
    """Hosts of one zone that are in the same aggregates, as people count.

    :ivar way: whether a plan takes them into the zone or out of it
    """

    hosts: tuple[str, ...]
    memberships: tuple[tuple[model.Key, model.Fate], ...]
    state: model.State
    way: model.Fate = model.Fate.STAYS

    def kind(self, fate: model.Fate) -> Kind:
        """Give what is drawn of a membership of these hosts."""
        if fate is model.Fate.JOINS:
            return Kind.JOINS
        if fate is model.Fate.LEAVES:
            return Kind.LEAVES
        if self.state is model.State.DEAD:
            return Kind.DEAD
        if self.state is model.State.UNSURE:
            return Kind.UNSURE
        return Kind.HERE


@dataclasses.dataclass(frozen=True)
class Band:
    """An aggregate in one zone.

    :ivar gives_zone: whether it is what makes hosts belong to the zone
    :ivar hosts: how many of the zone's are in it before a plan
    :ivar kinds: what is drawn in each block of the zone
    """

    key: model.Key
    aggregate: model.Aggregate
    gives_zone: bool
    hosts: int
    dead: int
    joins: int
    leaves: int
    kinds: tuple[Kind | None, ...]


@dataclasses.dataclass(frozen=True)
class Zone:
    """An availability zone.

    :ivar hosts: how many are in it before a plan
    """

    name: str
    is_default: bool
    hosts: int
    joins: int
    leaves: int
    blocks: tuple[Block, ...]
    bands: tuple[Band, ...]


@dataclasses.dataclass(frozen=True)
class Totals:
    """Numbers of hosts and aggregates of a cloud, before a plan."""

    zones: int
    aggregates: int
    hosts: int
    dead: int
    unsure: int
    unassigned: int
    overlapping: int
    isolated: int


def zones(cloud: model.Cloud) -> tuple[Zone, ...]:
    """Give the zones by name, that of hosts without one at the end."""
    blocks = _blocks(cloud)
    empty = _without_hosts(cloud)
    names = set(blocks) | {
        one.zone or cloud.default_zone
        for key, one in enumerate(cloud.aggregates)
        if one.zone is not None or key in empty
    }
    ordered = sorted(
        names, key=lambda one: (one == cloud.default_zone, order.natural(one))
    )
    return tuple(_zone(cloud, one, blocks.get(one, [])) for one in ordered)


def totals(cloud: model.Cloud, drawn: tuple[Zone, ...]) -> Totals:
    """Count what people look for first."""
    now = [_now(host.memberships) for host in cloud.hosts]
    states = collections.Counter(host.state for host in cloud.hosts)
    tenants = [bool(one.tenants) for one in cloud.aggregates]
    return Totals(
        zones=len(drawn),
        aggregates=sum(
            one.fate is not model.Fate.JOINS for one in cloud.aggregates
        ),
        hosts=sum(zone.hosts for zone in drawn),
        dead=states[model.State.DEAD],
        unsure=states[model.State.UNSURE],
        unassigned=sum(not keys for keys in now),
        overlapping=sum(len(keys) > 1 for keys in now),
        isolated=sum(any(tenants[key] for key in keys) for keys in now),
    )


def tenants(cloud: model.Cloud, block: Block) -> tuple[str, ...]:
    """Give the projects that the hosts of a block are kept for."""
    keys = _now(block.memberships)
    return tuple(
        sorted({one for key in keys for one in cloud.aggregates[key].tenants})
    )


def alone(zone: Zone) -> tuple[str, ...]:
    """Give the hosts of a zone that are in no aggregate."""
    return tuple(
        name
        for block in zone.blocks
        if not block.memberships
        for name in block.hosts
    )


def alone_kinds(zone: Zone) -> tuple[Kind | None, ...]:
    """Give what to draw of these hosts in each block of the zone."""
    return tuple(
        None if block.memberships else Kind.ALONE for block in zone.blocks
    )


def _now(memberships: Iterable[tuple[model.Key, model.Fate]]) -> list[int]:
    return [key for key, fate in memberships if fate in _OF_NOW]


_Alike = tuple[
    tuple[tuple[model.Key, model.Fate], ...], model.State, model.Fate
]


def _blocks(cloud: model.Cloud) -> dict[str, list[Block]]:
    """Put hosts that are alike together, zone by zone."""
    alike: dict[str, dict[_Alike, list[str]]] = {}
    for host in cloud.hosts:
        for zone, memberships, way in _places(host):
            found = alike.setdefault(zone, {})
            key = memberships, host.state, way
            found.setdefault(key, []).append(host.name)
    return {
        zone: [
            Block(tuple(sorted(hosts, key=order.natural)), *key)
            for key, hosts in found.items()
        ]
        for zone, found in alike.items()
    }


def _places(
    host: model.Host,
) -> Iterator[
    tuple[str, tuple[tuple[model.Key, model.Fate], ...], model.Fate]
]:
    """Give each zone that a host is drawn in, and with what."""
    if host.zone_after is None:
        yield host.zone, host.memberships, model.Fate.STAYS
        return
    for zone, fates, way in (
        (host.zone, _OF_NOW, model.Fate.LEAVES),
        (host.zone_after, _OF_THEN, model.Fate.JOINS),
    ):
        kept = tuple(one for one in host.memberships if one[1] in fates)
        yield zone, kept, way


def _zone(cloud: model.Cloud, name: str, blocks: list[Block]) -> Zone:
    bands = _keys(cloud, name, blocks)
    ordered = sorted(blocks, key=lambda one: _place(one, bands))
    drawn = [_band(cloud, name, key, ordered) for key in bands]
    ways = collections.Counter[model.Fate]()
    for block in blocks:
        ways[block.way] += len(block.hosts)
    return Zone(
        name=name,
        is_default=name == cloud.default_zone,
        hosts=ways[model.Fate.STAYS] + ways[model.Fate.LEAVES],
        joins=ways[model.Fate.JOINS],
        leaves=ways[model.Fate.LEAVES],
        blocks=tuple(ordered),
        bands=tuple(sorted(drawn, key=_row)),
    )


def _row(band: Band) -> tuple[bool, int]:
    """Give what sorts bands so that small ones follow what they are in."""
    filled = [place for place, kind in enumerate(band.kinds) if kind]
    return not band.gives_zone, filled[0] if filled else len(band.kinds)


def _keys(cloud: model.Cloud, zone: str, blocks: list[Block]) -> list[int]:
    """Give the aggregates of a zone: what makes it first, then large ones."""
    sizes = collections.Counter[model.Key]()
    for block in blocks:
        for key, _ in block.memberships:
            sizes[key] += len(block.hosts)
    empty = _without_hosts(cloud)
    for key, one in enumerate(cloud.aggregates):
        at_home = one.zone == zone or (
            one.zone is None and key in empty and zone == cloud.default_zone
        )
        if at_home:
            sizes[key] += 0
    return sorted(
        sizes,
        key=lambda key: (
            cloud.aggregates[key].zone != zone,
            -sizes[key],
            order.natural(cloud.aggregates[key].name),
            key,
        ),
    )


def _without_hosts(cloud: model.Cloud) -> set[model.Key]:
    used = {key for host in cloud.hosts for key, _ in host.memberships}
    return set(range(len(cloud.aggregates))) - used


def _place(block: Block, bands: list[model.Key]) -> tuple[object, ...]:
    """Give what sorts blocks so that large aggregates stay in one piece."""
    fates = dict(block.memberships)
    return (
        [key not in fates for key in bands],
        block.state is not model.State.KNOWN,
        block.state,
        [fates[key] for key in bands if key in fates],
        block.way,
        order.natural(block.hosts[0]),
    )


def _band(
    cloud: model.Cloud, zone: str, key: model.Key, blocks: list[Block]
) -> Band:
    kinds: list[Kind | None] = []
    counts = collections.Counter[object]()
    for block in blocks:
        fate = dict(block.memberships).get(key)
        kinds.append(None if fate is None else block.kind(fate))
        if fate is not None:
            counts[fate] += len(block.hosts)
        if fate in _OF_NOW and block.state is model.State.DEAD:
            counts[Kind.DEAD] += len(block.hosts)
    return Band(
        key=key,
        aggregate=cloud.aggregates[key],
        gives_zone=cloud.aggregates[key].zone == zone,
        hosts=counts[model.Fate.STAYS] + counts[model.Fate.LEAVES],
        dead=counts[Kind.DEAD],
        joins=counts[model.Fate.JOINS],
        leaves=counts[model.Fate.LEAVES],
        kinds=tuple(kinds),
    )
