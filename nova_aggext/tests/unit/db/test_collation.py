# SPDX-License-Identifier: Apache-2.0
"""Texts that MariaDB takes for equal."""

from nova_aggext.db import collation
from nova_aggext.tests import base


class FoldTest(base.TestCase):
    """Equal and different texts."""

    def test_equal(self) -> None:
        for one, other in (
            ('agg-a', 'AGG-A'),
            ('agg-a', 'àgg-Á'),
            ('agg', 'agg  '),
            ('s', 'ß'),
            ('σ', 'ς'),
            ('я', 'Я'),
            ('', ' '),
        ):
            self.assertEqual(collation.fold(one), collation.fold(other))

    def test_different(self) -> None:
        for one, other in (
            ('agg', ' agg'),
            ('agg', 'ag g'),
            ('agg', 'agg\t'),
            ('ss', 'ß'),
            ('o', 'ø'),
            ('á', 'a\u0301'),
            ('1', '2'),
        ):
            self.assertNotEqual(collation.fold(one), collation.fold(other))

    def test_again(self) -> None:
        text = 'Zürich Łódź ß '
        once = collation.fold(text)
        self.assertEqual(once, collation.fold(once))
