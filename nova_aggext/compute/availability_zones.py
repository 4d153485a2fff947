# SPDX-License-Identifier: Apache-2.0
"""Zone rules: may the hosts of changed aggregates be where they come to be?

Pure functions on what was read. The zones of a host are given as
``{aggregate id: zone}`` of the aggregates it is in that have a zone.
"""

import dataclasses
from collections.abc import Iterable
from collections.abc import Iterator
from collections.abc import Mapping

from nova_aggext.compute import change as compute_change
from nova_aggext.compute import findings
from nova_aggext.compute import requests

Change = compute_change.Change
Judging = requests.Judging
Zones = Mapping[int, str]


@dataclasses.dataclass(frozen=True, slots=True)
class _Share:
    """What a change has to do with the zone of a host.

    :ivar key: the id of its aggregate, or another number while it is made
    :ivar zone: that it gives the host; None where it gives none
    """

    key: int
    change: Change
    zone: str | None


@dataclasses.dataclass(frozen=True, slots=True)
class _Move:
    """The zones of a host before and after all changes."""

    host: str
    before: Zones
    after: Zones
    shares: list[_Share]


def zone_of_host(zones: Zones) -> str | None:
    """Give the zone that aggregates put a host into, if any does.

    A host in none is not taken for one in a zone that happens to have the
    name of Nova's ``default_availability_zone``; Nova does not either.
    """
    return next(iter(zones.values()), None)


def describe(others: Zones) -> str:
    """Put the zones of other aggregates into words."""
    return ', '.join(
        f'{zone} ({f"aggregate {other}" if other > 0 else "a new aggregate"})'
        for other, zone in others.items()
    )


def judge(
    changes: Iterable[Change],
    zones: Mapping[str, Zones],
    counts: Mapping[str, int],
    request: requests.Request,
) -> Iterator[findings.Finding]:
    """Give what the zone rules find.

    A host is in one zone at most, and one with instances keeps its zone. Of
    one that would be in several, only that is said.

    :param zones: of all hosts that the changes are judged for
    :param counts: numbers of instances, as far as they are known
    """
    uncounted = set()
    for move in _moves(changes, zones):
        conflicts = list(_conflicts(move, request.judging))
        yield from conflicts
        if conflicts or not _is_moved(move, request):
            continue
        instances = counts.get(move.host)
        if instances is None:
            uncounted.add(move.host)
        elif instances:
            yield _refused(move, request.default_zone, instances)
    if uncounted:
        yield findings.CountsWanted(frozenset(uncounted))


def moves(
    changes: Iterable[Change],
    zones: Mapping[str, Zones],
    default: str | None,
) -> Iterator[tuple[str, str | None, str | None]]:
    """Give the hosts that come into another zone, with both zones.

    :param zones: of all hosts that the changes are judged for
    :param default: the zone of hosts that no aggregate gives one
    """
    for move in _moves(changes, zones):
        before = _zone_or(default, move.before)
        after = _zone_or(default, move.after)
        if before != after:
            yield move.host, before, after


def _moves(
    changes: Iterable[Change], zones: Mapping[str, Zones]
) -> Iterator[_Move]:
    shares: dict[str, list[_Share]] = {}
    for number, change in enumerate(changes):
        key = change.before.id if change.before else -1 - number
        present = frozenset(change.after.hosts if change.after else ())
        for host in change.judged_hosts:
            zone = change.zone_after if host in present else None
            share = _Share(key, change, zone)
            shares.setdefault(host, []).append(share)
    for host, several in shares.items():
        yield _Move(host, zones[host], _after(zones[host], several), several)


def _after(before: Zones, shares: Iterable[_Share]) -> Zones:
    after = dict(before)
    for one in shares:
        if one.zone is None:
            after.pop(one.key, None)
        else:
            after[one.key] = one.zone
    return after


def _conflicts(
    move: _Move, judging: Judging
) -> Iterator[findings.ZoneConflict]:
    if judging is Judging.ALTERED and _is_no_worse(move):
        return
    for share in move.shares:
        others = {
            key: zone
            for key, zone in move.after.items()
            if key != share.key and zone != share.zone
        }
        if share.zone is not None and others:
            yield findings.ZoneConflict(
                share.change.before,
                move.host,
                share.zone,
                others,
                share.change.item.key,
            )


def _is_no_worse(move: _Move) -> bool:
    """Say whether a host is in no zone that it was not in before."""
    return set(move.after.values()) <= set(move.before.values())


def _is_moved(move: _Move, request: requests.Request) -> bool:
    if request.judging is Judging.NAMED:
        # The zone of the aggregate counts, though another gives the same.
        named = any(
            share.change.item.names_zone
            and share.change.zone_before != share.change.zone_after
            for share in move.shares
        )
        return named or zone_of_host(move.before) != zone_of_host(move.after)
    none: set[str | None] = {request.default_zone}
    before = set[str | None](move.before.values()) or none
    after = set[str | None](move.after.values()) or none
    # Of several zones, which no host should be in, some may go.
    return not (after <= before and move.after) and before != after


def _refused(
    move: _Move, default: str | None, instances: int
) -> findings.ZoneInstances:
    """Blame the change that gives the zone, else one that takes it away."""
    by = max(move.shares, key=lambda share: share.zone is not None)
    return findings.ZoneInstances(
        by.change.before,
        move.host,
        _zone_or(default, move.before),
        _zone_or(default, move.after),
        instances,
        by.change.item.key,
    )


def _zone_or(default: str | None, zones: Zones) -> str | None:
    zone = zone_of_host(zones)
    return default if zone is None else zone
