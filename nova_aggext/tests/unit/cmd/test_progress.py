# SPDX-License-Identifier: Apache-2.0
"""The bar that tells how far a command is."""

import io

from nova_aggext.cmd import progress
from nova_aggext.tests import base


class Terminal(io.StringIO):
    """A stream that somebody looks at."""

    def isatty(self) -> bool:
        """Say that somebody is there."""
        return True


class BarTest(base.TestCase):
    """Who is shown what."""

    def _shown(self, stream: io.StringIO, patience: float = 0) -> str:
        with progress.bar(
            'hosts', 10, stream=stream, patience=patience
        ) as bar:
            bar.update(4)
            bar.refresh()
        return stream.getvalue()

    def test_terminal(self) -> None:
        shown = self._shown(Terminal())
        self.assertIn('hosts', shown)
        self.assertIn('4/10', shown)
        # It is wiped at the end.
        self.assertEqual('', shown.rpartition('\r')[0].split('\r')[-1].strip())

    def test_file(self) -> None:
        self.assertEqual('', self._shown(io.StringIO()))

    def test_what_is_quick(self) -> None:
        stream = Terminal()
        with progress.bar('hosts', 10, stream=stream) as bar:
            bar.update(10)
        self.assertNotIn('hosts', stream.getvalue())
