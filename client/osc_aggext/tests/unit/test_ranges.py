# SPDX-License-Identifier: Apache-2.0
"""Names folded to ranges."""

import hypothesis
import testtools
from hypothesis import strategies

from nova_aggext.compute import patterns
from osc_aggext import ranges

NAMES = strategies.lists(
    strategies.one_of(
        strategies.text('ab01289.-_', min_size=1, max_size=16),
        strategies.integers(0, 120).map(str),
        strategies.integers(0, 120).map('rack{:02}'.format),
        strategies.integers(0, 1100).map('cmp-a{:03}.dc2'.format),
    )
)


class FoldTest(testtools.TestCase):
    """What is folded stands for the same names."""

    @hypothesis.given(NAMES)
    def test_expands(self, names: list[str]) -> None:
        """The server takes it for the same names, each once."""
        expanded = [
            one
            for folded in ranges.fold(names)
            for one in patterns.expand(folded, 10000)
        ]
        self.assertEqual(sorted(set(names)), sorted(expanded))

    def test_forms(self) -> None:
        self.assertEqual([], ranges.fold([]))
        self.assertEqual(
            ['cmp-a[001-003,005]', 'cmp-b1'],
            ranges.fold(
                f'cmp-{name}'
                for name in ['a003', 'a001', 'b1', 'a002', 'a005']
            ),
        )
        # A range that begins with 0 has numbers of one width.
        self.assertEqual(
            ['x[0-9,10-12]'], ranges.fold(f'x{n}' for n in range(13))
        )
        self.assertEqual(
            ['x[00-12]'], ranges.fold(f'x{n:02}' for n in range(13))
        )
        self.assertEqual(
            ['r[1-3].dc2'], ranges.fold(['r1.dc2', 'r2.dc2', 'r3.dc2'])
        )
        self.assertEqual('a1,b[1-2]', ranges.text(['b2', 'a1', 'b1']))

    def test_long(self) -> None:
        """A pattern that would be too long is several."""
        names = [f'cmp{number}' for number in range(10000, 14000, 2)]
        folded = ranges.fold(names)
        self.assertGreater(len(folded), 10)
        self.assertEqual(
            names,
            sorted(n for one in folded for n in patterns.expand(one, 10000)),
        )
