# SPDX-License-Identifier: Apache-2.0
"""Zone rules: may a change of an aggregate happen?

Pure functions on what was read. The zones of a host are given as
``{aggregate id: zone}`` of the aggregates it is in that have a zone.
"""

from collections.abc import Iterable
from collections.abc import Mapping

Zones = Mapping[int, str]


def zone_of_host(zones: Zones) -> str | None:
    """Give the zone that aggregates put a host into, if any does.

    A host in none is not taken for one in a zone that happens to have the
    name of Nova's ``default_availability_zone``; Nova does not either.
    """
    return next(iter(zones.values()), None)


def conflicts(zones: Zones, aggregate_id: int, wanted: str) -> dict[int, str]:
    """Give the other aggregates that keep a host in another zone."""
    return {
        other: zone
        for other, zone in zones.items()
        if other != aggregate_id and zone != wanted
    }


def first_conflict(
    zones_of: Mapping[str, Zones], aggregate_id: int, wanted: str
) -> tuple[str, dict[int, str]] | None:
    """Give the first host that cannot be in a zone, and why."""
    for host, zones in zones_of.items():
        found = conflicts(zones, aggregate_id, wanted)
        if found:
            return host, found
    return None


def moved_by_adding(zones: Zones, wanted: str | None) -> bool:
    """Say whether a host changes its zone by joining an aggregate."""
    return wanted is not None and zone_of_host(zones) != wanted


def moved_by_removing(zones: Zones, aggregate_id: int) -> bool:
    """Say whether a host changes its zone by leaving an aggregate."""
    rest = {
        other: zone for other, zone in zones.items() if other != aggregate_id
    }
    return zone_of_host(zones) != zone_of_host(rest)


def describe(found: Mapping[int, str]) -> str:
    """Put conflicts into words."""
    return ', '.join(
        f'{zone} (aggregate {other})' for other, zone in found.items()
    )


def hosts_with_instances(
    hosts: Iterable[str], counts: Mapping[str, int]
) -> list[str]:
    """Give those of the hosts that have instances."""
    return [host for host in hosts if counts[host]]
