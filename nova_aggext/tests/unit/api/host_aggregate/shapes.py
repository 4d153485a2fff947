# SPDX-License-Identifier: Apache-2.0
"""The own API as it is served: above a Nova, and alone."""

from typing import Any

import webob

from nova_aggext import deploy
from nova_aggext.hosts import registered
from nova_aggext.tests import base
from nova_aggext.tests.functional import databases
from nova_aggext.tests.unit import stubs

READER = 'host_aggregate_reader'


class ShapesTestCase(base.TestCase):
    """Served with an empty database and a Nova that must not be asked."""

    def setUp(self) -> None:
        super().setUp()
        self.db = self.useFixture(databases.Database())
        self.hosts = registered.RegisteredHosts(self.db.conf, self.db.database)
        self.nova = stubs.Wsgi()
        options = {'config_file': self.db.conf_file}
        self.shapes: dict[str, Any] = {
            'filter': deploy.aggregates_factory({}, **options)(self.nova),
            'server': deploy.api_factory({}, **options),
            'legacy': deploy.api_factory({}, 'v2', **options),
            'endpoint': deploy.host_aggregate_factory({}, **options),
        }
        # What the filter finds out when it is made.
        self.nova.environs.clear()

    def send(
        self,
        shape: str,
        path: str,
        mount: str = '/v2.1',
        roles: str = READER,
        **options: Any,
    ) -> webob.Response:
        """Send a request to one shape."""
        headers = {
            'X-Roles': roles,
            'X-User-Id': 'me',
            'X-Project-Id': 'abc',
            **options.pop('headers', {}),
        }
        sent = webob.Request.blank(
            path, base_url='http://nova.example', headers=headers, **options
        )
        sent.script_name = mount
        sent.environ['openstack.request_id'] = 'req-1'
        return sent.get_response(self.shapes[shape])

    def places(self) -> list[tuple[str, str, str]]:
        """Give each shape with a mount, and the root of the API there."""
        return [
            ('filter', '/v2.1', '/os-aggext'),
            ('filter', '/v2', '/os-aggext'),
            ('filter', '/v2.1', '/abc/os-aggext'),
            ('server', '/v2.1', '/os-aggext'),
            ('legacy', '/v2', '/os-aggext'),
            ('endpoint', '/host-aggregate', ''),
            ('endpoint', '', ''),
        ]

    def refused(self, status: int, answer: webob.Response) -> Any:
        """Give the only error of an answer."""
        self.assertEqual(status, answer.status_int, answer.text)
        (told,) = answer.json['errors']
        self.assertEqual(status, told['status'])
        self.assertEqual('req-1', told['request_id'])
        return told
