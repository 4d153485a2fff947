# SPDX-License-Identifier: Apache-2.0
"""What the use cases want of the outside world."""

import dataclasses
from collections.abc import Collection
from collections.abc import Mapping
from typing import Protocol, TypeAlias

from nova_aggext import context
from nova_aggext.db import database as db_database
from nova_aggext.db import records


@dataclasses.dataclass(frozen=True, slots=True)
class ComputeNode:
    """What a host offers; Ironic has many on one host.

    :ivar name: its hypervisor_hostname, the name of its resource provider
    """

    uuid: str
    name: str


@dataclasses.dataclass(frozen=True, slots=True)
class Host:
    """A compute host that exists.

    :ivar nodes: empty where the inventory knows of none
    """

    name: str
    nodes: tuple[ComputeNode, ...] = ()


class HostInventory(Protocol):
    """Knows which compute hosts there are and what runs on them.

    Never called while a transaction of ours is open.
    """

    def get_host(self, name: str) -> Host:
        """Find a host by its exact name.

        :raises ComputeHostNotFound: when there is no compute host of that
            name, or it has no compute node
        :raises ServiceUnavailable: when nobody can tell at present
        """

    def count_instances(self, hosts: Collection[str]) -> Mapping[str, int]:
        """Count the instances of each host, also of hosts that are gone.

        :raises ServiceUnavailable: when nobody can tell at present
        """

    def check(self) -> None:
        """Find out whether the inventory can answer.

        :raises ServiceUnavailable: which says what is away
        """

    def close(self) -> None:
        """Give back what the inventory holds."""


@dataclasses.dataclass(frozen=True, slots=True)
class AggregateCreated:
    """An aggregate was made."""

    aggregate: records.Aggregate


@dataclasses.dataclass(frozen=True, slots=True)
class AggregateRenamed:
    """An aggregate was given a name, perhaps the one it had."""

    before: records.Aggregate
    after: records.Aggregate


@dataclasses.dataclass(frozen=True, slots=True)
class MetadataUpdated:
    """Metadata or zone of an aggregate were set.

    :ivar asked: what the caller asked for, with None for keys to remove
    """

    before: records.Aggregate
    after: records.Aggregate
    asked: Mapping[str, str | None]


@dataclasses.dataclass(frozen=True, slots=True)
class HostAdded:
    """A host was put into an aggregate."""

    before: records.Aggregate
    after: records.Aggregate
    host: str


@dataclasses.dataclass(frozen=True, slots=True)
class HostRemoved:
    """A host was taken out of an aggregate."""

    before: records.Aggregate
    after: records.Aggregate
    host: str


@dataclasses.dataclass(frozen=True, slots=True)
class AggregateDeleted:
    """An aggregate was deleted."""

    aggregate: records.Aggregate


Event: TypeAlias = (
    AggregateCreated
    | AggregateRenamed
    | MetadataUpdated
    | HostAdded
    | HostRemoved
    | AggregateDeleted
)


class Outbox(Protocol):
    """Keeps what the outside must be told until it was told."""

    def append(
        self,
        session: db_database.Session,
        who: context.RequestContext,
        event: Event,
    ) -> None:
        """Store an event in the transaction of the change it tells of."""
