# SPDX-License-Identifier: Apache-2.0
"""How far something is, on a terminal."""

import io

import fixtures
import testtools

from osc_aggext.console import progress


class _Terminal(io.StringIO):
    def isatty(self) -> bool:
        return True


class LineTest(testtools.TestCase):
    """It comes late, and goes."""

    def setUp(self) -> None:
        super().setUp()
        self.now = 0.0
        self.useFixture(
            fixtures.MonkeyPatch('time.monotonic', lambda: self.now)
        )

    def told(self, stream: io.StringIO) -> str:
        """Give what is written of three states, a second and more apart."""
        with progress.Line(stream) as line:
            for number, seconds in ((1, 1.0), (22, 1.5), (3, 0.1), (4, 1.0)):
                self.now += seconds
                line.tell(f'{number} read')
        return stream.getvalue()

    def test_terminal(self) -> None:
        """Not before two seconds, not too often, and nothing is left."""
        self.assertEqual(
            '\r22 read\r4 read \r      \r', self.told(_Terminal())
        )

    def test_file(self) -> None:
        self.assertEqual('', self.told(io.StringIO()))

    def test_counted(self) -> None:
        stream = _Terminal()
        self.useFixture(fixtures.MonkeyPatch('sys.stderr', stream))
        found = progress.counted(['a', 'b'], 'things')
        self.assertEqual('a', next(found))
        self.now = 3.0
        self.assertEqual(['b'], list(found))
        self.assertIn('\r2 things ...', stream.getvalue())
