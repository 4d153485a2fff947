# SPDX-License-Identifier: Apache-2.0
"""Tempest's tests of aggregates, on a Nova with the filter.

Callers are known by a real Keystone. Hosts are rows of Nova's tables, so the
one test that boots a server fails, before it boots one. The image service
that Tempest wants to know of is never asked.
"""

import pathlib
import re
import subprocess

import fixtures

from nova_aggext.tests.functional import keystone
from nova_aggext.tests.functional import venvs
from nova_aggext.tests.peer import base
from nova_aggext.tests.peer import clouds
from nova_aggext.tests.peer import databases
from nova_aggext.tests.peer import inventory
from nova_aggext.tests.peer import processes
from nova_aggext.tests.peer import settings

_REQUIREMENTS = pathlib.Path(__file__).with_name('tempest-requirements.txt')

MODULES = (
    'tempest.api.compute.admin.test_aggregates_negative',
    'tempest.serial_tests.api.compute.admin.test_aggregates',
    'tempest.serial_tests.scenario.test_aggregates_basic_ops',
)
BOOTS = 'test_aggregate_add_host_create_server_with_az'
# How many tests there are without that one.
COUNT = 24

# What the filter has noted; Nova notes nothing.
_CHANGES = 'SELECT count(*) FROM aggext_changes'

# Seconds that all of them may take.
_SECONDS = 500

_NOVA = """\
[DEFAULT]
service_down_time = 100000
[keystone_authtoken]
{authtoken}
"""
_TEMPEST = """\
[DEFAULT]
log_file = {folder}/tempest.log
[oslo_concurrency]
lock_path = {folder}
[auth]
use_dynamic_credentials = true
admin_username = {admin.username}
admin_password = {admin.password}
admin_project_name = {admin.project_name}
admin_domain_name = {admin.user_domain_name}
[identity]
auth_version = v3
uri_v3 = {admin.auth_url}
region = {region}
[compute]
max_microversion = latest
[service_available]
cinder = false
glance = true
neutron = false
nova = true
swift = false
"""


class TempestTest(base.PeerTest):
    """Tempest beside a Nova and a Keystone of its own."""

    def setUp(self) -> None:
        super().setUp()
        self.venv = venvs.venv('tempest', _REQUIREMENTS)
        self.keystone = self.useFixture(keystone.Keystone())
        self.nova = self.useFixture(clouds.Nova())
        server = self.serve()
        self.keystone.register_compute(f'{server.url}/v2.1')
        self.folder = pathlib.Path(self.useFixture(fixtures.TempDir()).path)
        text = _TEMPEST.format(
            folder=self.folder,
            admin=self.keystone.admin,
            region=keystone.REGION,
        )
        self.folder.joinpath('tempest.conf').write_text(text)

    def serve(self) -> processes.Process:
        """Start Nova as the documentation says, with two hosts."""
        nova = self.nova
        options = self.keystone.authtoken_options().items()
        lines = '\n'.join(f'{name} = {value}' for name, value in options)
        nova.configure(_NOVA.format(authtoken=lines))
        nova.sync()
        hosts = inventory.Inventory(nova.databases)
        for host in ('one', 'two'):
            hosts.add_host(host)
        text = settings.documented_paste(nova.shipped_paste)
        nova.paste_file.write_text(text)
        return self.useFixture(nova.api())

    def run_tempest(self) -> str:
        """Run the tests; return what is said of each."""
        tests = (self.venv / 'bin/python', '-m', 'unittest', '-v', *MODULES)
        done = subprocess.run(
            tests,
            cwd=self.folder,
            env=venvs.environment() | {'TEMPEST_CONFIG_DIR': str(self.folder)},
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            timeout=_SECONDS,
        )
        return done.stdout

    def test_aggregates(self) -> None:
        said = self.run_tempest()
        self.assertEqual(COUNT, len(re.findall(r' ok$', said, re.M)), said)
        failed = re.findall(r'^(?:FAIL|ERROR): (\w+)', said, re.M)
        self.assertEqual([BOOTS], failed, said)
        ((count,),) = self.nova.databases.execute(databases.API, _CHANGES)
        self.assertGreater(int(str(count)), COUNT)
