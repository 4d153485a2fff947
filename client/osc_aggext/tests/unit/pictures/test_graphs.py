# SPDX-License-Identifier: Apache-2.0
"""Sources of Graphviz and Mermaid."""

import re
import shutil
import subprocess
from xml.etree import ElementTree

import testtools

from nova_aggext.tests import base
from osc_aggext.pictures import clean
from osc_aggext.pictures import dot
from osc_aggext.pictures import graph
from osc_aggext.pictures import mermaid
from osc_aggext.pictures import model
from osc_aggext.tests import clouds

SVG = '{http://www.w3.org/2000/svg}'


class GraphTest(testtools.TestCase):
    """Nodes and edges."""

    def test_example(self) -> None:
        beside, az1, az2, default = graph.of(clouds.example()).groups
        self.assertEqual((None, ()), (beside.title, beside.aggregates))
        self.assertEqual(
            [('az1', '40 hosts', 'hall=1'), ('ssd', '12 hosts', 'ssd=true')],
            [node.lines for node in az1.aggregates],
        )
        self.assertEqual(['tenant'], [one.style for one in az2.aggregates])
        self.assertEqual(
            ['dead', 'alone'], [node.style for node in default.hosts]
        )

    def test_beside_zones(self) -> None:
        """An aggregate with hosts in several zones stands in none."""
        cloud = model.Cloud(
            (model.Aggregate(1, 'u', 'wide'),),
            tuple(
                model.Host(zone, zone, memberships=((0, model.Fate.STAYS),))
                for zone in ('az1', 'az2')
            ),
        )
        beside, *zones = graph.of(cloud).groups
        self.assertEqual(('wide', '2 hosts'), beside.aggregates[0].lines)
        self.assertEqual([(), ()], [one.aggregates for one in zones])


class DotTest(base.TestCase):
    """What Graphviz draws of its source."""

    def draw(self, cloud: model.Cloud) -> ElementTree.Element:
        """Let Graphviz draw a cloud."""
        program = shutil.which('dot')
        if program is None:
            base.missing('Graphviz', 'no program dot')
        done = subprocess.run(
            [program, '-Tsvg'],
            input=dot.draw(cloud, 'lab').encode(),
            capture_output=True,
            check=True,
            timeout=120,
        )
        self.assertEqual(b'', done.stderr)
        return ElementTree.fromstring(done.stdout)

    def test_hostile(self) -> None:
        """Each name is drawn as it is."""
        root = self.draw(clouds.hostile())
        texts = {one.text or '' for one in root.iter(f'{SVG}text')}
        for name in clouds.HOSTILE:
            self.assertIn(clean.cut(clean.clean(name), 60), texts)

    def test_edges(self) -> None:
        """Each group of hosts is tied to its aggregates."""
        cloud = clouds.planned()
        root = self.draw(cloud)
        edges = [
            one for one in root.iter(f'{SVG}g') if one.get('class') == 'edge'
        ]
        self.assertEqual(len(graph.of(cloud).edges), len(edges))
        self.assertGreater(len(edges), 5)


class MermaidTest(testtools.TestCase):
    """The source; what Mermaid makes of it is tested in a browser."""

    def test_example(self) -> None:
        drawn = mermaid.draw(clouds.example(), 'lab')
        self.assertTrue(drawn.startswith('flowchart LR\n'))
        self.assertIn('a0 --- h0_0\n', drawn)
        self.assertIn('a1 --- h0_0\n', drawn)
        self.assertIn('a0 --- h0_1\n', drawn)
        self.assertNotIn('left out', drawn)

    def test_plan(self) -> None:
        drawn = mermaid.draw(clouds.planned(), 'lab')
        self.assertIn(' == joins === ', drawn)
        self.assertIn(' -. leaves .- ', drawn)

    def test_limits(self) -> None:
        """Mermaid refuses more than 500 edges or 50,000 characters."""
        many = clouds.large(5000, 200, 6)
        self.assertGreater(len(graph.of(many).edges), 500)
        drawn = mermaid.draw(many, 'lab')
        self.assertLess(len(drawn), 50000)
        self.assertIn('%% hosts are left out', drawn)
        zones = model.Cloud(
            tuple(
                model.Aggregate(n, 'u', f'{n}' + 'x' * 99, f'az{n}')
                for n in range(900)
            ),
            (),
        )
        drawn = mermaid.draw(zones, 'lab')
        self.assertLess(len(drawn), 50000)
        self.assertIn('and some zones are left out', drawn)

    def test_hostile(self) -> None:
        """No name ends its quotes, its line or its comment."""
        drawn = mermaid.draw(clouds.hostile(), clouds.HOSTILE[0])
        for line in drawn.splitlines()[9:]:
            inner = re.sub('"[^"]*"', '', line)
            self.assertNotRegex(inner, '[<>%{}]')
