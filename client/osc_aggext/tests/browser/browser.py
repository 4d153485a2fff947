# SPDX-License-Identifier: Apache-2.0
"""Chromium without a window, as a fixture."""

import json
import pathlib
import shutil
import sys
from typing import Any

import fixtures
from selenium import webdriver
from selenium.webdriver.chrome import service

from nova_aggext.tests import base

# Without a display, within a container, as any user.
OPTIONS = (
    '--headless=new',
    '--no-sandbox',
    '--disable-gpu',
    '--disable-dev-shm-usage',
    '--window-size=1300,1000',
)
MODULES = pathlib.Path(sys.prefix) / 'node_modules'


def module(path: str) -> pathlib.Path:
    """Give a file of what npm has installed beside the tests."""
    found = MODULES / path
    if not found.exists():
        base.missing(path, f'it is not in {MODULES}; "tox -e client" puts it')
    return found


class Browser(fixtures.Fixture):
    """A browser; ``driver`` drives it."""

    driver: webdriver.Chrome

    def __init__(self, *, runs_scripts: bool = True) -> None:
        """Take whether scripts of pages run."""
        super().__init__()
        self._runs_scripts = runs_scripts

    def _setUp(self) -> None:
        chromium, driver = map(shutil.which, ('chromium', 'chromedriver'))
        if chromium is None or driver is None:
            base.missing('Chromium', 'no programs chromium and chromedriver')
        options = webdriver.ChromeOptions()
        options.binary_location = chromium
        for one in OPTIONS:
            options.add_argument(one)
        options.set_capability(
            'goog:loggingPrefs', {'browser': 'ALL', 'performance': 'ALL'}
        )
        self.driver = webdriver.Chrome(options, service.Service(driver))
        self.addCleanup(self.driver.quit)
        self.driver.execute_cdp_cmd(
            'Emulation.setScriptExecutionDisabled',
            {'value': not self._runs_scripts},
        )

    def look(self, *, width: int = 1300, dark: bool = False) -> None:
        """Set how wide the window is, and whether it is dark."""
        self.driver.execute_cdp_cmd(
            'Emulation.setDeviceMetricsOverride',
            {
                'width': width,
                'height': 1000,
                'deviceScaleFactor': 1,
                'mobile': False,
            },
        )
        scheme = 'dark' if dark else 'light'
        self.driver.execute_cdp_cmd(
            'Emulation.setEmulatedMedia',
            {'features': [{'name': 'prefers-color-scheme', 'value': scheme}]},
        )

    def complaints(self) -> list[str]:
        """Give what the browser said since asked last."""
        return [one['message'] for one in self._log('browser')]

    def requests(self) -> list[str]:
        """Give what was asked of anybody since asked last."""
        events: list[dict[str, Any]] = [
            json.loads(one['message'])['message']
            for one in self._log('performance')
        ]
        return [
            one['params']['request']['url']
            for one in events
            if one['method'] == 'Network.requestWillBeSent'
        ]

    def _log(self, kind: str) -> list[dict[str, Any]]:
        said: list[dict[str, Any]] = self.driver.get_log(kind)  # type: ignore
        return said

    def violations(self) -> list[str]:
        """Give what axe-core finds wrong with the page, if it is serious."""
        self.driver.execute_script(
            module('axe-core/axe.min.js').read_text('utf-8')
        )
        found: dict[str, Any] = self.driver.execute_async_script(
            'const done = arguments[0];'
            'axe.run(document, {resultTypes: ["violations"]}).then(done);'
        )
        if len(found['passes']) < 10:
            raise AssertionError('axe-core has looked at nothing')
        return [
            f'{one["impact"]} {one["id"]}: {one["nodes"][0]["html"][:200]}'
            for one in found['violations']
            if one['impact'] in ('serious', 'critical')
        ]
