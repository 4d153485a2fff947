# SPDX-License-Identifier: Apache-2.0
"""Ansible: the module openstack.cloud.host_aggregate."""

import json
import pathlib
from typing import Any

from nova_aggext.tests.functional.clients import base

PLAYBOOK = pathlib.Path(__file__).with_name('playbooks') / 'aggregate.yml'


class TestPlaybook(base.ClientTest):
    """A playbook brings an aggregate into the wanted state."""

    VENV = 'ansible'
    HOST = 'host4'
    # This one is never put into a zone here: it has one elsewhere.
    OTHER_HOST = 'host3'

    def setUp(self) -> None:
        """Tell the module where the server is."""
        super().setUp()
        cloud = {
            'auth_type': 'none',
            'auth': {'endpoint': self.endpoint},
            'compute_endpoint_override': self.endpoint,
        }
        self.clouds = pathlib.Path(self.home) / 'clouds.yaml'
        self.clouds.write_text(json.dumps({'clouds': {'aggext': cloud}}))
        self.report = pathlib.Path(self.home) / 'report.json'

    def play(self, *options: str, **wanted: Any) -> base.Outcome:
        """Run the playbook with these variables."""
        variables = {
            'aggregate': self.name,
            'report': str(self.report),
            **wanted,
        }
        return self.run_client(
            'ansible-playbook',
            '--inventory',
            'localhost,',
            '--extra-vars',
            json.dumps(variables),
            *options,
            str(PLAYBOOK),
            LC_ALL='C.UTF-8',
            OS_CLIENT_CONFIG_FILE=str(self.clouds),
        )

    def played(self, *options: str, **wanted: Any) -> dict[str, Any]:
        """Return what the module says where it must succeed."""
        done = self.play(*options, **wanted)
        self.assertEqual(0, done.code, done.out + done.err)
        return dict(json.loads(self.report.read_text()))

    def test_members(self) -> None:
        """Hosts and metadata become what is wanted, and stay so."""
        wanted = {'members': [self.HOST], 'metadata': {'ssd': 'true'}}
        first = self.played(**wanted)
        self.assertIs(True, first['changed'])
        self.assertEqual([self.HOST], first['aggregate']['hosts'])
        self.assertEqual({'ssd': 'true'}, first['aggregate']['metadata'])
        again = self.played(**wanted)
        self.assertIs(False, again['changed'])
        self.assertEqual(first['aggregate'], again['aggregate'])
        wanted = {'members': [self.OTHER_HOST], 'metadata': {'tier': '1'}}
        other = self.played(**wanted)
        self.assertIs(True, other['changed'])
        self.assertEqual([self.OTHER_HOST], other['aggregate']['hosts'])
        self.assertEqual({'tier': '1'}, other['aggregate']['metadata'])
        both = self.played(members=[self.HOST], purge=False)
        self.assertEqual(
            {self.HOST, self.OTHER_HOST}, set(both['aggregate']['hosts'])
        )

    def test_zone(self) -> None:
        """A zone is given, kept and changed."""
        zone = f'{self.name}-zone'
        wanted = {'members': [self.HOST], 'metadata': {'ssd': 'true'}}
        first = self.played(zone=zone, **wanted)
        self.assertEqual(zone, first['aggregate']['availability_zone'])
        again = self.played(zone=zone, **wanted)
        self.assertIs(False, again['changed'])
        other = self.played(zone=f'{zone}-2', **wanted)
        self.assertIs(True, other['changed'])
        stored = self.stored(self.name)
        self.assertEqual(f'{zone}-2', stored['availability_zone'])
        self.assertEqual([self.HOST], stored['hosts'])

    def test_absent(self) -> None:
        """An aggregate goes with its hosts, once."""
        self.made(self.name, None, self.HOST)
        looked = self.played('--check', state='absent')
        self.assertIs(True, looked['changed'])
        self.assertIn(self.name, self.names())
        gone = self.played(state='absent')
        self.assertIs(True, gone['changed'])
        self.assertNotIn(self.name, self.names())
        again = self.played(state='absent')
        self.assertIs(False, again['changed'])

    def test_refusal(self) -> None:
        """A host that does not exist fails the play, and is named."""
        done = self.play(members=[f'{self.name}-host'])
        self.assertEqual(2, done.code)
        self.assertIn('404', done.out + done.err)
        self.assertIn(f'{self.name}-host', done.out + done.err)
