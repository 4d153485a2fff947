# SPDX-License-Identifier: Apache-2.0
"""What the tests with a started server have in common."""

from typing import Any, ClassVar

import openstack
from testtools import content

from nova_aggext.tests import base
from nova_aggext.tests.functional import server
from osc_aggext.sdk import proxy
from osc_aggext.sdk import queries
from osc_aggext.sdk import service
from osc_aggext.tests.functional import shell


class ServerTest(base.TestCase):
    """A test with a server of its class, on SQLite, with host1 to host4.

    :ivar endpoint: that of the compute service
    :ivar openstack: runs a command
    """

    server: ClassVar[server.Server]

    @classmethod
    def setUpClass(cls) -> None:
        super().setUpClass()
        cls.server = server.Server(options=cls.options())
        cls.server.setUp()
        cls.addClassCleanup(cls.server.cleanUp)

    @classmethod
    def options(cls) -> str:
        """Give what is added to the configuration of the server."""
        return ''

    def setUp(self) -> None:
        super().setUp()
        self.endpoint = f'{self.server.url}/v2.1'
        self.openstack = self.useFixture(shell.Openstack(self.endpoint))
        self.addOnException(self._show_log)

    def run_well(self, *arguments: str) -> shell.Done:
        """Run a command that must succeed and says nothing of errors."""
        done = self.openstack(*arguments)
        self.assertEqual((0, ''), (done.status, done.err), done.out)
        return done

    def _show_log(self, _exc_info: object) -> None:
        said = self.server.log.read_text(errors='replace')
        self.addDetailUniqueName('server', content.text_content(said))

    def connect(self) -> proxy.Proxy:
        """Give the service of a connection of openstacksdk."""
        cloud = openstack.connect(
            load_yaml_config=False,
            load_envvars=False,
            auth_type='none',
            auth={'endpoint': self.endpoint},
        )
        self.addCleanup(cloud.close)
        return service.of(cloud)

    def change(self, **members: Any) -> dict[str, Any]:
        """Make a change without any command; give what was answered."""
        body = {'change': members}
        return self.connect().call('POST', '/changes', body=body).body

    def created(self, name: str, *hosts: str, **members: Any) -> None:
        """Make an aggregate without any command, and remove it at the end."""
        item = {'op': 'create', 'name': name, 'hosts': {'add': hosts}}
        self.change(aggregates=[{**item, **members}])
        self.addCleanup(self._removed, name)

    def _removed(self, name: str) -> None:
        service = self.connect()
        for one in service.aggregates({'name': queries.literal(name)}):
            self._removed_by_id(one.id, protected=one.protected)

    def _removed_by_id(self, number: int, *, protected: bool | None) -> None:
        reference = {'aggregate': {'id': number}}
        if protected:
            self.change(aggregates=[{**reference, 'protected': False}])
        item = {**reference, 'op': 'delete', 'hosts': {'set': []}}
        self.change(aggregates=[item])
