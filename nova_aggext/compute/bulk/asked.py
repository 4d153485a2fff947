# SPDX-License-Identifier: Apache-2.0
"""A change of many aggregates as it is asked for, before anything was read.

Each part has the place where it stands, a JSON pointer, so that whatever
speaks against it can be said of that place.
"""

import dataclasses
import enum
from collections.abc import Mapping
from typing import TypeAlias

from nova_aggext.compute import unset

# Hosts, keys or ids of aggregates, and where each is named.
Places: TypeAlias = Mapping[str, str]


class Operation(enum.Enum):
    """What is to happen to an aggregate."""

    CREATE = 'create'
    UPDATE = 'update'
    DELETE = 'delete'


@dataclasses.dataclass(frozen=True, slots=True)
class Reference:
    """Names an aggregate; all that is given must be of the same one.

    :ivar becomes: the name that it is to get; beside an id or a uuid it is
        the same one also once it has it
    """

    place: str
    id: int | None = None
    uuid: str | None = None
    name: str | None = None
    becomes: str | None = None


@dataclasses.dataclass(frozen=True, slots=True)
class Hosts:
    """Hosts to add and to remove, or all that an aggregate shall have.

    :ivar whole: all; None where it is not that what is asked
    """

    add: Places = dataclasses.field(default_factory=dict)
    remove: Places = dataclasses.field(default_factory=dict)
    whole: Places | None = None


@dataclasses.dataclass(frozen=True, slots=True)
class Metadata:
    """Metadata to set and to remove, or all that an aggregate shall have.

    The zone is not among it.
    """

    add: Mapping[str, str] = dataclasses.field(default_factory=dict)
    remove: tuple[str, ...] = ()
    whole: Mapping[str, str] | None = None


@dataclasses.dataclass(frozen=True, slots=True)
class AggregateItem:
    """What is asked of one aggregate.

    :ivar reference: None of one that is to be made
    :ivar if_match: the entity tag that it must have
    """

    place: str
    operation: Operation = Operation.UPDATE
    reference: Reference | None = None
    uuid: str | None = None
    name: str | None = None
    zone: str | None | unset.Unset = unset.UNSET
    metadata: Metadata | None = None
    hosts: Hosts | None = None
    description: str | None | unset.Unset = unset.UNSET
    owner: str | None | unset.Unset = unset.UNSET
    protected: bool | unset.Unset = unset.UNSET
    if_match: str | None = None


@dataclasses.dataclass(frozen=True, slots=True)
class HostItem:
    """In which aggregates one host is asked to be.

    :ivar whole: all; None where it is not that what is asked
    """

    place: str
    host: str
    add: tuple[Reference, ...] = ()
    remove: tuple[Reference, ...] = ()
    whole: tuple[Reference, ...] | None = None
    if_match: str | None = None


@dataclasses.dataclass(frozen=True, slots=True)
class Asked:
    """A whole request.

    :ivar strict: each host to add must be new, each to remove be there
    :ivar skip_unknown: leave out hosts that the inventory does not know
    :ivar expect_digest: the effects must have it
    :ivar revert: the id of a change to undo; beside it there are no items
    :ivar manager: who applies what it wants; the items follow from that
    :ivar place: where all of it stands
    """

    aggregates: tuple[AggregateItem, ...] = ()
    hosts: tuple[HostItem, ...] = ()
    strict: bool = False
    skip_unknown: bool = False
    expect_digest: str | None = None
    reason: str | None = None
    revert: str | None = None
    manager: str | None = None
    place: str = '/change'

    @property
    def kind(self) -> str:
        """How it is recorded."""
        if self.manager is not None:
            return 'apply'
        return 'change' if self.revert is None else 'revert'

    @property
    def references(self) -> list[Reference]:
        """All that is named, in the order of the request."""
        found = [one.reference for one in self.aggregates if one.reference]
        for item in self.hosts:
            found += (*item.add, *item.remove, *(item.whole or ()))
        return found
