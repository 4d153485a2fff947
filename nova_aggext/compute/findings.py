# SPDX-License-Identifier: Apache-2.0
"""What speaks against a change, or has to be known first, as frozen data."""

import dataclasses
from collections.abc import Iterable
from collections.abc import Mapping
from typing import TypeAlias

from nova_aggext.db import records

Aggregate = records.Aggregate


@dataclasses.dataclass(frozen=True, slots=True)
class AggregateUnknown:
    """There is no aggregate of this id."""

    aggregate_id: int


@dataclasses.dataclass(frozen=True, slots=True)
class Protected:
    """An aggregate is protected, and would be another one, or none.

    :ivar fields: that would change; none where it is to be deleted
    """

    aggregate: Aggregate
    fields: tuple[str, ...]


@dataclasses.dataclass(frozen=True, slots=True)
class HostUnknown:
    """The inventory knows no host of this name, which is to be added.

    :ivar aggregate: that is to get it; None of one that is to be made
    :ivar made: the key of its item, where it is to be made
    """

    aggregate: Aggregate | None
    host: str
    made: str | None = None


@dataclasses.dataclass(frozen=True, slots=True)
class NameTaken:
    """Another aggregate has, or is to have, a name that compares equal.

    :ivar aggregate: that is to get it; None of one that is to be made
    :ivar made: the key of its item, where it is to be made
    """

    aggregate: Aggregate | None
    name: str
    made: str | None = None


@dataclasses.dataclass(frozen=True, slots=True)
class ZoneEmpty:
    """A zone is named that is none; Nova never takes a zone away."""

    aggregate: Aggregate


@dataclasses.dataclass(frozen=True, slots=True)
class ZoneConflict:
    """A host would be in several zones.

    :ivar aggregate: that gives it the zone; None of one that is to be made
    :ivar others: zones that other aggregates give it, by their ids
    :ivar made: the key of its item, where it is to be made
    """

    aggregate: Aggregate | None
    host: str
    zone: str
    others: Mapping[int, str]
    made: str | None = None


@dataclasses.dataclass(frozen=True, slots=True)
class ZoneInstances:
    """A host has instances, whose zone would change.

    :ivar aggregate: by which it does; None of one that is to be made
    :ivar made: the key of its item, where it is to be made
    """

    aggregate: Aggregate | None
    host: str
    before: str | None
    after: str | None
    instances: int
    made: str | None = None


@dataclasses.dataclass(frozen=True, slots=True)
class KeysCollide:
    """Metadata keys would be left that compare equal.

    :ivar aggregate: None of one that is to be made
    :ivar made: the key of its item, where it is to be made
    """

    aggregate: Aggregate | None
    key: str
    present: str
    made: str | None = None


@dataclasses.dataclass(frozen=True, slots=True)
class HostPresent:
    """A host that is to be added is in the aggregate already."""

    aggregate: Aggregate
    host: str


@dataclasses.dataclass(frozen=True, slots=True)
class HostAbsent:
    """A host that is to be removed is not in the aggregate."""

    aggregate: Aggregate
    host: str


@dataclasses.dataclass(frozen=True, slots=True)
class NotEmpty:
    """An aggregate that is to be deleted would still have hosts."""

    aggregate: Aggregate


@dataclasses.dataclass(frozen=True, slots=True)
class LocksWanted:
    """The zones of hosts are judged that were not locked.

    Locked now, they would still be read as they were when the transaction
    first read anything.
    """

    hosts: frozenset[str]


@dataclasses.dataclass(frozen=True, slots=True)
class CountsWanted:
    """The instances of hosts matter, which nobody asked for yet."""

    hosts: frozenset[str]


@dataclasses.dataclass(frozen=True, slots=True)
class HostsWanted:
    """Hosts are to be added of which the inventory was not yet asked."""

    hosts: frozenset[str]


Wanted: TypeAlias = HostsWanted | LocksWanted | CountsWanted
Violation: TypeAlias = (
    AggregateUnknown
    | Protected
    | HostUnknown
    | NameTaken
    | ZoneEmpty
    | ZoneConflict
    | ZoneInstances
    | KeysCollide
    | HostPresent
    | HostAbsent
    | NotEmpty
)
Finding: TypeAlias = Violation | Wanted


WANTED = (HostsWanted, LocksWanted, CountsWanted)


def wanted(found: Iterable[Finding]) -> list[Wanted]:
    """Give what has to be known first."""
    return [one for one in found if isinstance(one, WANTED)]
