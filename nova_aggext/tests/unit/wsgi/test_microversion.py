# SPDX-License-Identifier: Apache-2.0
"""Versions and their negotiation."""

from nova_aggext import exception
from nova_aggext.tests import base
from nova_aggext.wsgi import microversion

Version = microversion.Version
Range = microversion.Range

NEW = microversion.HEADER
OLD = microversion.LEGACY_HEADER


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
                exception.InvalidAPIVersionString, Version.parse, text
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


class NegotiationTest(base.TestCase):
    """Which version a request asks for."""

    def _negotiate(self, **headers: str) -> str:
        named = {
            name.replace('_', '-'): value for name, value in headers.items()
        }
        return str(microversion.negotiate(named, microversion.SUPPORTED))

    def test_found(self) -> None:
        for expected, headers in (
            ('2.1', {}),
            ('2.41', {NEW: 'compute 2.41'}),
            ('2.104', {NEW: 'compute latest'}),
            ('2.200', {NEW: 'compute 2.200'}),
            ('2.1', {NEW: 'volume 3.2'}),
            ('2.1', {NEW: 'compute'}),
            ('2.1', {NEW: '2.7'}),
            ('2.7', {NEW: 'volume 3.2, compute 2.7'}),
            ('2.7', {OLD: '2.7'}),
            ('2.104', {OLD: 'latest'}),
            ('2.8', {NEW: 'compute 2.8', OLD: '2.7'}),
        ):
            self.assertEqual(expected, self._negotiate(**headers))

    def test_of_no_form(self) -> None:
        for headers in (
            {NEW: 'compute two'},
            {OLD: 'two'},
            {NEW: 'compute 2.7 2.8'},
        ):
            self.assertRaises(
                exception.InvalidAPIVersionString, self._negotiate, **headers
            )

    def test_required(self) -> None:
        supported = microversion.SUPPORTED
        microversion.require(supported.maximum, supported)
        error = self.assertRaises(
            exception.InvalidGlobalAPIVersion,
            microversion.require,
            Version(2, 105),
            supported,
        )
        for part in ('2.105', '2.1 ', '2.104'):
            self.assertIn(part, str(error))

    def test_told(self) -> None:
        told = microversion.response_headers(Version(2, 7))
        self.assertEqual(
            {NEW: 'compute 2.7', OLD: '2.7', 'Vary': f'{NEW}, {OLD}'},
            dict(told),
        )

    def test_told_with_the_type(self) -> None:
        told = microversion.response_headers(Version(2, 7), by_type=True)
        self.assertEqual(f'Accept, {NEW}, {OLD}', dict(told)['Vary'])
        told = microversion.response_headers(None, by_type=True)
        self.assertEqual({'Vary': 'Accept'}, dict(told))
        self.assertEqual((), microversion.response_headers(None))
