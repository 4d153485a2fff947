# SPDX-License-Identifier: Apache-2.0
"""Versions and ranges of them."""

from nova_aggext.tests import base
from nova_aggext.wsgi import errors
from nova_aggext.wsgi import microversion

Version = microversion.Version
Range = microversion.Range


class VersionTest(base.TestCase):
    """What a version is."""

    def test_forms(self) -> None:
        self.assertEqual(Version(2, 41), Version.parse('2.41'))
        self.assertEqual(Version(2, 0), Version.parse('2.0'))
        self.assertEqual('2.41', str(Version(2, 41)))

    def test_no_forms(self) -> None:
        for text in (
            '',
            '2',
            '2.',
            '.1',
            '2.041',
            '02.1',
            'v2.1',
            '2.1 ',
            '2.1\n',
            '-2.1',
            '2.1.1',
            '\u0662.1',
            '2.' + '1' * 1001,
        ):
            self.assertRaises(
                errors.InvalidAPIVersionString, Version.parse, text
            )

    def test_numbers_are_compared(self) -> None:
        self.assertLess(Version(2, 9), Version(2, 10))
        self.assertLess(Version(2, 104), Version(3, 0))


class RangeTest(base.TestCase):
    """Both ends belong to a range."""

    def test_contains(self) -> None:
        some = Range.parse('2.5', '2.9')
        self.assertEqual(
            [False, True, True, False],
            [Version(2, minor) in some for minor in (4, 5, 9, 10)],
        )

    def test_without_end(self) -> None:
        self.assertTrue(Version(99, 99) in Range.parse('2.5'))

    def test_overlaps(self) -> None:
        some = Range.parse('2.5', '2.9')
        for other, expected in (
            (('2.1', '2.4'), False),
            (('2.1', '2.5'), True),
            (('2.6', '2.7'), True),
            (('2.9', None), True),
            (('2.10', None), False),
        ):
            self.assertEqual(expected, some.overlaps(Range.parse(*other)))
            self.assertEqual(expected, Range.parse(*other).overlaps(some))
