# SPDX-License-Identifier: Apache-2.0
"""What is read from the database, as frozen data."""

import dataclasses
import datetime
from collections.abc import Mapping
from typing import Any

ZONE_KEY = 'availability_zone'


@dataclasses.dataclass(frozen=True, slots=True)
class Aggregate:
    """One host aggregate; times are naive and in UTC, to the second.

    :ivar uuid: None where an old Nova, or others, left it empty
    :ivar hosts: in the order in which they were added
    """

    id: int
    uuid: str | None
    name: str
    hosts: tuple[str, ...]
    metadata: Mapping[str, str]
    created_at: datetime.datetime | None
    updated_at: datetime.datetime | None

    def values(self) -> dict[str, Any]:
        """Give the fields by their names; what is in them is not copied."""
        return {name: getattr(self, name) for name in self.__slots__}

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
        )

    @property
    def availability_zone(self) -> str | None:
        """The zone is the value of one metadata key; there is no column."""
        return self.metadata.get(ZONE_KEY)
