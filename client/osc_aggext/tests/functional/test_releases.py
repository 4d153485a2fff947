# SPDX-License-Identifier: Apache-2.0
"""The plugin as it is installed, beside releases of the command."""

import json
import pathlib
import subprocess
from typing import Any, ClassVar

import testscenarios

from nova_aggext.tests.functional import venvs
from osc_aggext.tests.functional import base

load_tests = testscenarios.load_tests_apply_scenarios

HERE = pathlib.Path(__file__).parent
CLIENT = HERE.parents[2]
CURRENT = (
    CLIENT.parent
    / 'nova_aggext/tests/functional/clients/openstack-requirements.txt'
)
SECONDS = 120

# Gives the commands of each distribution, by group of entry points.
COMMANDS = """
import importlib.metadata, json
found = [
    (dist.name, point.name)
    for dist in importlib.metadata.distributions()
    for point in dist.entry_points
    if point.group.startswith('openstack.') and '.cli' not in point.group
]
print(json.dumps(found))
"""
# Gives the files of the distribution.
FILES = """
import importlib.metadata, json
print(json.dumps([str(one) for one in importlib.metadata.files('osc-aggext')]))
"""
# Gives what of the heavy libraries the plugin loads by itself.
LOADED = """
import sys
import osc_aggext.plugin
heavy = {'openstack', 'keystoneauth1', 'cliff', 'osc_lib', 'requests', 'yaml'}
print(','.join(sorted(heavy & set(sys.modules))))
"""


def build(environment: pathlib.Path, folder: pathlib.Path) -> None:
    """Build a wheel of the folder of the client alone, and install it."""
    tree = folder / 'client'
    venvs.run('cp', '-r', CLIENT, tree)
    venvs.run(
        *(environment / 'bin/python', '-m', 'pip', 'wheel', '--quiet'),
        *('--no-deps', '--wheel-dir', folder, tree),
    )
    (wheel,) = folder.glob('*.whl')
    venvs.install(environment, '--no-deps', '--reinstall', wheel)


class ReleaseTest(base.ServerTest):
    """The program as people have it."""

    scenarios: ClassVar[list[tuple[str, dict[str, Any]]]] = [
        ('8', {'requirements': HERE / 'releases/osc-8.txt'}),
        ('9', {'requirements': HERE / 'releases/osc-9.txt'}),
        ('10', {'requirements': CURRENT}),
    ]
    requirements: pathlib.Path

    def setUp(self) -> None:
        super().setUp()
        name = f'client-{self.requirements.stem}'
        self.venv = venvs.venv(name, self.requirements)
        sources = sorted(
            path
            for path in CLIENT.rglob('*')
            if path.suffix in ('.py', '.toml', '.json', '.css', '.js')
            and 'tests' not in path.parts
            and 'build' not in path.parts
        )
        venvs.part(self.venv, 'osc-aggext', build, *sources)

    def run_program(
        self, program: str, *arguments: str
    ) -> subprocess.CompletedProcess[str]:
        """Run a program of the environment."""
        return subprocess.run(
            [self.venv / 'bin' / program, *arguments],
            env={**venvs.environment(), 'HOME': str(self.venv)},
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
            timeout=SECONDS,
        )

    def program(self, *arguments: str) -> subprocess.CompletedProcess[str]:
        """Run ``openstack``."""
        access = ('--os-auth-type', 'none', '--os-endpoint', self.endpoint)
        return self.run_program('openstack', *access, *arguments)

    def test_commands(self) -> None:
        """Ours are there, and none of them is another's."""
        done = self.run_program('python', '-c', COMMANDS)
        found = json.loads(done.stdout)
        ours = {name for dist, name in found if dist == 'osc-aggext'}
        others = {name for dist, name in found if dist != 'osc-aggext'}
        self.assertIn('aggregate_search', ours)
        self.assertIn('aggregate_add_host', others)
        self.assertEqual(set(), ours & others)

    def test_files(self) -> None:
        """All of the package, and none of its tests."""
        done = self.run_program('python', '-c', FILES)
        found = {
            one
            for one in json.loads(done.stdout)
            if one.startswith('osc_aggext/') and not one.endswith('.pyc')
        }
        package = {
            str(path.relative_to(CLIENT))
            for path in (CLIENT / 'osc_aggext').rglob('*')
            if path.is_file()
            and path.suffix != '.pyc'
            and 'tests' not in path.parts
        }
        self.assertEqual(package, found)

    def test_start(self) -> None:
        """Nobody's start gets slower by more than two small modules."""
        done = self.run_program('python', '-c', LOADED)
        self.assertEqual((0, '\n', ''), (done.returncode, *_said(done)))

    def test_run(self) -> None:
        """Commands of both run beside each other."""
        done = self.program('aggregate', 'create', '--zone', 'az1', 'a')
        self.assertEqual(0, done.returncode, done.stderr)
        self.addCleanup(self._removed, 'a')
        done = self.program(
            *('aggregate', 'host', 'set', 'host1', '--aggregate', 'a')
        )
        self.assertEqual((0, ''), (done.returncode, done.stderr))
        self.assertIn('~ hosts          + host1\n', done.stdout)
        done = self.program('aggregate', 'search', '-f', 'json')
        self.assertEqual(['host1'], json.loads(done.stdout)[0]['Hosts'])
        done = self.program('aggregate', 'map', '-f', 'html')
        self.assertIn('Host aggregates', done.stdout)
        done = self.program('aggregate', 'host', 'show', 'nobody')
        self.assertEqual(1, done.returncode)
        self.assertIn('404 host.not_found', done.stderr)

    def test_version(self) -> None:
        """A version that the server has not is told as it is."""
        version = ('--os-aggext-api-version', '1.99')
        done = self.program(*version, 'aggregate', 'search')
        self.assertEqual(1, done.returncode)
        self.assertIn('406 version.unsupported', done.stderr)


def _said(done: subprocess.CompletedProcess[str]) -> tuple[str, str]:
    return done.stdout, done.stderr
