# SPDX-License-Identifier: Apache-2.0
"""Long lists are read in pages, so that they need not be held."""

from collections.abc import Callable
from collections.abc import Iterator
from collections.abc import Sequence
from typing import TypeVar

T = TypeVar('T')

# Rows of one page.
SIZE = 1000


def through(
    read: Callable[[T | None, int], Sequence[T]],
    limit: int | None = None,
    size: int = SIZE,
) -> Iterator[T]:
    """Give one row after the other, holding no more than a page.

    :param read: gives so many rows that come after one, or the first ones
        after None; fewer when there are no more
    :param limit: how many rows at most
    """
    last: T | None = None
    left = limit
    while left is None or left > 0:
        wanted = size if left is None else min(size, left)
        page = read(last, wanted)
        yield from page
        if len(page) < wanted:
            return
        last = page[-1]
        if left is not None:
            left -= wanted
