# SPDX-License-Identifier: Apache-2.0
"""The picture as a page; what a browser makes of it is tested elsewhere."""

import base64
import hashlib
import html.parser
import json
import re
from typing import Any

import testtools

from osc_aggext.pictures import clean
from osc_aggext.pictures import html as page
from osc_aggext.pictures import model
from osc_aggext.tests import clouds


class Parser(html.parser.HTMLParser):
    """Collects elements, texts, and what is in raw elements."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.elements: list[tuple[str, dict[str, str | None]]] = []
        self.texts: list[str] = []
        self.raw: list[str] = []
        self.comments: list[str] = []
        self.feed(text)
        self.close()

    def handle_starttag(
        self, tag: str, attrs: list[tuple[str, str | None]]
    ) -> None:
        self.elements.append((tag, dict(attrs)))

    def handle_data(self, data: str) -> None:
        last = self.elements[-1][0] if self.elements else ''
        (self.raw if last in ('script', 'style') else self.texts).append(data)

    def handle_comment(self, data: str) -> None:
        self.comments.append(data)


def parse(cloud: model.Cloud) -> Parser:
    """Draw a cloud and read what was drawn."""
    return Parser(page.draw(cloud, 'lab'))


class DrawTest(testtools.TestCase):
    """What is in the document."""

    def test_readable_without_script(self) -> None:
        """All that is known of aggregates and hosts stands in the text."""
        text = ' '.join(parse(clouds.example()).texts)
        for said in (
            'cmp-a[001-012]',
            'cmp-x9',
            'dead member: no such host',
            'cmp-s[01-03]',
            'Hall 1, feed A',
            '5a9c0f4b2d5e4d0f',
            'uuid-4',
        ):
            self.assertIn(said, text)

    def test_headings(self) -> None:
        """Headings, landmarks and tables are what they look like."""
        found = parse(clouds.example())
        tags = [tag for tag, _ in found.elements]
        self.assertEqual(1, tags.count('h1'))
        for tag in ('header', 'main', 'nav', 'aside', 'table', 'form'):
            self.assertIn(tag, tags)
        self.assertEqual(4, tags.count('h2'))

    def test_policy(self) -> None:
        """The page may do nothing but run its own script and style."""
        found = parse(clouds.example())
        (policy,) = (
            attributes['content'] or ''
            for tag, attributes in found.elements
            if attributes.get('http-equiv') == 'Content-Security-Policy'
        )
        self.assertIn("default-src 'none'", policy)
        self.assertNotIn('unsafe', policy)
        style, _, script = found.raw
        for kind, text in (('style', style), ('script', script)):
            digest = hashlib.sha256(text.encode()).digest()
            told = base64.b64encode(digest).decode()
            self.assertIn(f"{kind}-src 'sha256-{told}'", policy)

    def test_needs_nothing(self) -> None:
        """Nothing is loaded, and no style stands in an attribute."""
        drawn = page.draw(clouds.large(200, 24, 3), 'lab')
        for _, attributes in Parser(drawn).elements:
            self.assertEqual(
                set(), {'src', 'style', 'onclick', 'onload'} & set(attributes)
            )
            link = attributes.get('href') or '#'
            self.assertTrue(link.startswith(('#', 'data:')), link)
        self.assertEqual([], re.findall('url\\((?!#)', drawn))

    def test_links(self) -> None:
        """Each link leads somewhere; each name is used once."""
        found = parse(clouds.large(200, 24, 3))
        names = [one['id'] for _, one in found.elements if 'id' in one]
        self.assertEqual(len(names), len(set(names)))
        for tag, attributes in found.elements:
            if tag == 'a':
                self.assertIn((attributes['href'] or '')[1:], names)

    def test_hostile(self) -> None:
        """Names stay text, in the document and in the data of its script."""
        expected = {tag for tag, _ in parse(clouds.example()).elements}
        found = parse(clouds.hostile())
        self.assertEqual(expected, {tag for tag, _ in found.elements})
        self.assertEqual([], found.comments)
        self.assertEqual(3, len(found.raw))
        data: dict[str, Any] = json.loads(found.raw[1])
        names = [one['name'] for one in data['aggregates']]
        self.assertEqual([clean.clean(one) for one in clouds.HOSTILE], names)
        for name in names:
            self.assertIn(name, found.texts)

    def test_plan(self) -> None:
        text = parse(clouds.planned()).texts
        for said in ('The plan', 'new', 'deleted', 'name ssd → flash'):
            self.assertTrue(any(said in one for one in text), said)
        self.assertIn('Host cmp-x9 would be open to all.', text)
        self.assertIn('cmp-a[017-018]', text)

    def test_nothing(self) -> None:
        """A cloud without anything is drawn, too."""
        self.assertEqual([], parse(model.Cloud((), ())).comments)
