# SPDX-License-Identifier: Apache-2.0
"""The audit of memberships: database and placement, compared both ways."""

import functools
from collections.abc import Iterable
from collections.abc import Iterator

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

_ANY_TIME = client.Request(id=None, until=None)


class Memberships:
    """Providers that placement does not have in the aggregates of their host.

    Also those that it has in aggregates that their host is not in, and hosts
    whose provider is gone. What is still in the outbox is found as well.
    """

    def __init__(
        self,
        placement: client.Placement,
        mirror: placement_mirror.Mirror,
        database: db_database.Database,
    ) -> None:
        self._placement = placement
        self._mirror = mirror
        self._database = database

    def find(self) -> list[audit.Finding]:
        """Ask placement for every host and every aggregate."""
        aggregates = self._database.read(queries.list_aggregates)
        try:
            return list(self._findings(aggregates))
        except (types.Away, types.TryAgain) as error:
            raise exception.PlacementUnavailable(reason=str(error)) from error

    def _findings(
        self, aggregates: Iterable[records.Aggregate]
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
        for host, uuids in wanted.items():
            for node in self._mirror.nodes(host):
                yield from self._of_node(host, node, uuids, ids, seen)
        for key in ids:
            yield from self._of_others(key, ids, seen)

    def _of_node(
        self,
        host: str,
        node: inventory.ComputeNode,
        wanted: set[str],
        ids: dict[str, int],
        seen: set[str],
    ) -> Iterator[audit.Finding]:
        """Compare one provider of a host that is in aggregates."""
        found = self._mirror.find(node, _ANY_TIME)
        if found is None:
            yield audit.Finding(
                check=CHECK,
                aggregates=tuple(sorted(ids[one] for one in wanted)),
                subject=host,
                detail=f'placement has no provider {node.name}',
            )
            return
        seen.add(found.provider)
        missing = wanted - found.aggregates
        stale = (found.aggregates & ids.keys()) - wanted
        for uuids, detail in (
            (missing, f'provider {node.name} is not in the aggregates'),
            (stale, f'provider {node.name} is in aggregates of other hosts'),
        ):
            if uuids:
                yield self._finding(host, node, uuids, ids, detail)

    def _of_others(
        self, aggregate: str, ids: dict[str, int], seen: set[str]
    ) -> Iterator[audit.Finding]:
        """Find providers of hosts that are in no aggregate at all."""
        for uuid, name in self._placement.members(aggregate):
            if uuid not in seen:
                node = inventory.ComputeNode(uuid=uuid, name=name)
                detail = f'provider {name} is in aggregates, its host is not'
                yield self._finding('', node, [aggregate], ids, detail)

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
