# SPDX-License-Identifier: Apache-2.0
"""python-openstackclient: the commands ``openstack aggregate``."""

import json
import subprocess
import tempfile
from typing import Any, ClassVar

import testscenarios

from nova_aggext.tests.functional import venvs
from nova_aggext.tests.functional.clients import base

SCRIPT = base.SCRIPTS / 'openstackclient_commands.py'

load_tests = testscenarios.load_tests_apply_scenarios


class Commands:
    """A process that runs commands, which spares the start of each."""

    def __init__(self, python: str) -> None:
        """Start it."""
        self._home = tempfile.TemporaryDirectory()
        self._process = subprocess.Popen(
            [python, str(SCRIPT), str(base.CLIENT_SECONDS)],
            cwd=self._home.name,
            env={**venvs.environment(), 'HOME': self._home.name},
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        )

    def run(self, arguments: list[str]) -> base.Outcome:
        """Run a command; return its outcome."""
        process = self._process
        assert process.stdin and process.stdout
        print(json.dumps(arguments), file=process.stdin, flush=True)
        return base.Outcome(**json.loads(process.stdout.readline()))

    def close(self) -> None:
        """End it."""
        self._process.communicate()
        self._home.cleanup()


class CommandTest(base.ClientTest):
    """A test that runs the command ``openstack``."""

    HOST = 'host2'

    version: tuple[str, ...] = ()

    _commands: ClassVar['Commands | None'] = None

    @classmethod
    def tearDownClass(cls) -> None:
        """Stop the process that runs commands, if one was started."""
        if cls._commands is not None:
            cls._commands.close()
            cls._commands = None
        super().tearDownClass()

    def openstack(self, *arguments: str) -> base.Outcome:
        """Run a command."""
        cls = type(self)
        if cls._commands is None:
            python = str(self.venv / 'bin' / 'python')
            cls._commands = Commands(python)
        done = cls._commands.run([*self.access(), *self.version, *arguments])
        self.tell('openstack', arguments, done)
        return done

    def access(self) -> tuple[str, ...]:
        """Return the options that lead to the server."""
        return ('--os-auth-type', 'none', '--os-endpoint', self.endpoint)

    def aggregate(self, *arguments: str) -> None:
        """Run a command that must succeed and has nothing to show."""
        done = self.openstack('aggregate', *arguments)
        self.assertEqual(0, done.code, done.err)
        self.assertEqual('', done.out)

    def shown(self, *arguments: str) -> Any:
        """Return what a command that must succeed shows."""
        done = self.openstack('aggregate', *arguments, '-f', 'json')
        self.assertEqual(0, done.code, done.err)
        return json.loads(done.out)

    def refused(self, *arguments: str) -> str:
        """Return what a command that must fail says."""
        done = self.openstack('aggregate', *arguments)
        self.assertEqual(1, done.code)
        self.assertEqual('', done.out)
        self.assertNotIn('Traceback', done.err)
        return done.err


class TestLife(CommandTest):
    """The whole life of an aggregate, with and without a microversion."""

    scenarios: ClassVar[list[tuple[str, dict[str, Any]]]] = [
        ('default', {'microversion': None, 'has_uuid': True}),
        ('2.1', {'microversion': '2.1', 'has_uuid': False}),
        ('2.96', {'microversion': '2.96', 'has_uuid': True}),
    ]
    microversion: str | None
    has_uuid: bool

    def setUp(self) -> None:
        """Choose the microversion."""
        super().setUp()
        if self.microversion:
            self.version = ('--os-compute-api-version', self.microversion)

    def test_life(self) -> None:
        """Every command shows the aggregate as it has become."""
        self._check_birth()
        self._check_changes()
        self._check_hosts()
        self.aggregate('delete', f'{self.name}-2')
        self.assertNotIn(f'{self.name}-2', self.names())

    def _check_birth(self) -> None:
        """What is created is shown and listed."""
        zone = f'{self.name}-zone'
        options = ('--zone', zone, '--property', 'ssd=true')
        created = self.shown('create', self.name, *options)
        shown = self.shown('show', self.name)
        for aggregate in created, shown:
            self.assertEqual(self.name, aggregate['name'])
            self.assertEqual(zone, aggregate['availability_zone'])
            self.assertEqual('true', aggregate['properties']['ssd'])
            self.assertEqual([], aggregate['hosts'])
            self.assertIs(False, aggregate['is_deleted'])
        self.assertEqual(created['id'], shown['id'])
        self.assertEqual(self.has_uuid, bool(shown['uuid']))
        listed = self._listed('--long', '--availability-zone', zone)
        self.assertEqual(shown['id'], listed['ID'])
        self.assertEqual(zone, listed['Availability Zone'])
        self.assertEqual({'ssd': 'true'}, listed['Properties'])
        self.assertEqual([], listed['Hosts'])
        self.assertEqual(shown['uuid'], listed.get('UUID'))

    def _listed(self, *options: str) -> dict[str, Any]:
        """Return the aggregate of the test out of the list."""
        listed = self.shown('list', *options)
        found = [each for each in listed if each['Name'] == self.name]
        self.assertEqual(1, len(found))
        return dict(found[0])

    def _check_changes(self) -> None:
        """Name, zone and properties can be set, and properties unset."""
        name, zone = f'{self.name}-2', f'{self.name}-zone-2'
        options = ('--name', name, '--zone', zone, '--property', 'tier=1')
        self.aggregate('set', self.name, *options)
        self.aggregate('unset', name, '--property', 'ssd')
        stored = self.stored(name)
        self.assertEqual(zone, stored['availability_zone'])
        self.assertEqual(
            {'availability_zone': zone, 'tier': '1'}, stored['metadata']
        )

    def _check_hosts(self) -> None:
        """A host comes and goes."""
        name = f'{self.name}-2'
        added = self.shown('add', 'host', name, self.HOST)
        self.assertEqual([self.HOST], added['hosts'])
        self.assertEqual('1', added['properties']['tier'])
        removed = self.shown('remove', 'host', name, self.HOST)
        self.assertEqual([], removed['hosts'])


class TestProgram(CommandTest):
    """The program itself, started by its name."""

    def test_program(self) -> None:
        """It lists what was made, as its commands do without a start."""
        self.made(self.name, None, self.HOST)
        done = self.run_client(
            'openstack', *self.access(), 'aggregate', 'list', '-f', 'json'
        )
        self.assertEqual(0, done.code, done.err)
        self.assertEqual(json.loads(done.out), self.shown('list'))


class TestProperties(CommandTest):
    """Properties alone, without a zone."""

    def test_no_property(self) -> None:
        """All properties are replaced, and there is no zone."""
        options = ('--property', 'a=1', '--property', 'b=2')
        created = self.shown('create', self.name, *options)
        self.assertEqual({'a': '1', 'b': '2'}, created['properties'])
        self.assertIsNone(created['availability_zone'])
        replaced = ('--no-property', '--property', 'c=3')
        self.aggregate('set', str(created['id']), *replaced)
        stored = self.stored(self.name)
        self.assertEqual({'c': '3'}, stored['metadata'])


class TestRefusals(CommandTest):
    """A refusal ends with a status and a message that can be read."""

    def test_unknown_host(self) -> None:
        """A host that does not exist is named."""
        self.made(self.name, None)
        said = self.refused('add', 'host', self.name, f'{self.name}-host')
        self.assertRegex(said, f'NotFound.* 404: .*{self.name}-host')

    def test_same_host(self) -> None:
        """A host cannot be added twice."""
        self.made(self.name, None, self.HOST)
        said = self.refused('add', 'host', self.name, self.HOST)
        self.assertRegex(said, f'Conflict.* 409: .*{self.HOST}')

    def test_two_zones(self) -> None:
        """A host cannot be in two zones."""
        self.made(self.name, f'{self.name}-zone', self.HOST)
        self.made(f'{self.name}-2', f'{self.name}-zone-2')
        said = self.refused('add', 'host', f'{self.name}-2', self.HOST)
        self.assertRegex(said, 'Conflict.* 409: .*/action, .+')

    def test_duplicate_name(self) -> None:
        """A name that is taken is named."""
        self.made(self.name, None)
        said = self.refused('create', self.name)
        self.assertRegex(said, f'Conflict.* 409: .*{self.name}')

    def test_not_empty(self) -> None:
        """An aggregate with a host is kept, and the other one deleted."""
        self.made(self.name, None, self.HOST)
        self.made(f'{self.name}-2', None)
        said = self.refused('delete', self.name, f'{self.name}-2')
        self.assertRegex(said, f"'{self.name}': BadRequest.* 400: .*, .+")
        self.assertIn('1 of 2 aggregates failed to delete', said)
        self.assertIn(self.name, self.names())
        self.assertNotIn(f'{self.name}-2', self.names())

    def test_unknown_name(self) -> None:
        """A name that is neither an id nor in the list is not found."""
        said = self.refused('show', self.name)
        self.assertIn(f'No Aggregate found for {self.name}', said)

    def test_unknown_id(self) -> None:
        """A number that is neither an id nor a name is not found."""
        said = self.refused('show', str(2**31 - 1))
        self.assertIn('No Aggregate found for', said)

    def test_future_microversion(self) -> None:
        """Version discovery tells the client what is not there."""
        self.version = ('--os-compute-api-version', '2.999')
        said = self.refused('list')
        self.assertIn('only supports a minimum of 2.1', said)
