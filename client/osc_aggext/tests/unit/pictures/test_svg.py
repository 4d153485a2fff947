# SPDX-License-Identifier: Apache-2.0
"""The picture as SVG."""

from xml.etree import ElementTree

import testtools

from osc_aggext.pictures import clean
from osc_aggext.pictures import model
from osc_aggext.pictures import svg
from osc_aggext.tests import clouds

SVG = '{http://www.w3.org/2000/svg}'


def parse(cloud: model.Cloud) -> ElementTree.Element:
    """Draw a cloud and read what was drawn."""
    return ElementTree.fromstring(svg.draw(cloud, 'lab'))


def classes(root: ElementTree.Element) -> set[str]:
    """Give the kinds of bars that are drawn in rows."""
    return {
        one.get('class', '')
        for group in root.iter(f'{SVG}g')
        for one in group.iter(f'{SVG}rect')
    }


class DrawTest(testtools.TestCase):
    """What is in the document."""

    def test_example(self) -> None:
        root = parse(clouds.example())
        texts = [one.text for one in root.iter(f'{SVG}text')]
        for said in ('az1', 'ssd', 'spare', 'in no aggregate', 'cmp-s[01-03]'):
            self.assertIn(said, texts)
        self.assertEqual(
            {
                'track',
                'bar here home',
                'bar here',
                'bar here tenant',
                'bar dead',
                'bar alone',
            },
            classes(root),
        )
        titles = [one.text for one in root.iter(f'{SVG}title')]
        self.assertIn('ssd: ssd=true, cmp-a[001-012]', titles)

    def test_inside(self) -> None:
        """All bars are inside the picture."""
        for cloud in (clouds.example(), clouds.large(5000, 200, 6)):
            root = parse(cloud)
            width, height = (
                float(root.get(one, '')) for one in ('width', 'height')
            )
            for one in root.findall(f'.//{SVG}g/{SVG}rect'):
                right = float(one.get('x', '')) + float(one.get('width', ''))
                self.assertLess(right, width)
                self.assertLess(float(one.get('y', '')), height)

    def test_plan(self) -> None:
        root = parse(clouds.planned())
        self.assertLessEqual({'bar joins', 'bar leaves'}, classes(root))

    def test_hostile(self) -> None:
        """Names stay text: no element and no reference comes of them."""
        expected = {one.tag for one in parse(clouds.example()).iter()}
        root = parse(clouds.hostile())
        self.assertEqual(expected, {one.tag for one in root.iter()})
        texts = {one.text or '' for one in root.iter(f'{SVG}text')}
        for name in clouds.HOSTILE:
            shown = clean.cut(clean.clean(name), 26)
            self.assertIn(shown, texts)
