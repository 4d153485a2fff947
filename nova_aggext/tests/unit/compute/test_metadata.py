# SPDX-License-Identifier: Apache-2.0
"""What has to be written for what was asked."""

from collections.abc import Mapping

from nova_aggext import exception
from nova_aggext.compute import metadata
from nova_aggext.tests import base


class PlanTest(base.TestCase):
    """Plans of changes."""

    present = {'a': '1', 'b': '2'}

    def _plan(self, **asked: str | None) -> metadata.Plan:
        return metadata.plan(7, self.present, asked)

    def _refused(self, asked: Mapping[str, str | None]) -> str:
        error = self.assertRaises(
            exception.AggregateMetadataKeyExists,
            metadata.plan,
            7,
            self.present,
            asked,
        )
        return str(error)

    def test_nothing(self) -> None:
        self.assertEqual(metadata.Plan((), {}, {}), self._plan())

    def test_all_at_once(self) -> None:
        self.assertEqual(
            metadata.Plan(('b',), {'a': '3'}, {'c': '4'}),
            self._plan(a='3', b=None, c='4'),
        )

    def test_what_is_there_already(self) -> None:
        self.assertEqual(metadata.Plan((), {}, {}), self._plan(a='1', x=None))

    def test_key_in_another_case(self) -> None:
        self.assertIn("'A' beside 'a'", self._refused({'A': '1'}))

    def test_keys_that_clash_among_themselves(self) -> None:
        self._refused({'c': '1', 'C': '2'})
        self._refused({'c': '1', 'c ': '2'})

    def test_key_in_the_place_of_a_removed_one(self) -> None:
        self.assertEqual(
            metadata.Plan(('a',), {}, {'A': '1'}), self._plan(a=None, A='1')
        )

    def test_null_key_in_another_case_removes_nothing(self) -> None:
        self.assertEqual(metadata.Plan((), {}, {}), self._plan(A=None))
