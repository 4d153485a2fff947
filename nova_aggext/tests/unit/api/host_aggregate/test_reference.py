# SPDX-License-Identifier: Apache-2.0
"""The reference of the own API has every route."""

import importlib.metadata
import pathlib
import re

from nova_aggext.api.host_aggregate import api
from nova_aggext.tests import base

PAGES = (pathlib.Path(__file__).parents[5] / 'api-ref/source').glob(
    'os-aggext*.inc'
)
TEXT = ''.join(page.read_text() for page in PAGES)
GROUP = 'nova_aggext.api.extensions'
# Names of what stands in a path differ.
_NAME = re.compile('{[a-z_]+}')


class ReferenceTest(base.TestCase):
    """The routes of the controllers, and those of the page."""

    def test_every_route_is_described(self) -> None:
        served = {
            f'{route.method} {_NAME.sub("{}", route.path)}'.replace(
                api.ROOT, ''
            )
            for found in importlib.metadata.entry_points(group=GROUP)
            if found.name.startswith('os-aggext-')
            for route in found.load().routes
        }
        described = re.findall(
            r'rest_method:: (\w+) /v2\.1/os-aggext(\S*)', TEXT
        )
        self.assertEqual(
            served,
            {f'{how} {_NAME.sub("{}", path)}' for how, path in described},
        )
