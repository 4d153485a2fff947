# SPDX-License-Identifier: Apache-2.0
"""Aggregates and hosts of a test, without a database."""

import dataclasses
from collections.abc import Iterable
from collections.abc import Mapping
from typing import Any

from nova_aggext.compute import change as compute_change
from nova_aggext.compute import decisions
from nova_aggext.compute import inventory
from nova_aggext.compute import requests
from nova_aggext.compute import world as compute_world
from nova_aggext.db import collation
from nova_aggext.db import records
from nova_aggext.tests.unit import stubs

Aggregate = records.Aggregate
Judging = requests.Judging


def aggregate(
    one: int, zone: str | None = None, *hosts: str, **metadata: str
) -> Aggregate:
    """Make an aggregate that is named after its number."""
    values = dict(metadata)
    if zone is not None:
        values[records.ZONE_KEY] = zone
    return dataclasses.replace(
        stubs.aggregate(one), name=f'a{one}', hosts=hosts, metadata=values
    )


def zone(wanted: str | None) -> dict[str, str | None]:
    """Ask for a zone."""
    return {records.ZONE_KEY: wanted}


def request(
    *items: requests.Item, judging: Judging = Judging.ALTERED, **values: Any
) -> requests.Request:
    """Make a request of many; unless told otherwise, of ours."""
    values = {'strict': False, **values}
    return requests.Request(
        stubs.caller(), items, 'operation', judging=judging, **values
    )


@dataclasses.dataclass(frozen=True, slots=True)
class Cloud:
    """All aggregates, and how many instances there are on hosts.

    :ivar instances: none on a host that is not named
    """

    aggregates: Mapping[int, Aggregate]
    instances: Mapping[str, int]

    def decide(self, asked: requests.Request) -> decisions.Decision:
        """Decide with all that may be known."""
        return decisions.decide(self.world(asked), asked)

    def world(self, asked: requests.Request) -> compute_world.World:
        """Give what is read for a request."""
        found = {
            one: self.aggregates[one]
            for one in asked.ids
            if one in self.aggregates
        }
        changes = compute_change.changes_of(asked, found)
        judged = compute_change.judged_hosts(changes)
        hosts = judged | asked.hosts
        return compute_world.World(
            found,
            changes,
            compute_world.Known(
                hosts=hosts,
                counts={host: self.instances.get(host, 0) for host in hosts},
                found={host: inventory.Host(host) for host in hosts},
            ),
            taken=self._taken(changes),
            zones={host: self.zones(host) for host in judged},
        )

    def zones(self, host: str) -> dict[int, str]:
        """Give the zones that aggregates give a host."""
        return {
            one.id: one.availability_zone
            for one in self.aggregates.values()
            if host in one.hosts and one.availability_zone is not None
        }

    def after(self, changes: Iterable[compute_change.Change]) -> 'Cloud':
        """Give the cloud after changes; what is made gets the next ids."""
        left = dict(self.aggregates)
        for change in changes:
            if change.before is not None:
                del left[change.before.id]
            if change.after is not None:
                number = change.after.id or max(left, default=0) + 1
                left[number] = dataclasses.replace(change.after, id=number)
        return Cloud(left, self.instances)

    def _taken(
        self, changes: Iterable[compute_change.Change]
    ) -> frozenset[str]:
        given_up = {
            change.before.id
            for change in changes
            if change.before and (change.is_renamed or change.after is None)
        }
        kept = {
            collation.fold(one.name)
            for one in self.aggregates.values()
            if one.id not in given_up
        }
        wanted = {
            change.item.name
            for change in changes
            if change.item.name is not None
            and (change.before is None or change.is_renamed)
        }
        return frozenset(n for n in wanted if collation.fold(n) in kept)


def of(*aggregates: Aggregate, **instances: int) -> Cloud:
    """Make a cloud."""
    return Cloud({one.id: one for one in aggregates}, instances)
