# SPDX-License-Identifier: Apache-2.0
"""What Mermaid makes of its source."""

from typing import Any

import fixtures

from nova_aggext.tests import base
from osc_aggext.pictures import clean
from osc_aggext.pictures import mermaid
from osc_aggext.pictures import model
from osc_aggext.tests import clouds
from osc_aggext.tests.browser import browser


class MermaidTest(base.TestCase):
    """Mermaid draws what is written."""

    def setUp(self) -> None:
        super().setUp()
        script = browser.module('@mermaid-js/tiny/dist/mermaid.tiny.js')
        folder = self.useFixture(fixtures.TempDir())
        page = f'{folder.path}/page.html'
        with open(page, 'w') as file:
            file.write(
                '<!DOCTYPE html><meta charset="utf-8"><body>'
                f'<script src="{script.as_uri()}"></script>'
            )
        self.driver = self.useFixture(browser.Browser()).driver
        self.driver.get(f'file://{page}')

    def draw(self, cloud: model.Cloud) -> list[str]:
        """Let Mermaid draw a cloud; give the lines that are in it."""
        found: dict[str, Any] = self.driver.execute_async_script(
            'const [source, done] = arguments;'
            'mermaid.initialize({startOnLoad: false});'
            'mermaid.render("drawn", source).then('
            '  ({svg}) => {'
            '    document.body.innerHTML = svg;'
            '    done({text: document.body.innerText});'
            '  },'
            '  (error) => done({error: String(error)}));',
            mermaid.draw(cloud, 'lab'),
        )
        self.assertNotIn('error', found)
        return str(found['text']).split('\n')

    def test_plan(self) -> None:
        drawn = self.draw(clouds.planned())
        for said in ('cmp-a[002-012]', 'pool-z', 'joins', 'leaves'):
            self.assertIn(said, drawn)

    def test_hostile(self) -> None:
        """Each name is drawn as it is, and does nothing."""
        drawn = self.draw(clouds.hostile())
        for name in clouds.HOSTILE:
            self.assertIn(clean.cut(clean.clean(name), 60), drawn)
        hacked = self.driver.execute_script('return window.hacked')
        self.assertIsNone(hacked)

    def test_thousands(self) -> None:
        """As many as there may be are not too many."""
        self.assertIn('az6', self.draw(clouds.large(5000, 200, 6)))
