# SPDX-License-Identifier: Apache-2.0
"""What an inventory tells of compute hosts, as frozen data."""

import dataclasses
from collections.abc import Collection
from collections.abc import Iterator

from nova_aggext.db import batches as db_batches

# How many hosts one question names: more take longer than a cell may.
BATCH = 1000


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
    :ivar instances: how many it has, where that was found out on the way
    """

    name: str
    nodes: tuple[ComputeNode, ...] = ()
    instances: int | None = None


@dataclasses.dataclass(frozen=True, slots=True)
class Listing:
    """All compute hosts, as far as somebody could tell.

    :ivar present: the names of those that there are
    :ivar unsure: names of hosts that belong where nobody could tell
    :ivar absent: names that are not present for sure, though not everybody
        could tell; not all of these need be here
    :ivar is_whole: everybody could tell
    """

    present: frozenset[str]
    unsure: frozenset[str] = frozenset()
    absent: frozenset[str] = frozenset()
    is_whole: bool = True

    def knows(self, name: str) -> bool | None:
        """Say whether there is a host; None where nobody can tell."""
        if name in self.present:
            return True
        if self.is_whole or name in self.absent:
            return False
        return None


def batches(names: Collection[str]) -> Iterator[list[str]]:
    """Give names by as many as one question may have."""
    return db_batches.of(names, BATCH)
