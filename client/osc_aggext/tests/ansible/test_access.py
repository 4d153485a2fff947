# SPDX-License-Identifier: Apache-2.0
"""What modules tell where they cannot do their work."""

import pathlib
import sys
from typing import Any, ClassVar

from nova_aggext.tests import base
from nova_aggext.tests.functional import server
from osc_aggext.tests.ansible import collection
from osc_aggext.tests.functional import stub

# The least that each module takes.
TASKS: list[dict[str, Any]] = [
    {
        f'{collection.NAME}.host_aggregates': {
            'manager': 'site',
            'aggregates': {'az1': None},
        }
    },
    {
        f'{collection.NAME}.host_aggregate_change': {
            'hosts': [{'host': 'host1', 'aggregates': {'set': []}}]
        }
    },
    {f'{collection.NAME}.host_aggregate_info': {}},
]


class AccessTest(base.TestCase):
    """All modules, with a cloud that will not do."""

    ansible: ClassVar[collection.Collection]

    @classmethod
    def setUpClass(cls) -> None:
        super().setUpClass()
        cls.ansible = collection.Collection()
        cls.ansible.setUp()
        cls.addClassCleanup(cls.ansible.cleanUp)

    def failed(self, cloud: dict[str, Any], **members: Any) -> str:
        """Run each module, which must fail; give what was printed."""
        tasks = [{**task, 'ignore_errors': True, **members} for task in TASKS]
        done = self.ansible.play(tasks, cloud)
        self.assertEqual(0, done.status, done.out)
        self.assertIn(f'ignored={len(tasks)}', done.out)
        self.assertNotIn('Traceback', done.out)
        return done.out

    def test_no_api(self) -> None:
        """A cloud without the API is told from one that refuses."""
        cloud = self.useFixture(stub.Cloud(_nothing, 'compute'))
        # Each of these is masked wherever it stands in what is told.
        access = {
            'auth_url': f'{cloud.url}/identity/v3',
            'username': 'somebody',
            'password': 'very secret',
            'project_id': 'something',
            'user_domain_id': 'somewhere',
        }
        for check in (True, False):
            told = self.failed(
                {'auth_type': 'v3password', 'auth': access}, check_mode=check
            )
            url = f'{cloud.url}/compute/os-aggext'
            self.assertIn(f'The server at {url} has no /os-aggext.', told)
            self.assertNotIn('very secret', told)

    def test_no_server(self) -> None:
        access = {'endpoint': f'http://127.0.0.1:{server.free_port()}'}
        told = self.failed({'auth_type': 'none', 'auth': access})
        self.assertIn('the service is unavailable', told)

    def test_no_cloud(self) -> None:
        told = self.failed({'cloud': 'nowhere'})
        self.assertIn('Cloud nowhere was not found', told)

    def test_no_library(self) -> None:
        """What must be installed is told, and for which Python."""
        # The one without what this environment has.
        plain = str(pathlib.Path(sys.base_prefix, "bin/python3"))
        told = self.failed({}, vars={'ansible_python_interpreter': plain})
        self.assertIn('required Python library (osc-aggext)', told)


def _nothing(method: str, path: str, given: Any) -> stub.Answer:
    if path.rstrip('/') == '/compute':
        return '200 OK', stub.COMPUTE
    return '404 Not Found', {'message': 'The resource could not be found.'}
