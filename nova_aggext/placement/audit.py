# SPDX-License-Identifier: Apache-2.0
"""The audit of memberships: database and placement, compared both ways."""

import dataclasses
import functools
from collections.abc import Collection
from collections.abc import Iterable
from collections.abc import Iterator
from collections.abc import Set

from nova_aggext import exception
from nova_aggext.compute import audit
from nova_aggext.compute import inventory
from nova_aggext.db import database as db_database
from nova_aggext.db import queries
from nova_aggext.db import records
from nova_aggext.outbox import types
from nova_aggext.placement import client
from nova_aggext.placement import mirror as placement_mirror

CHECK = 'placement'

Nodes = tuple[inventory.ComputeNode, ...]

_ANY_TIME = client.Request(id=None, until=None)


@dataclasses.dataclass(frozen=True, slots=True)
class Told:
    """What placement has of the aggregates of the database.

    :ivar members: uuids and names of providers, by aggregate
    :ivar aggregates: of each provider that is in any, by its uuid
    :ivar providers: uuids of those providers, by name
    """

    members: dict[str, list[tuple[str, str]]]
    aggregates: dict[str, set[str]]
    providers: dict[str, str]

    def add(self, aggregate: str, members: list[tuple[str, str]]) -> None:
        """Remember the providers of an aggregate."""
        self.members[aggregate] = members
        for uuid, name in members:
            self.aggregates.setdefault(uuid, set()).add(aggregate)
            self.providers[name] = uuid


class Memberships:
    """Providers that placement does not have in the aggregates of their host.

    Also those that it has in aggregates that their host is not in, and hosts
    whose provider is gone. What is still in the outbox is found as well.
    """

    name = CHECK

    def __init__(
        self,
        placement: client.Placement,
        mirror: placement_mirror.Mirror,
        database: db_database.Database,
    ) -> None:
        self._placement = placement
        self._mirror = mirror
        self._database = database

    def find(self, tick: audit.Tick) -> list[audit.Finding]:
        """Ask placement for every aggregate, and for hosts that it lacks."""
        aggregates = self._database.read(queries.list_aggregates)
        try:
            told = self._told(aggregates, tick)
            return list(self._findings(aggregates, told, tick))
        except (types.Away, types.TryAgain) as error:
            raise exception.PlacementUnavailable(reason=str(error)) from error

    def _told(
        self, aggregates: Iterable[records.Aggregate], tick: audit.Tick
    ) -> Told:
        """Ask for the providers in each aggregate."""
        told = Told({}, {}, {})
        for aggregate in aggregates:
            if aggregate.uuid:
                members = self._placement.members(aggregate.uuid)
                told.add(aggregate.uuid, members)
            tick()
        return told

    def _findings(
        self,
        aggregates: Iterable[records.Aggregate],
        told: Told,
        tick: audit.Tick,
    ) -> Iterator[audit.Finding]:
        ids = {one.uuid: one.id for one in aggregates if one.uuid}
        wanted: dict[str, set[str]] = {}
        for aggregate in aggregates:
            if not aggregate.uuid:
                yield _untold(aggregate)
                continue
            for host in aggregate.hosts:
                wanted.setdefault(host, set()).add(aggregate.uuid)
        seen: set[str] = set()
        unclear: set[str] = set()
        for host, nodes in self._nodes_of(wanted):
            uuids = wanted[host]
            if isinstance(nodes, exception.HostInManyCells):
                unclear |= uuids
                yield _unrepaired(host, uuids, ids, str(nodes))
                continue
            for node in nodes:
                yield from self._of_node(host, node, uuids, ids, told, seen)
            tick()
        yield from self._of_others(ids, told, seen, unclear)

    def _nodes_of(
        self, hosts: Collection[str]
    ) -> Iterator[tuple[str, Nodes | exception.HostInManyCells]]:
        """Give the nodes of each host, or why nobody knows them."""
        for batch in inventory.batches(hosts):
            known = self._mirror.known_nodes(batch)
            for host in batch:
                try:
                    yield host, known.get(host) or self._mirror.nodes(host)
                except exception.HostInManyCells as error:
                    yield host, error

    def _of_node(
        self,
        host: str,
        node: inventory.ComputeNode,
        wanted: set[str],
        ids: dict[str, int],
        told: Told,
        seen: set[str],
    ) -> Iterator[audit.Finding]:
        """Compare one provider of a host that is in aggregates."""
        found = self._present(node, told)
        if found is None:
            why = f'placement has no provider {node.name}'
            yield _unrepaired(host, wanted, ids, why)
            return
        provider, present = found
        seen.add(provider)
        missing = wanted - present
        stale = (present & ids.keys()) - wanted
        for uuids, detail in (
            (missing, f'provider {node.name} is not in the aggregates'),
            (stale, f'provider {node.name} is in aggregates of other hosts'),
        ):
            if uuids:
                yield self._finding(host, node, uuids, ids, detail)

    def _present(
        self, node: inventory.ComputeNode, told: Told
    ) -> tuple[str, Set[str]] | None:
        """Give the provider of a node, and its aggregates.

        One that is in none of ours has to be asked for.
        """
        provider = node.uuid or told.providers.get(node.name, '')
        if provider in told.aggregates:
            return provider, told.aggregates[provider]
        found = self._mirror.find(node, _ANY_TIME)
        return None if found is None else (found.provider, found.aggregates)

    def _of_others(
        self,
        ids: dict[str, int],
        told: Told,
        seen: set[str],
        unclear: set[str],
    ) -> Iterator[audit.Finding]:
        """Find providers of hosts that are in no aggregate at all.

        :param unclear: aggregates with a host whose providers nobody knows;
            one that is found may be among them, and is not repaired
        """
        for aggregate, members in told.members.items():
            for uuid, name in members:
                if uuid in seen or aggregate in unclear:
                    continue
                node = inventory.ComputeNode(uuid=uuid, name=name)
                detail = f'provider {name} is in aggregates, its host is not'
                found = self._finding('', node, [aggregate], ids, detail)
                if unclear:
                    found = _unrepaired(name, {aggregate}, ids, detail)
                yield found

    def _finding(
        self,
        host: str,
        node: inventory.ComputeNode,
        uuids: Iterable[str],
        ids: dict[str, int],
        detail: str,
    ) -> audit.Finding:
        apply = functools.partial(self._repair, host, node, frozenset(uuids))
        return audit.Finding(
            check=CHECK,
            aggregates=tuple(sorted(ids[one] for one in uuids)),
            subject=host or node.name,
            detail=detail,
            repairs=(audit.Repair('set what the database says', apply),),
            sure=True,
        )

    def _repair(
        self, host: str, node: inventory.ComputeNode, uuids: frozenset[str]
    ) -> None:
        try:
            self._mirror.set(node, host, uuids, _ANY_TIME)
        except (types.Away, types.TryAgain) as error:
            raise exception.PlacementUnavailable(reason=str(error)) from error


def _untold(aggregate: records.Aggregate) -> audit.Finding:
    return audit.Finding(
        check=CHECK,
        aggregates=(aggregate.id,),
        subject=aggregate.name,
        detail='it has no uuid, so that placement cannot be told of it',
    )


def _unrepaired(
    host: str, uuids: Iterable[str], ids: dict[str, int], detail: str
) -> audit.Finding:
    """Make a finding that nobody can repair here."""
    return audit.Finding(
        check=CHECK,
        aggregates=tuple(sorted(ids[one] for one in uuids)),
        subject=host,
        detail=detail,
    )
