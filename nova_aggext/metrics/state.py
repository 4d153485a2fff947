# SPDX-License-Identifier: Apache-2.0
"""What a process holds at one moment: pools, lanes, channels, threads."""

import collections
import dataclasses
import pathlib
import resource
import threading
from collections.abc import Mapping

from nova_aggext.db import pools as db_pools

_STATM = pathlib.Path('/proc/self/statm')
_OWN = 'aggext-'
OTHERS = 'other'


@dataclasses.dataclass(frozen=True, slots=True)
class Lane:
    """What a relay does with its lane of the outbox.

    :ivar running: whether this process has the thread that tells
    :ivar held: streams that it holds
    :ivar waits_for: names of the channels that are away
    """

    name: str
    running: bool
    held: int
    waits_for: frozenset[str]


@dataclasses.dataclass(frozen=True, slots=True)
class State:
    """What a process holds.

    :ivar channels: the names of what tells the outside
    """

    pools: tuple[db_pools.Pool, ...]
    lanes: tuple[Lane, ...]
    channels: tuple[str, ...]

    @property
    def away(self) -> frozenset[str]:
        """The channels that some lane waits for."""
        return frozenset().union(*(one.waits_for for one in self.lanes))


def threads() -> Mapping[str, int]:
    """Count the threads of this process: ours by their names, and others."""
    return collections.Counter(
        one.name if one.name.startswith(_OWN) else OTHERS
        for one in threading.enumerate()
    )


def resident_bytes() -> int:
    """Give the memory that this process holds."""
    pages = int(_STATM.read_text().split()[1])
    return pages * resource.getpagesize()
