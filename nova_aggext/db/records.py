# SPDX-License-Identifier: Apache-2.0
"""What is read from the database, as frozen data."""

import dataclasses
import datetime
from collections.abc import Mapping
from typing import Any

ZONE_KEY = 'availability_zone'

# What is said of an aggregate beside what Nova has, and what says nothing.
ANNOTATIONS: Mapping[str, Any] = {
    'description': None,
    'owner': None,
    'protected': False,
}
_OF_NOVA = (
    'id',
    'uuid',
    'name',
    'hosts',
    'metadata',
    'created_at',
    'updated_at',
)


@dataclasses.dataclass(frozen=True, slots=True)
class Aggregate:
    """One host aggregate; times are naive and in UTC, to the second.

    :ivar uuid: None where an old Nova, or others, left it empty
    :ivar hosts: in the order in which they were added
    :ivar description: this, ``owner`` and ``protected`` are no part of Nova;
        where they were not asked for they are as if nothing was said of it
    :ivar owner: a project
    :ivar protected: what it is must stay: all but its hosts
    """

    id: int
    uuid: str | None
    name: str
    hosts: tuple[str, ...]
    metadata: Mapping[str, str]
    created_at: datetime.datetime | None
    updated_at: datetime.datetime | None
    description: str | None = None
    owner: str | None = None
    protected: bool = False

    def values(self) -> dict[str, Any]:
        """Give the fields that Nova has, by name; nothing is copied."""
        return {name: getattr(self, name) for name in _OF_NOVA}

    @property
    def is_annotated(self) -> bool:
        """Whether anything is said of it beside what Nova has."""
        return (
            self.description is not None
            or self.owner is not None
            or self.protected
        )

    @property
    def annotations(self) -> dict[str, Any]:
        """What is said of it beside what Nova has, by name; no nothings."""
        return {
            name: getattr(self, name)
            for name, nothing in ANNOTATIONS.items()
            if getattr(self, name) != nothing
        }

    def touched(self, moment: datetime.datetime) -> 'Aggregate':
        """Give it as it is once its row was written."""
        return Aggregate(
            self.id,
            self.uuid,
            self.name,
            self.hosts,
            self.metadata,
            self.created_at,
            moment,
            self.description,
            self.owner,
            self.protected,
        )

    @property
    def availability_zone(self) -> str | None:
        """The zone is the value of one metadata key; there is no column."""
        return self.metadata.get(ZONE_KEY)
