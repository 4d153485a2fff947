# SPDX-License-Identifier: Apache-2.0
"""What a change of many comes to, and what is worth a warning.

Pure functions of the decision and of what was read.
"""

import dataclasses
from collections.abc import Iterable
from collections.abc import Iterator
from collections.abc import Mapping
from typing import Any

from nova_aggext.compute import availability_zones
from nova_aggext.compute import change as compute_change
from nova_aggext.compute import decisions
from nova_aggext.compute import host_content
from nova_aggext.compute.bulk import effects
from nova_aggext.compute import requests
from nova_aggext.compute import steps
from nova_aggext.compute import world as compute_world
from nova_aggext.db import records

Change = compute_change.Change


@dataclasses.dataclass(frozen=True, slots=True)
class Surroundings:
    """What is read beside the aggregates that change.

    :ivar isolating: aggregates that keep a host for some projects, by hosts
    :ivar used_zones: zones that others give to hosts
    """

    isolating: Mapping[str, frozenset[int]] = dataclasses.field(
        default_factory=dict
    )
    used_zones: frozenset[str] = frozenset()


@dataclasses.dataclass(frozen=True, slots=True)
class Outcome:
    """What would happen, or did, as it is answered and recorded."""

    effects: tuple[effects.Effect, ...]
    digest: str
    impact: Mapping[str, Any]
    warnings: tuple[Mapping[str, Any], ...]

    @property
    def is_told(self) -> bool:
        """Whether anything of it concerns others than us."""
        return bool(self.impact['notifications'])


def outcome(
    decision: decisions.Decision,
    world: compute_world.World,
    request: requests.Request,
    surroundings: Surroundings,
    skipped: Iterable[str],
) -> Outcome:
    """Put together what a change comes to.

    :param skipped: hosts that are left out, as nobody knows them
    """
    changes = decision.changes
    found = tuple(effects.effect(one) for one in changes)
    return Outcome(
        found,
        effects.digest(found),
        _impact(changes, world, request.default_zone),
        (
            *_isolation_lost(changes, surroundings),
            *_zone_emptied(changes, surroundings),
            *_skipped(skipped),
        ),
    )


def may_lose_isolation(changes: Iterable[Change]) -> frozenset[str]:
    """Give the hosts that an aggregate does not isolate any more."""
    found: set[str] = set()
    for one in changes:
        if one.before is None or not _isolates(one.before):
            continue
        if one.after is None or not _isolates(one.after):
            found.update(one.before.hosts)
        else:
            found.update(one.item.remove)
    return frozenset(found)


def left_zones(changes: Iterable[Change]) -> frozenset[str]:
    """Give zones of which the changed aggregates may give none any more."""
    before = {one.zone_before for one in changes if _has_hosts(one.before)}
    after = {one.zone_after for one in changes if _has_hosts(one.after)}
    return frozenset(one for one in before - after if one is not None)


def _impact(
    changes: tuple[Change, ...],
    world: compute_world.World,
    default: str | None,
) -> dict[str, Any]:
    moves = availability_zones.moves(changes, world.zones, default)
    hosts = {h for one in changes for h in (*one.item.add, *one.item.remove)}
    deleted = sum(one.after is None for one in changes)
    taken = sum(map(steps.count, changes))
    casts = bool(taken) + deleted
    return {
        'zone_moves': [
            {
                'host': host,
                'before': before,
                'after': after,
                'instances': world.known.counts.get(host),
            }
            for host, before, after in sorted(moves)
        ],
        'scheduler_casts': casts,
        'placement_updates': len(hosts),
        'notifications': 2 * taken,
    }


def _isolation_lost(
    changes: Iterable[Change], surroundings: Surroundings
) -> Iterator[dict[str, Any]]:
    changed = {one.before.id for one in changes if one.before}
    kept = {
        host
        for one in changes
        if one.after is not None and _isolates(one.after)
        for host in one.after.hosts
    }
    for host in sorted(may_lose_isolation(changes) - kept):
        if not surroundings.isolating.get(host, frozenset()) - changed:
            yield {
                'code': 'isolation_lost',
                'detail': f'Host {host} would be open to every project.',
                'hosts': [host],
            }


def _zone_emptied(
    changes: Iterable[Change], surroundings: Surroundings
) -> Iterator[dict[str, Any]]:
    for zone in sorted(left_zones(changes) - surroundings.used_zones):
        yield {
            'code': 'zone_emptied',
            'detail': f'Zone {zone} would have no hosts.',
            'availability_zone': zone,
        }


def _skipped(skipped: Iterable[str]) -> Iterator[dict[str, Any]]:
    hosts = sorted(skipped)
    if hosts:
        yield {
            'code': 'unknown_host_skipped',
            'detail': f'No such compute host: {", ".join(hosts[:10])}'
            + ('...' if hosts[10:] else '.'),
            'hosts': hosts,
        }


def _isolates(one: records.Aggregate) -> bool:
    return any(key.startswith(host_content.ISOLATION) for key in one.metadata)


def _has_hosts(one: records.Aggregate | None) -> bool:
    return one is not None and bool(one.hosts)
