# SPDX-License-Identifier: Apache-2.0
"""Modules in playbooks, against a started server."""

import json
from typing import Any, ClassVar

import testscenarios
import yaml

from osc_aggext.tests.ansible import collection
from osc_aggext.tests.functional import base

load_tests = testscenarios.load_tests_apply_scenarios

TARGETS = collection.SOURCE / 'tests/integration/targets'
SITE = """\
version: 1
aggregates:
  az3:
    availability_zone: az3
"""
MODULES = (
    'host_aggregates',
    'host_aggregate_change',
    'host_aggregate_info',
)
# Those of examples.
HOSTS = [
    f'cmp-{rack}{number:03}'
    for rack, count in (('a', 40), ('b', 20), ('c', 20))
    for number in range(1, count + 1)
]


class ModuleTest(base.ServerTest):
    """A module, against a server of its class."""

    scenarios = [(name, {'module': name}) for name in MODULES]
    module: str
    ansible: ClassVar[collection.Collection]

    @classmethod
    def setUpClass(cls) -> None:
        super().setUpClass()
        cls.ansible = collection.Collection()
        cls.ansible.setUp()
        cls.addClassCleanup(cls.ansible.cleanUp)
        cls.server.inventory.add_host(*HOSTS)

    def setUp(self) -> None:
        super().setUp()
        self.cloud: dict[str, Any] = {
            'auth_type': 'none',
            'auth': {'endpoint': self.endpoint},
        }
        self.addCleanup(self._remove_all)

    def _remove_all(self) -> None:
        service = self.connect()
        for manager in service.managers():
            service.delete_manager(manager.name)
        for one in service.aggregates():
            self._removed_by_id(one.id, protected=one.protected)

    def played(
        self,
        tasks: list[Any],
        cloud: dict[str, Any],
        environment: dict[str, str] | None = None,
    ) -> str:
        """Run tasks that must succeed; give what was printed."""
        done = self.ansible.play(tasks, cloud, environment)
        self.assertEqual(0, done.status, done.out)
        return done.out

    def documented(self) -> dict[str, Any]:
        """Give the documentation of the module."""
        name = f'{collection.NAME}.{self.module}'
        done = self.ansible('ansible-doc', '--json', name)
        self.assertEqual(0, done.status, done.out)
        return dict(json.loads(done.out)[name])

    def test_tasks(self) -> None:
        """It does what its tasks say."""
        path = str(TARGETS / self.module / 'tasks/main.yml')
        tasks = [{'ansible.builtin.import_tasks': path}]
        said = self.played(tasks, self.cloud)
        self.assertNotIn('DEPRECATION', said)

    def test_examples(self) -> None:
        """Its examples do what they are for, in a cloud of clouds.yaml."""
        tasks = yaml.safe_load(self.documented()['examples'])
        self.assertGreaterEqual(len(tasks), 2)
        clouds = {'clouds': {'mycloud': self.cloud}}
        path = self.ansible.write('mine.json', json.dumps(clouds))
        self.ansible.write('site.yaml', SITE)
        self.played(tasks, {}, {'OS_CLIENT_CONFIG_FILE': path})

    def test_documentation(self) -> None:
        """It is told what it does in check mode, and what it needs."""
        shown = self.documented()['doc']
        self.assertEqual('full', shown['attributes']['check_mode']['support'])
        self.assertIn('osc-aggext >= 0.1.0', shown['requirements'])
        self.assertLess({'cloud', 'auth', 'auth_type'}, {*shown['options']})
