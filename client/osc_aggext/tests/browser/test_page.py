# SPDX-License-Identifier: Apache-2.0
"""The page in a browser: what people see, do and are told."""

import pathlib
import shutil
import tempfile
from typing import ClassVar

from selenium import webdriver
from selenium.webdriver.common import action_chains
from selenium.webdriver.common import by
from selenium.webdriver.common import keys
from selenium.webdriver.remote import webelement
from selenium.webdriver.support import select
from selenium.webdriver.support import wait

from nova_aggext.tests import base
from osc_aggext.pictures import clean
from osc_aggext.pictures import html
from osc_aggext.pictures import model
from osc_aggext.tests import clouds
from osc_aggext.tests.browser import browser


class PageTest(base.TestCase):
    """A test with one browser for its class, and pages in files."""

    runs_scripts: ClassVar[bool] = True
    browser: ClassVar[browser.Browser]
    driver: ClassVar[webdriver.Chrome]
    folder: ClassVar[pathlib.Path]

    @classmethod
    def setUpClass(cls) -> None:
        super().setUpClass()
        cls.folder = pathlib.Path(tempfile.mkdtemp())
        cls.addClassCleanup(shutil.rmtree, cls.folder)
        cls.browser = browser.Browser(runs_scripts=cls.runs_scripts)
        cls.browser.setUp()
        cls.addClassCleanup(cls.browser.cleanUp)
        cls.driver = cls.browser.driver

    def setUp(self) -> None:
        super().setUp()
        self.browser.look()
        self.browser.requests()
        self.browser.complaints()

    def open(self, cloud: model.Cloud) -> str:
        """Draw a cloud and show it; give its address."""
        file = self.folder / f'{self.id()}.html'
        file.write_text(html.draw(cloud, 'lab'), 'utf-8')
        self.driver.get(file.as_uri())
        return file.as_uri()

    def all(self, selector: str) -> list[webelement.WebElement]:
        """Give the elements that are seen."""
        found = self.driver.find_elements(by.By.CSS_SELECTOR, selector)
        return [one for one in found if one.is_displayed()]

    def one(self, selector: str) -> webelement.WebElement:
        """Give the only element that is seen."""
        (found,) = self.all(selector)
        return found

    def bands(self) -> list[str]:
        """Give the names of the rows that are seen."""
        return [one.text for one in self.all('.band .name')]


class SearchTest(PageTest):
    """Search and filters."""

    def setUp(self) -> None:
        super().setUp()
        self.open(clouds.example())

    def type(self, text: str, field: str = 'text') -> None:
        """Type something; wait until it was searched for."""
        before = self.one('#count').text
        self.one(f'#by-{field}').send_keys(text)
        wait.WebDriverWait(self.driver, 10).until(
            lambda _: self.one('#count').text != before
        )

    def hosts(self) -> list[str]:
        """Give the hosts that are listed."""
        return [one.text for one in self.all('#results tbody th')]

    def choose(self, field: str, text: str) -> None:
        """Choose from a list."""
        chosen = select.Select(self.one(f'#by-{field}'))
        before = self.one('#count').text
        chosen.select_by_visible_text(text)
        wait.WebDriverWait(self.driver, 10).until(
            lambda _: self.one('#count').text != before
        )

    def test_host(self) -> None:
        """A part of a name finds hosts, their zones and their aggregates."""
        self.assertEqual([], self.hosts())
        self.type('A01')
        self.assertEqual(
            '10 of 48 hosts match, in 1 zone.', self.one('#count').text
        )
        self.assertEqual(
            [f'cmp-a{number:03}' for number in range(10, 20)], self.hosts()
        )
        self.assertEqual(['az1', 'ssd'], self.bands())
        self.assertEqual(1, len(self.all('section.zone')))
        row = self.all('#results tbody tr')[0].text
        self.assertEqual('cmp-a010 az1 az1, ssd', row)

    def test_patterns(self) -> None:
        """Ranges and globs are whole names, several are united."""
        self.type('cmp-a[001-002,040], cmp-g?1 cmp-x*')
        self.assertEqual(
            ['cmp-a001', 'cmp-a002', 'cmp-a040', 'cmp-g01', 'cmp-x9'],
            self.hosts(),
        )

    def test_aggregate(self) -> None:
        """The name of an aggregate finds its hosts; an empty one itself."""
        self.type('gpu')
        self.assertEqual(4, len(self.hosts()))
        self.one('form button').click()
        self.type('spar')
        self.assertEqual(
            '0 of 48 hosts match, in 0 zones.', self.one('#count').text
        )
        self.assertEqual(['spare'], self.bands())

    def test_filters(self) -> None:
        """All that is asked for must hold."""
        self.choose('zone', 'az1')
        self.assertEqual(['az1', 'ssd'], self.bands())
        self.type('ssd=', 'metadata')
        self.assertEqual(
            '12 of 48 hosts match, in 1 zone.', self.one('#count').text
        )
        self.assertEqual(['ssd'], self.bands())
        self.choose('zone', 'az2')
        self.assertEqual([], self.hosts())
        self.assertEqual([], self.all('section.zone'))

    def test_figures(self) -> None:
        """The figures of what is wrong are filters."""
        self.one('.figures .alone button').click()
        self.assertEqual(['cmp-s01', 'cmp-s02', 'cmp-s03'], self.hosts())
        self.assertEqual(['in no aggregate'], self.bands())
        self.one('.figures .dead button').click()
        self.assertEqual(['cmp-x9'], self.hosts())
        self.assertEqual(
            'true', self.one('.dead button').get_attribute('aria-pressed')
        )
        self.one('.figures .dead button').click()
        self.assertEqual([], self.hosts())

    def test_clear(self) -> None:
        """All is shown again."""
        before = self.bands()
        self.type('cmp-g')
        self.one('form button').click()
        wait.WebDriverWait(self.driver, 10).until(
            lambda _: self.one('#count').text == '48 hosts.'
        )
        self.assertEqual(before, self.bands())

    def test_link(self) -> None:
        """A name in the list leads to its row, which opens."""
        self.type('cmp-a001')
        self.all('#results a')[2].click()
        opened = self.one('details.band[open]')
        self.assertIn('cmp-a[001-012]', opened.text)
        self.assertEqual(
            opened.find_element(by.By.TAG_NAME, 'summary'),
            self.driver.switch_to.active_element,
        )

    def test_nonsense(self) -> None:
        """Whatever is typed, the page goes on."""
        self.type('[9-1], cmp-a[, ((, \\, *[0-')
        self.assertEqual([], self.browser.complaints())
        self.assertIn('0 of 48', self.one('#count').text)

    def test_many(self) -> None:
        """Of many hosts the first are listed, more when asked for."""
        self.open(clouds.large(1000, 20, 2))
        self.type('cmp')
        self.assertEqual(200, len(self.hosts()))
        self.one('#results button').click()
        self.assertEqual(400, len(self.hosts()))


class TipTest(PageTest):
    """Tooltips, by pointer and by keys."""

    def setUp(self) -> None:
        super().setUp()
        self.open(clouds.example())

    def test_pointer(self) -> None:
        """What the pointer is on is told, and marked through all rows."""
        bar = self.all('.band .shown')[1]
        actions = action_chains.ActionChains(self.driver)
        left = 20 - bar.size['width'] // 2
        actions.move_to_element_with_offset(bar, left, 0).perform()
        self.assertEqual(
            '12 hosts: cmp-a[001-012]\nin az1, ssd', self.one('#tip').text
        )
        self.assertEqual(1, len(self.all('.cursor')))
        actions.move_to_element(self.one('h1')).perform()
        self.assertEqual([], self.all('#tip'))

    def test_keys(self) -> None:
        """The same by keys, told to screen readers as a value."""
        ruler = self.all('[data-ruler]')[0]
        self.assertEqual('slider', ruler.aria_role)
        self.assertEqual('Groups of hosts in az1', ruler.accessible_name)
        self.driver.execute_script('arguments[0].focus()', ruler)
        ruler.send_keys(keys.Keys.ARROW_RIGHT)
        self.assertEqual(
            '28 hosts: cmp-a[013-040]; in az1',
            ruler.get_attribute('aria-valuetext'),
        )
        self.assertIn('28 hosts', self.one('#tip').text)
        ruler.send_keys(keys.Keys.HOME)
        self.assertEqual('1', ruler.get_attribute('aria-valuenow'))
        ruler.send_keys(keys.Keys.ESCAPE)
        self.assertEqual([], self.all('#tip'))


class SoundTest(PageTest):
    """That pages are quiet, harmless, quick, and usable by everybody."""

    def sound(self, cloud: model.Cloud) -> None:
        """Require that a page complains of nothing and asks nobody."""
        address = self.open(cloud)
        self.assertEqual([], self.browser.complaints())
        self.assertEqual([address], self.browser.requests())

    def usable(self) -> None:
        """Require that axe-core finds nothing serious, narrow or wide."""
        for width, dark in ((400, True), (1300, False)):
            self.browser.look(width=width, dark=dark)
            self.assertEqual([], self.browser.violations())

    def fits(self) -> None:
        """Require that nobody needs to scroll sideways."""
        for width in (320, 700, 1300):
            self.browser.look(width=width)
            wide = self.driver.execute_script(
                'return document.documentElement.scrollWidth'
            )
            self.assertLessEqual(wide, width)

    def test_small(self) -> None:
        self.sound(clouds.small())
        self.fits()
        self.usable()

    def test_plan(self) -> None:
        self.sound(clouds.planned())
        self.fits()
        self.usable()

    def test_hundreds(self) -> None:
        self.sound(clouds.large(200, 24, 3))
        self.one('#by-text').send_keys('pool')
        self.fits()
        self.usable()

    def test_thousands(self) -> None:
        self.sound(clouds.large(5000, 200, 6))
        self.fits()
        self.assertEqual([], self.browser.violations())

    def test_hostile(self) -> None:
        """No name of a cloud becomes anything but text, nor in a list."""
        self.sound(clouds.hostile())
        self.fits()
        self.one('#by-text').send_keys('host')
        wait.WebDriverWait(self.driver, 10).until(
            lambda _: self.all('#results th')
        )
        listed = self.one('#results').text
        for name in clouds.HOSTILE:
            self.assertIn(clean.clean(name), listed)
        self.assertEqual([], self.all('img'))
        hacked = self.driver.execute_script('return window.hacked')
        self.assertIsNone(hacked)
        self.assertEqual([], self.browser.complaints())
        self.usable()

    def test_outsiders(self) -> None:
        """What is put into the page from outside does nothing."""
        self.open(clouds.small())
        self.driver.execute_script(
            'document.body.insertAdjacentHTML("beforeend",'
            ' "<img src=http://127.0.0.1:9/x onerror=window.hacked=1>")'
        )
        said = wait.WebDriverWait(self.driver, 10).until(
            lambda _: self.browser.complaints()
        )
        self.assertIn('Content Security Policy', said[0])
        hacked = self.driver.execute_script('return window.hacked')
        self.assertIsNone(hacked)


class ScriptlessTest(PageTest):
    """The page where no scripts run, as mail programs show it."""

    runs_scripts = False

    def test_readable(self) -> None:
        self.open(clouds.example())
        self.assertEqual([], self.all('form'))
        self.assertEqual(3, len(self.all('section.zone')))
        self.all('.band summary')[1].click()
        self.assertIn('cmp-a[001-012]', self.one('details[open]').text)
