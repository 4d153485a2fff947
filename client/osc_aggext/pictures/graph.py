# SPDX-License-Identifier: Apache-2.0
"""The picture as nodes and edges, for what draws graphs by itself.

Hosts that are in the same aggregates are one node, with an edge to each.
"""

import dataclasses
from collections.abc import Sequence

from osc_aggext import ranges
from osc_aggext.pictures import clean
from osc_aggext.pictures import layout
from osc_aggext.pictures import model
from osc_aggext.pictures import words

_LONGEST_NAME = 60
_LONGEST_FOLDED = 80


@dataclasses.dataclass(frozen=True)
class Node:
    """An aggregate, or hosts that are alike.

    :ivar name: what edges call it
    :ivar lines: what is written in it, each harmless but not escaped
    :ivar style: ``home``, ``tenant`` or ``plain`` of an aggregate; ``here``,
        ``dead``, ``unsure`` or ``alone`` of hosts
    """

    name: str
    lines: tuple[str, ...]
    style: str


@dataclasses.dataclass(frozen=True)
class Edge:
    """Hosts that are in an aggregate."""

    aggregate: str
    hosts: str
    fate: model.Fate


@dataclasses.dataclass(frozen=True)
class Group:
    """A zone: what stands in one box; ``title`` None: in none."""

    name: str
    title: str | None
    aggregates: tuple[Node, ...]
    hosts: tuple[Node, ...]


@dataclasses.dataclass(frozen=True)
class Graph:
    """All that is drawn."""

    groups: tuple[Group, ...]
    edges: tuple[Edge, ...]


def of(cloud: model.Cloud) -> Graph:
    """Make the graph of a cloud.

    An aggregate stands in the zone that it gives, or in the only one where
    it has hosts, else beside the zones.
    """
    zones = layout.zones(cloud)
    homes = _homes(zones)
    edges = []
    groups = []
    for place, zone in enumerate(zones):
        for number, block in enumerate(zone.blocks):
            edges += [
                Edge(f'a{key}', f'h{place}_{number}', fate)
                for key, fate in block.memberships
            ]
        groups.append(_group(cloud, zones, homes, place))
    wide = tuple(
        _aggregate(cloud, key, zones)
        for key in range(len(cloud.aggregates))
        if len(homes[key]) > 1
    )
    return Graph((Group('all', None, wide, ()), *groups), tuple(edges))


def _homes(zones: Sequence[layout.Zone]) -> dict[model.Key, list[int]]:
    """Say where each aggregate stands; in several places is beside them."""
    found: dict[model.Key, list[int]] = {}
    for place, zone in enumerate(zones):
        for band in zone.bands:
            found.setdefault(band.key, []).append(place)
    for place, zone in enumerate(zones):
        for band in zone.bands:
            if band.gives_zone:
                found[band.key] = [place]
    return found


def _group(
    cloud: model.Cloud,
    zones: Sequence[layout.Zone],
    homes: dict[model.Key, list[int]],
    place: int,
) -> Group:
    zone = zones[place]
    return Group(
        f'z{place}',
        f'{clean.cut(zone.name, _LONGEST_NAME)}: {words.zone(zone)}',
        tuple(
            _aggregate(cloud, band.key, zones)
            for band in zone.bands
            if homes[band.key] == [place]
        ),
        tuple(
            _hosts(cloud, f'h{place}_{number}', block)
            for number, block in enumerate(zone.blocks)
        ),
    )


def _aggregate(
    cloud: model.Cloud, key: model.Key, zones: Sequence[layout.Zone]
) -> Node:
    one = cloud.aggregates[key]
    bands = [band for zone in zones for band in zone.bands if band.key == key]
    hosts = sum(band.hosts for band in bands)
    style = 'plain'
    if one.tenants:
        style = 'tenant'
    elif one.zone is not None:
        style = 'home'
    said = [words.fate(one)] if words.fate(one) else []
    if one.tenants:
        said.append(words.tenants(one.tenants))
    labels = [clean.cut(label, _LONGEST_NAME) for label in words.labels(one)]
    return Node(
        f'a{key}',
        (
            clean.cut(one.name, _LONGEST_NAME),
            words.count(hosts, 'host'),
            *said,
            *labels[:2],
        ),
        style,
    )


def _hosts(cloud: model.Cloud, name: str, block: layout.Block) -> Node:
    folded = ' '.join(ranges.fold(block.hosts))
    style = 'here'
    if block.state is not model.State.KNOWN:
        style = block.state
    elif not block.memberships:
        style = 'alone'
    return Node(
        name,
        (
            clean.cut(folded, _LONGEST_FOLDED),
            words.count(len(block.hosts), 'host'),
            *words.block(cloud, block),
        ),
        style,
    )
