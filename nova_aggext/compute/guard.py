# SPDX-License-Identifier: Apache-2.0
"""Zone rules applied in a transaction.

The rules themselves are in ``availability_zones``; here they meet the
database and the numbers of instances.
"""

import abc
import dataclasses
from collections.abc import Iterable
from collections.abc import Mapping

from nova_aggext import exception
from nova_aggext.compute import availability_zones
from nova_aggext.compute import ports
from nova_aggext.db import database as db_database
from nova_aggext.db import queries
from nova_aggext.db import records

Refusal = type[exception.InvalidAggregateAction]


@dataclasses.dataclass(frozen=True, slots=True)
class Known:
    """What a transaction was begun with.

    :ivar hosts: the hosts that it locked before it read anything
    :ivar counts: numbers of instances by host, as far as they were asked for
    """

    hosts: frozenset[str] = frozenset()
    counts: Mapping[str, int] = dataclasses.field(default_factory=dict)


class HostsWanted(Exception):
    """The transaction has to be begun anew, knowing more of some hosts."""

    def __init__(self, hosts: Iterable[str]) -> None:
        super().__init__(hosts)
        self.hosts = frozenset(hosts)

    @abc.abstractmethod
    def learn(self, known: Known, inventory: ports.HostInventory) -> Known:
        """Give what is to be known next time."""


class LocksWanted(HostsWanted):
    """A rule reads hosts that were not locked.

    Locked now, they would still be read as they were when the transaction
    first read anything.
    """

    def learn(self, known: Known, inventory: ports.HostInventory) -> Known:
        """Lock the hosts from the start."""
        return dataclasses.replace(known, hosts=known.hosts | self.hosts)


class CountsWanted(HostsWanted):
    """A rule needs the instances of hosts that nobody asked for yet.

    The inventory is not asked while a transaction is open.
    """

    def learn(self, known: Known, inventory: ports.HostInventory) -> Known:
        """Ask the inventory."""
        counted = inventory.count_instances(self.hosts)
        return dataclasses.replace(known, counts={**known.counts, **counted})


@dataclasses.dataclass(frozen=True, slots=True)
class Guard:
    """Refuses what the zone rules forbid, in one transaction.

    The aggregate and the hosts must have been locked first of all. Each
    method may raise ``HostsWanted``.
    """

    session: db_database.Session
    known: Known

    def require_zone(
        self,
        aggregate: records.Aggregate,
        zone: str | None,
        refusal: Refusal,
    ) -> None:
        """Let an aggregate have a zone only if all of its hosts may.

        :raises InvalidAggregateAction: of the class ``refusal``
        """
        if not zone:
            raise _refuse(refusal, aggregate, 'the zone must not be empty')
        unlocked = set(aggregate.hosts) - self.known.hosts
        if unlocked:
            raise LocksWanted(unlocked)
        zones_of = queries.zones_of_hosts(self.session, aggregate.hosts)
        _require_one_zone(zones_of, aggregate, zone, refusal)
        if zone != aggregate.availability_zone:
            self._require_no_instances(aggregate.hosts, aggregate, refusal)

    def require_may_join(
        self, aggregate: records.Aggregate, host: str
    ) -> None:
        """Let a host join an aggregate only if its zone does not change.

        :raises InvalidAggregateActionAdd: when it is in another zone, or has
            instances and would come into one
        """
        refusal = exception.InvalidAggregateActionAdd
        zone = aggregate.availability_zone
        zones_of = queries.zones_of_hosts(self.session, [host])
        if zone is not None:
            _require_one_zone(zones_of, aggregate, zone, refusal)
        if availability_zones.moved_by_adding(zones_of[host], zone):
            self._require_no_instances([host], aggregate, refusal)

    def require_may_leave(
        self, aggregate: records.Aggregate, host: str
    ) -> None:
        """Let a host leave an aggregate only if its zone does not change.

        :raises InvalidAggregateActionDelete: when it has instances that would
            change their zone
        """
        zones = queries.zones_of_hosts(self.session, [host])[host]
        if availability_zones.moved_by_removing(zones, aggregate.id):
            refusal = exception.InvalidAggregateActionDelete
            self._require_no_instances([host], aggregate, refusal)

    def _require_no_instances(
        self,
        hosts: Iterable[str],
        aggregate: records.Aggregate,
        refusal: Refusal,
    ) -> None:
        counts = self.known.counts
        unknown = [host for host in hosts if host not in counts]
        if unknown:
            raise CountsWanted(unknown)
        used = availability_zones.hosts_with_instances(hosts, counts)
        if used:
            reason = f'host {used[0]} has instances, whose zone would change'
            raise _refuse(refusal, aggregate, reason)


def _require_one_zone(
    zones_of: Mapping[str, availability_zones.Zones],
    aggregate: records.Aggregate,
    zone: str,
    refusal: Refusal,
) -> None:
    conflict = availability_zones.first_conflict(zones_of, aggregate.id, zone)
    if conflict is not None:
        host, found = conflict
        others = availability_zones.describe(found)
        raise _refuse(refusal, aggregate, f'host {host} is in zone {others}')


def _refuse(
    refusal: Refusal, aggregate: records.Aggregate, reason: str
) -> exception.InvalidAggregateAction:
    return refusal(
        action=refusal.verb, aggregate_id=aggregate.id, reason=reason
    )
