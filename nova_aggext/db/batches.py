# SPDX-License-Identifier: Apache-2.0
"""Many values, a few at a time.

SQLite takes 32766 values in a statement, PostgreSQL 65535, and MariaDB plans
a list of 1000 in another way than a shorter one.
"""

import itertools
from collections.abc import Iterable
from collections.abc import Iterator
from typing import TypeVar

T = TypeVar('T')

# Rows that one statement writes.
ROWS = 500
# Values that one statement looks for.
VALUES = 1000


def of(values: Iterable[T], most: int) -> Iterator[list[T]]:
    """Cut values, in their order, into lists of at most that many."""
    left = iter(values)
    while batch := list(itertools.islice(left, most)):
        yield batch
