# SPDX-License-Identifier: Apache-2.0
"""Parts that are loaded from entry points."""

from nova_aggext import conf as aggext_conf
from nova_aggext import exception
from nova_aggext import plugins
from nova_aggext.tests import base

# Entry points that every installation has; they need no arguments.
NAMESPACE = 'oslo.config.opts'
OURS = ['nova_aggext.placement', 'nova_aggext', 'nova_aggext.glance']


class LoadTest(base.TestCase):
    """Parts by their names."""

    def test_order(self) -> None:
        made = plugins.load(NAMESPACE, OURS)
        self.assertEqual(OURS, list(made))
        self.assertIn('placement', dict(made['nova_aggext.placement']))

    def test_missing(self) -> None:
        error = self.assertRaises(
            exception.ConfigurationError,
            plugins.load,
            NAMESPACE,
            ['none', 'nova_aggext'],
            option='[aggext] hosts',
        )
        self.assertIn("'none'", str(error))
        self.assertNotIn('nova_aggext', str(error))
        self.assertIn('[aggext] hosts', str(error))

    def test_error(self) -> None:
        # What an entry point raises is not swallowed.
        self.assertRaises(
            TypeError, plugins.load, NAMESPACE, ['nova_aggext'], 'too much'
        )


class LoadAllTest(base.TestCase):
    """All parts that there are."""

    def test_order(self) -> None:
        made = plugins.load_all('nova_aggext.hosts', *_arguments())
        self.assertEqual(['nova_cells', 'registered'], list(made))

    def test_nothing(self) -> None:
        self.assertEqual({}, plugins.load_all('nova_aggext.none'))


def _arguments() -> tuple[object, object]:
    return aggext_conf.load([]), None
