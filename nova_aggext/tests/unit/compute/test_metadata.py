# SPDX-License-Identifier: Apache-2.0
"""Metadata after what was asked, and what forbids that."""

from nova_aggext.compute import metadata
from nova_aggext.tests import base

PRESENT = {'a': '1', 'b': '2'}


class ResultTest(base.TestCase):
    """What is left."""

    def test_nothing(self) -> None:
        self.assertEqual(PRESENT, metadata.result(PRESENT, {}))

    def test_all_at_once(self) -> None:
        after = metadata.result(PRESENT, {'b': None, 'c': '4', 'a': '3'})
        self.assertEqual([('a', '3'), ('c', '4')], list(after.items()))

    def test_what_is_there_already(self) -> None:
        after = metadata.result(PRESENT, {'a': '1', 'x': None})
        self.assertEqual(PRESENT, after)

    def test_key_in_another_case_removes_nothing(self) -> None:
        self.assertEqual(PRESENT, metadata.result(PRESENT, {'A': None}))


class CollisionsTest(base.TestCase):
    """Keys that cannot be beside each other."""

    def found(self, asked: metadata.Asked) -> list[tuple[str, str]]:
        """Give the keys that collide, and with which."""
        return list(metadata.collisions(PRESENT, asked))

    def test_key_in_another_case(self) -> None:
        self.assertEqual([('A', 'a')], self.found({'A': '1'}))

    def test_keys_that_clash_among_themselves(self) -> None:
        self.assertEqual([('C', 'c')], self.found({'c': '1', 'C': '2'}))
        self.assertEqual([('c ', 'c')], self.found({'c': '1', 'c ': '2'}))

    def test_key_in_the_place_of_a_removed_one(self) -> None:
        self.assertEqual([], self.found({'a': None, 'A': '1'}))
        self.assertEqual([], self.found({'A': '1', 'a': None}))

    def test_null_collides_with_nothing(self) -> None:
        self.assertEqual([], self.found({'A': None}))
