# SPDX-License-Identifier: Apache-2.0
"""Libraries of extras."""

import configparser

from nova_aggext import exception
from nova_aggext import extras
from nova_aggext.tests import base
from nova_aggext.tests.unit import layers


class ExtrasTest(base.TestCase):
    """What is asked for, and what the extra installs."""

    def test_installed(self) -> None:
        self.assertTrue(extras.is_installed('testtools'))
        self.assertFalse(extras.is_installed('nonsense'))

    def test_require(self) -> None:
        extras.require_memcached('memcache', '[a] b', lambda _library: True)
        error = self.assertRaises(
            exception.ExtraMissing,
            extras.require_memcached,
            'memcache',
            '[a] b',
            lambda _library: False,
        )
        self.assertEqual(
            '[a] b needs the Python package python-memcached, which is not '
            'installed: install "nova-aggext[memcached]".',
            str(error),
        )

    def test_extra_has_all(self) -> None:
        """Each package is in the extra and, for the tests, installed."""
        parser = configparser.ConfigParser()
        parser.read(layers.FOLDER.parent / 'setup.cfg')
        listed = parser['extras']['memcached'].split('\n')
        names = {one.partition('>')[0] for one in listed if one}
        self.assertEqual(set(extras.MEMCACHED.values()), names)
        for library in extras.MEMCACHED:
            self.assertTrue(extras.is_installed(library), library)
