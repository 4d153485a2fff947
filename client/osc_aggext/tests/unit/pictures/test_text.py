# SPDX-License-Identifier: Apache-2.0
"""The picture for a terminal."""

import re

import testtools
import wcwidth

from osc_aggext.pictures import model
from osc_aggext.pictures import text
from osc_aggext.tests import clouds

EXAMPLE = """\
48 hosts in 3 zones, 5 aggregates, 1 dead member, 3 in no aggregate, 4 kept for
projects

az1  [az1   40] ████████████████████████  cmp-a[001-040] hall=1 protected
     [ssd   12] ███████▒················  cmp-a[001-012] ssd=true

az2  [gpu    4] ████████████████████████  cmp-g[01-04] tenant 5a9c0f4b…

-    [dead   1] ×××××××·················  cmp-x9 !unknown host
     [spare  0] ························  no hosts
     in no aggregate: cmp-s[01-03]
"""

NARROW = """\
48 hosts in 3 zones, 5 aggregates, 1 dead member, 3 in
no aggregate, 4 kept for projects

az1  [az1   40] cmp-a[001-040] hall=1 protected
     [ssd   12] cmp-a[001-012] ssd=true

az2  [gpu    4] cmp-g[01-04] tenant 5a9c0f4b~

-    [dead   1] cmp-x9 !unknown host
     [spare  0] no hosts
     in no aggregate: cmp-s[01-03]
"""


class DrawTest(testtools.TestCase):
    """What is drawn for what kind of terminal."""

    def test_example(self) -> None:
        self.assertEqual(
            EXAMPLE, text.draw(clouds.example(), text.Style(width=80))
        )

    def test_narrow(self) -> None:
        """A narrow terminal gets no bars, a plain one nothing but ASCII."""
        style = text.Style(width=55, ascii=True)
        self.assertEqual(NARROW, text.draw(clouds.example(), style))

    def test_colours(self) -> None:
        """Colours are all that differs."""
        drawn = text.draw(clouds.example(), text.Style(colour=True))
        self.assertIn('\x1b[31m×××××××\x1b[0m', drawn)
        self.assertEqual(EXAMPLE, re.sub('\x1b\\[[0-9]+m', '', drawn))

    def test_width(self) -> None:
        """No line is wider than the terminal, whatever the names are."""
        for cloud in (clouds.large(5000, 200, 6), clouds.hostile()):
            for width in (40, 60, 80, 133):
                drawn = text.draw(cloud, text.Style(width=width))
                for line in drawn.splitlines():
                    self.assertLessEqual(wcwidth.wcswidth(line), width, line)

    def test_hostile(self) -> None:
        """No name of a cloud moves the cursor."""
        drawn = text.draw(clouds.hostile(), text.Style(width=None))
        self.assertNotIn('\x1b', drawn)
        self.assertIn('a\\u001b[31mred', drawn)
        plain = text.draw(clouds.hostile(), text.Style(ascii=True))
        self.assertTrue(plain.isascii())

    def test_shortened(self) -> None:
        """Hosts that take many lines are cut, unless all are wanted."""
        scattered = [f'h{number}' for number in range(0, 400, 2)]
        cloud = model.Cloud(
            (model.Aggregate(1, 'u', 'odd'),),
            tuple(
                model.Host(name, 'nova', memberships=((0, model.Fate.STAYS),))
                for name in scattered
            ),
        )
        short = text.draw(cloud, text.Style())
        self.assertRegex(short, '… \\+[0-9]+ lines')
        self.assertNotIn('398', short)
        whole = text.draw(cloud, text.Style(whole=True))
        self.assertIn('398', whole)
        self.assertNotIn(' lines', whole)
        line = text.draw(cloud, text.Style(width=None)).splitlines()[-1]
        self.assertIn('h[0,2,4,', line)
        self.assertIn(',398]', line)

    def test_plan(self) -> None:
        """What joins, leaves, comes and goes has a sign of its own."""
        cloud = clouds.planned()
        drawn = text.draw(cloud, text.Style(width=None))
        self.assertIn('(with a plan)', drawn)
        self.assertIn('cmp-a[001-016,019-040] −cmp-a[017-018]', drawn)
        self.assertIn('cmp-g[01-04] +cmp-a[017-018]', drawn)
        self.assertRegex(drawn, r'az3.*\[pool-z +0\] \++  \+cmp-s01 \(new\)')
        self.assertIn('−cmp-x9 (deleted)', drawn)
        self.assertIn('(name ssd → flash)', drawn)
        self.assertIn('Warning: Host cmp-x9 would be open to all.', drawn)

    def test_nothing(self) -> None:
        """A cloud without anything is drawn, too."""
        self.assertEqual(
            '0 hosts in 0 zones, 0 aggregates\n',
            text.draw(model.Cloud((), ()), text.Style()),
        )
