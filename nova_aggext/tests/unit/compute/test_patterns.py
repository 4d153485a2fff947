# SPDX-License-Identifier: Apache-2.0
"""Patterns of host names."""

from nova_aggext.compute import patterns
from nova_aggext.tests import base

LIMIT = 10_000


class PatternsTest(base.TestCase):
    """What a pattern stands for, and what is none."""

    def test_names(self) -> None:
        for text in ('a', 'cmp-a.example_1', 'A' * 255):
            self.assertEqual([text], patterns.expand(text, LIMIT))

    def test_ranges(self) -> None:
        for text, expected in (
            ('a[1-3]', 'a1 a2 a3'),
            ('a[001-003]', 'a001 a002 a003'),
            ('a[8-11]', 'a8 a9 a10 a11'),
            ('a[5]', 'a5'),
            ('a[1,3-4]b', 'a1b a3b a4b'),
            ('[1-2]', '1 2'),
            ('r[1-2]n[01-02]', 'r1n01 r1n02 r2n01 r2n02'),
            ('a[0-1][0-1]', 'a00 a01 a10 a11'),
            ('a[1,1-2]', 'a1 a2'),
        ):
            found = patterns.expand(text, LIMIT)
            self.assertEqual(expected.split(), found, text)

    def test_invalid(self) -> None:
        for text in (
            '',
            'a b',
            'a[',
            'a]',
            'a[]',
            'a[1',
            'a[9-1]',
            'a[001-01]',
            'a[0-10]',
            'a[1-]',
            'a[-1]',
            'a[1,]',
            'a[1--2]',
            'a[[1]]',
            'a[x]',
            'a[\u0661-\u0663]',
            'a*',
            'h\u00f6st',
            'a\n',
            'A' * 256,
            'a[1-9' + '9' * 2000 + ']',
            'a' * 250 + '[100000-100001]',
        ):
            self.assertRaises(patterns.Invalid, patterns.expand, text, LIMIT)

    def test_too_many(self) -> None:
        """It is found out without making them."""
        for text in (
            'a[1-10001]',
            'a[0-9][0-9][0-9][0-9][0-9]',
            'a[1-999999999999]',
            'a[' + '1-999999999999,' * 50 + '1]',
            'a' + '[0-9]' * 100,
        ):
            self.assertRaises(patterns.TooMany, patterns.expand, text, LIMIT)
        self.assertEqual(LIMIT, len(patterns.expand('a[1-10000]', LIMIT)))
