# SPDX-License-Identifier: Apache-2.0
"""The audit: what should not be, and how it can be put right.

Every repair is a use case or takes the same locks, and is recorded.
"""

import dataclasses
import functools
from collections.abc import Callable
from collections.abc import Collection
from collections.abc import Iterable
from collections.abc import Iterator
from collections.abc import Mapping
from collections.abc import Sequence
from typing import Protocol

from nova_aggext import context
from nova_aggext import exception
from nova_aggext.compute import api
from nova_aggext.compute import inventory
from nova_aggext.compute import ports
from nova_aggext.db import audit
from nova_aggext.db import collation
from nova_aggext.db import database as db_database
from nova_aggext.db import queries
from nova_aggext.db import records

Zones = Mapping[str, Sequence[int]]
Tick = Callable[[], object]


@dataclasses.dataclass(frozen=True, slots=True)
class Repair:
    """One way to put a finding right.

    :ivar text: what it does, in words
    :ivar apply: does it; may raise any domain error
    """

    text: str
    apply: Callable[[], object]


@dataclasses.dataclass(frozen=True, slots=True)
class Finding:
    """Something that should not be.

    :ivar check: the name of the check
    :ivar aggregates: ids of the aggregates concerned
    :ivar subject: the host or the key concerned
    :ivar repairs: the ways to put it right, the most likely one first
    :ivar sure: the first repair is the only right answer
    """

    check: str
    aggregates: tuple[int, ...]
    subject: str
    detail: str
    repairs: tuple[Repair, ...] = ()
    sure: bool = False


class Check(Protocol):
    """Looks for one kind of thing that should not be.

    :ivar name: what its findings are called
    """

    name: str

    def find(self, tick: Tick) -> list[Finding]:
        """Look.

        :param tick: is called now and then, to show that it goes on
        :raises ServiceUnavailable: when nobody can tell at present
        """


@dataclasses.dataclass(frozen=True, slots=True)
class Tools:
    """What checks work with.

    :ivar who: to whom repairs are put down
    """

    database: db_database.Database
    hosts: ports.HostInventory
    api: api.AggregateAPI
    who: context.RequestContext


def checks(tools: Tools) -> list[Check]:
    """Give all checks of the database, in the order to repair in."""
    return [
        OrphanedRows(tools),
        EqualKeys(tools),
        UnknownHosts(tools),
        TwoZones(tools),
    ]


class OrphanedRows:
    """Hosts, metadata and annotations of aggregates that do not exist."""

    name = 'orphaned rows'

    def __init__(self, tools: Tools) -> None:
        self._tools = tools

    def find(self, tick: Tick) -> list[Finding]:
        """Look for rows; deleting them is the only right answer."""
        found = self._tools.database.read(audit.list_orphans)
        return [self._finding(one) for one in found]

    def _finding(self, found: audit.Orphans) -> Finding:
        said = [name for name, one in found.annotations.items() if one]
        rows = len(found.hosts) + len(found.metadata) + bool(found.annotations)
        return Finding(
            check=self.name,
            aggregates=(found.aggregate_id,),
            subject=', '.join([*found.hosts, *found.metadata, *said]),
            detail=f'{rows} rows of an aggregate that does not exist',
            repairs=(
                Repair(
                    'delete the rows', functools.partial(self._delete, found)
                ),
            ),
            sure=True,
        )

    def _delete(self, found: audit.Orphans) -> None:
        who = self._tools.who
        self._tools.database.write(
            lambda session: audit.delete_orphans(session, who, found)
        )


class EqualKeys:
    """Metadata keys that differ only in case, accents or trailing blanks."""

    name = 'equal keys'

    def __init__(self, tools: Tools) -> None:
        self._tools = tools

    def find(self, tick: Tick) -> list[Finding]:
        """Look into every aggregate; one key of each group can be kept."""
        found = self._tools.database.read(queries.list_aggregates)
        return [
            self._finding(aggregate, keys)
            for aggregate in found
            for keys in equal_keys(aggregate.metadata)
        ]

    def _finding(
        self, aggregate: records.Aggregate, keys: Sequence[str]
    ) -> Finding:
        # The zone of an aggregate can be changed but not taken away.
        kept = [key for key in keys if key == records.ZONE_KEY] or keys
        return Finding(
            check=self.name,
            aggregates=(aggregate.id,),
            subject=', '.join(repr(key) for key in keys),
            detail='keys differ only in case, accents or trailing blanks',
            repairs=tuple(
                Repair(
                    f'keep {key!r} = {aggregate.metadata[key]!r}',
                    functools.partial(self._keep, aggregate.id, key, keys),
                )
                for key in kept
            ),
        )

    def _keep(self, aggregate_id: int, kept: str, keys: Sequence[str]) -> None:
        self._tools.api.update_aggregate_metadata(
            self._tools.who,
            aggregate_id,
            {key: None for key in keys if key != kept},
        )


class UnknownHosts:
    """Members that the inventory does not know."""

    name = 'unknown host'

    def __init__(self, tools: Tools) -> None:
        self._tools = tools

    def find(self, tick: Tick) -> list[Finding]:
        """Ask for all hosts; one that comes back was rightly kept."""
        members = self._tools.database.read(audit.list_memberships)
        ids: dict[str, list[int]] = {}
        for member in members:
            ids.setdefault(member.host, []).append(member.aggregate_id)
        return [
            self._finding(host, ids[host], why)
            for host in self._not_found(ids, tick)
            if (why := self._why_unknown(host)) is not None
        ]

    def _not_found(self, hosts: Collection[str], tick: Tick) -> Iterator[str]:
        for batch in inventory.batches(hosts):
            found = self._tools.hosts.get_hosts(batch)
            for host in batch:
                tick()
                if host not in found:
                    yield host

    def _why_unknown(self, host: str) -> str | None:
        try:
            self._tools.hosts.get_host(host)
        except exception.ComputeHostNotFound as error:
            return str(error)
        except exception.HostInManyCells:
            return None
        return None

    def _finding(self, host: str, ids: Sequence[int], why: str) -> Finding:
        remove = functools.partial(_remove, self._tools, host, ids)
        text = f'remove {host} from aggregates {_listed(ids)}'
        return Finding(
            check=self.name,
            aggregates=tuple(ids),
            subject=host,
            detail=why,
            repairs=(Repair(text, remove),),
        )


class TwoZones:
    """Hosts in aggregates of more than one availability zone."""

    name = 'two zones'

    def __init__(self, tools: Tools) -> None:
        self._tools = tools

    def find(self, tick: Tick) -> list[Finding]:
        """Look at every host; any of its zones can be the right one."""
        members = self._tools.database.read(audit.list_memberships)
        return [
            self._finding(host, zones)
            for host, zones in zones_of_hosts(members).items()
            if len(zones) > 1
        ]

    def _finding(self, host: str, zones: Zones) -> Finding:
        named = ', '.join(
            f'{zone} (aggregates {_listed(ids)})'
            for zone, ids in zones.items()
        )
        return Finding(
            check=self.name,
            aggregates=tuple(one for ids in zones.values() for one in ids),
            subject=host,
            detail=f'the host is in zones {named}',
            repairs=tuple(self._keep(host, zones, zone) for zone in zones),
        )

    def _keep(self, host: str, zones: Zones, kept: str) -> Repair:
        ids = [
            one for zone, ids in zones.items() if zone != kept for one in ids
        ]
        return Repair(
            f'keep zone {kept}: remove {host} from aggregates {_listed(ids)}',
            functools.partial(_remove, self._tools, host, ids),
        )


def equal_keys(metadata: Iterable[str]) -> list[list[str]]:
    """Give the groups of keys that are equal to a database of Nova."""
    groups: dict[str, list[str]] = {}
    for key in metadata:
        groups.setdefault(collation.fold(key), []).append(key)
    return [keys for keys in groups.values() if len(keys) > 1]


def zones_of_hosts(
    members: Iterable[audit.Membership],
) -> dict[str, dict[str, list[int]]]:
    """Give the aggregates by host and zone, in the order of the members."""
    found: dict[str, dict[str, list[int]]] = {}
    for member in members:
        if member.zone is not None:
            zones = found.setdefault(member.host, {})
            zones.setdefault(member.zone, []).append(member.aggregate_id)
    return found


def _remove(tools: Tools, host: str, ids: Sequence[int]) -> None:
    for one in ids:
        tools.api.remove_host_from_aggregate(tools.who, one, host)


def _listed(ids: Iterable[int]) -> str:
    return ', '.join(str(one) for one in ids)
