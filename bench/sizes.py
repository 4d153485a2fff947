# SPDX-License-Identifier: Apache-2.0
"""How much there is in the database."""

import dataclasses


@dataclasses.dataclass(frozen=True, order=True)
class Size:
    """So many aggregates, with hosts each, with metadata keys each.

    No host is in two of them. All aggregates have zones of their own, which
    count among the keys, but ``UNZONED``.
    """

    aggregates: int
    hosts: int
    keys: int

    def __str__(self) -> str:
        return f'{self.aggregates} x {self.hosts} x {self.keys}'

    @property
    def memberships(self) -> int:
        """How many rows the table of the hosts has."""
        return self.aggregates * self.hosts


def parse(text: str) -> Size:
    """Read a size written as 100x20x5."""
    aggregates, hosts, keys = (int(part) for part in text.split('x'))
    return Size(aggregates, hosts, keys)


SMALL = Size(10, 10, 5)
MEDIUM = Size(100, 20, 5)
LARGE = Size(300, 50, 10)
BIG = Size(1000, 50, 10)
HUGE = Size(5000, 100, 5)

# What is compared with Nova.
ALL = (SMALL, MEDIUM, LARGE, BIG)

# Ids of the aggregates that hosts are added to.
UNZONED = 1
ZONED = 2
