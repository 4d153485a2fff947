# SPDX-License-Identifier: Apache-2.0
"""Long lists, read in pages."""

import itertools

from nova_aggext.cmd.groups import pages
from nova_aggext.tests import base


class Numbers:
    """Numbers from 1 on, and how they were asked for."""

    def __init__(self, highest: int) -> None:
        self.highest = highest
        self.asked: list[tuple[int | None, int]] = []

    def read(self, last: int | None, size: int) -> list[int]:
        """Give the numbers after one."""
        self.asked.append((last, size))
        first = (last or 0) + 1
        return list(range(first, min(first + size, self.highest + 1)))


class ThroughTest(base.TestCase):
    """All rows, and no more than a page at a time."""

    def _through(
        self, highest: int, limit: int | None = None
    ) -> tuple[list[int], list[tuple[int | None, int]]]:
        numbers = Numbers(highest)
        return list(pages.through(numbers.read, limit, 2)), numbers.asked

    def test_all(self) -> None:
        self.assertEqual(([], [(None, 2)]), self._through(0))
        self.assertEqual(([1, 2, 3], [(None, 2), (2, 2)]), self._through(3))
        self.assertEqual(([1, 2], [(None, 2), (2, 2)]), self._through(2))

    def test_limit(self) -> None:
        self.assertEqual(([1], [(None, 1)]), self._through(9, 1))
        self.assertEqual(([1, 2], [(None, 2)]), self._through(9, 2))
        self.assertEqual(([1, 2, 3], [(None, 2), (2, 1)]), self._through(9, 3))
        self.assertEqual(([1], [(None, 2)]), self._through(1, 9))

    def test_nothing_is_read_ahead(self) -> None:
        numbers = Numbers(9)
        found = pages.through(numbers.read, None, 2)
        self.assertEqual([], numbers.asked)
        self.assertEqual([1, 2], list(itertools.islice(found, 2)))
        self.assertEqual([(None, 2)], numbers.asked)
