# SPDX-License-Identifier: Apache-2.0
"""What is to happen: a pure function of a request and of what was read.

The state after all of the request is judged, so that the order of its items
never matters.
"""

import dataclasses
from collections.abc import Iterable
from collections.abc import Iterator
from typing import Any

from nova_aggext.compute import availability_zones
from nova_aggext.compute import change as compute_change
from nova_aggext.compute import etags
from nova_aggext.compute import findings
from nova_aggext.compute import metadata
from nova_aggext.compute import requests
from nova_aggext.compute import world as compute_world
from nova_aggext.db import collation
from nova_aggext.db import records

Change = compute_change.Change
Finding = findings.Finding
Request = requests.Request
World = compute_world.World


@dataclasses.dataclass(frozen=True, slots=True)
class Decision:
    """What is to happen, and all that speaks against it.

    :ivar changes: in the order of ``change.changes_of``
    :ivar found: what speaks against it, or has to be known first
    """

    changes: tuple[Change, ...]
    found: tuple[Finding, ...]


def decide(world: World, request: Request) -> Decision:
    """Decide what is to happen, whatever speaks against it."""
    changes = world.changes
    return Decision(
        changes,
        (
            *_unknown(world, request),
            *_protected(changes),
            *_hosts(world, changes),
            *_names(world, changes),
            *_memberships(world, request),
            *_metadata(changes, request),
            *_zones(world, changes, request),
        ),
    )


def _unknown(world: World, request: Request) -> Iterator[Finding]:
    for item in request.items:
        one = item.aggregate_id
        if one is not None and one not in world.aggregates:
            yield findings.AggregateUnknown(one)


def _protected(changes: Iterable[Change]) -> Iterator[Finding]:
    """Find what was protected before; hosts may come and go."""
    for change in changes:
        before, after = change.before, change.after
        if before is None or not before.protected:
            continue
        if after is None:
            yield findings.Protected(before, ())
            continue
        was, becomes = _frozen(before), _frozen(after)
        fields = tuple(name for name in was if was[name] != becomes[name])
        if fields:
            yield findings.Protected(before, fields)


def _frozen(one: records.Aggregate) -> dict[str, Any]:
    """Give what stays as it is while an aggregate is protected."""
    return {
        'name': one.name,
        'availability_zone': one.availability_zone,
        'metadata': etags.plain_metadata(one),
        'owner': one.owner,
    }


def _names(world: World, changes: Iterable[Change]) -> Iterator[Finding]:
    given: set[str] = set()
    for change in changes:
        name = change.item.name
        if name is not None:
            folded = collation.fold(name)
            if name in world.taken or folded in given:
                yield findings.NameTaken(change.before, name, change.item.key)
            given.add(folded)


def _hosts(world: World, changes: Iterable[Change]) -> Iterator[Finding]:
    unasked = set()
    for change in changes:
        if not change.item.add:
            continue
        present = frozenset(change.before.hosts if change.before else ())
        for host in change.item.add:
            if host in present:
                continue
            if host not in world.known.found:
                unasked.add(host)
            elif world.known.found[host] is None:
                yield findings.HostUnknown(
                    change.before, host, change.item.key
                )
    if unasked:
        yield findings.HostsWanted(frozenset(unasked))


def _memberships(world: World, request: Request) -> Iterator[Finding]:
    for item in request.items:
        one = world.aggregates.get(item.aggregate_id or 0)
        if one is None or not (item.add or item.remove or item.delete):
            continue
        present = frozenset(one.hosts)
        if request.strict:
            for host in item.add:
                if host in present:
                    yield findings.HostPresent(one, host)
            for host in item.remove:
                if host not in present:
                    yield findings.HostAbsent(one, host)
        if item.delete and not present <= frozenset(item.remove):
            yield findings.NotEmpty(one)


def _metadata(
    changes: Iterable[Change], request: Request
) -> Iterator[Finding]:
    named = request.judging is requests.Judging.NAMED
    for change in changes:
        before, item = change.before, change.item
        asked = item.metadata or {}
        if named and before and item.names_zone and not change.zone_after:
            yield findings.ZoneEmpty(before)
        present = before.metadata if before else {}
        for key, other in metadata.collisions(present, asked):
            yield findings.KeysCollide(before, key, other, item.key)


def _zones(
    world: World, changes: Iterable[Change], request: Request
) -> Iterator[Finding]:
    if world.unlocked:
        yield findings.LocksWanted(world.unlocked)
    else:
        counts = world.known.counts
        yield from availability_zones.judge(
            changes, world.zones, counts, request
        )
