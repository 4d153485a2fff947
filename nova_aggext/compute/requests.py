# SPDX-License-Identifier: Apache-2.0
"""What is asked: a change of one aggregate, or of many at once.

All that a request asks holds at once, and its items have no order.
"""

import dataclasses
import enum
from collections.abc import Mapping
from typing import Any

from nova_aggext import context
from nova_aggext.compute import unset
from nova_aggext.db import records


class Judging(enum.Enum):
    """Which hosts the zone rules are asked about."""

    # Nova: those for whose aggregate a zone is named, be it the present one,
    # and those that join or leave one.
    NAMED = 'named'
    # Those whose zone is another one afterwards.
    ALTERED = 'altered'


@dataclasses.dataclass(frozen=True, slots=True)
class Item:
    """What is asked of one aggregate; None, empty or unset is not asked.

    :ivar aggregate_id: None for one that is to be made
    :ivar key: tells those that are to be made from each other, where several
        may be
    :ivar uuid: for one that is to be made; None lets the server choose
    :ivar metadata: values by keys, the zone among them; None removes a key
    :ivar delete: it is to go, with its metadata and annotations
    :ivar description: None takes it away; so does None as ``owner``
    """

    aggregate_id: int | None
    uuid: str | None = None
    name: str | None = None
    metadata: Mapping[str, str | None] | None = None
    add: tuple[str, ...] = ()
    remove: tuple[str, ...] = ()
    delete: bool = False
    description: str | None | unset.Unset = unset.UNSET
    owner: str | None | unset.Unset = unset.UNSET
    protected: bool | unset.Unset = unset.UNSET
    key: str | None = None

    @property
    def annotates(self) -> bool:
        """Whether any annotation is asked for, or none."""
        return (
            self.description is not unset.UNSET
            or self.owner is not unset.UNSET
            or self.protected is not unset.UNSET
        )

    @property
    def names_zone(self) -> bool:
        """Whether a zone is asked for, or none."""
        return self.metadata is not None and records.ZONE_KEY in self.metadata


@dataclasses.dataclass(frozen=True, slots=True)
class Guarded:
    """What must stay as it was read, though nothing is asked of it.

    :ivar aggregates: by their ids
    """

    aggregates: frozenset[int] = frozenset()
    hosts: frozenset[str] = frozenset()


@dataclasses.dataclass(frozen=True, slots=True)
class Request:
    """A change that somebody asks for.

    :ivar items: no two of one aggregate
    :ivar operation: the name of the use case
    :ivar arguments: what it was called with, under Nova's names, for who is
        told of it
    :ivar strict: each host to add must be new, each to remove be there
    :ivar default_zone: of hosts that no aggregate gives one; None where they
        are in none
    :ivar lock: taken first of all, beside those of what is changed
    :ivar guarded: locked as well
    """

    who: context.RequestContext
    items: tuple[Item, ...]
    operation: str
    arguments: Mapping[str, Any] = dataclasses.field(default_factory=dict)
    judging: Judging = Judging.NAMED
    strict: bool = True
    default_zone: str | None = None
    lock: str | None = None
    guarded: Guarded = Guarded()

    @property
    def ids(self) -> list[int]:
        """The aggregates that are there already."""
        return [
            item.aggregate_id
            for item in self.items
            if item.aggregate_id is not None
        ]

    @property
    def names(self) -> list[str]:
        """The names that aggregates are to have."""
        return [one.name for one in self.items if one.name is not None]

    @property
    def hosts(self) -> frozenset[str]:
        """The hosts that are to be added or removed."""
        return frozenset(
            host for one in self.items for host in (*one.add, *one.remove)
        )

    @property
    def is_for_a_name(self) -> bool:
        """Whether nothing but a name can speak against it, once found."""
        if self.judging is Judging.ALTERED:
            # All that does is told at once, also of what is only planned.
            return False
        if len(self.items) != 1 or self.hosts:
            return False
        (item,) = self.items
        return item.aggregate_id is None or item.metadata is None
