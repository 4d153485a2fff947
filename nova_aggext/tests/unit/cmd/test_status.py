# SPDX-License-Identifier: Apache-2.0
"""nova-aggext-status: what is in place."""

import pathlib

from nova_aggext import version
from nova_aggext.cmd import status
from nova_aggext.db import migration
from nova_aggext.tests.unit.cmd import commands

PASTE = """\
[composite:v21]
use = call:nova.api.auth:pipeline_factory_v21
keystone = keystonecontext {filter} osapi_compute_app_v21
[app:osapi_compute_app_v21]
paste.app_factory = nova.api.openstack.compute:APIRouterV21.factory
[filter:keystonecontext]
paste.filter_factory = nova.api.auth:NovaKeystoneContext.factory
[filter:aggext]
use = egg:nova-aggext#aggregates
"""


class StatusTestCase(commands.CommandTestCase):
    """The command on a database."""

    def status(self, *arguments: str, status_: int = 0) -> commands.Ended:
        """Run it and check its exit status."""
        ended = self.command(status.main, *arguments)
        self.assertEqual(status_, ended.status, ended.err + ended.out)
        return ended


class UsageTest(StatusTestCase):
    """Wrong usage, wrong configuration."""

    def test_usage(self) -> None:
        for arguments in ([], ['upgrade'], ['paste'], ['paste', 'look']):
            self.status(*arguments, status_=2)

    def test_configuration_that_is_not_there(self) -> None:
        """That is more than a warning of ``upgrade check``."""
        for command, expected in (('upgrade', 2), ('paste', 1)):
            ended = commands.run(
                status.main, '--config-file', '/nowhere', command, 'check'
            )
            self.assertEqual(expected, ended.status)
            (line,) = ended.err.splitlines()
            self.assertTrue(line.startswith('nova-aggext-status: '))


class OptionsTest(StatusTestCase):
    """What both can be told."""

    def test_before_or_after(self) -> None:
        conf = ('--config-file', self.db.conf_file)
        for arguments in (
            (*conf, 'paste', 'check', '/nowhere'),
            ('paste', 'check', '/nowhere', *conf),
        ):
            ended = commands.run(status.main, *arguments)
            self.assertEqual(1, ended.status)
            self.assertIn('/nowhere', ended.err)

    def test_version(self) -> None:
        ended = commands.run(status.main, '--version')
        told = f'nova-aggext-status {version.release()}\n'
        self.assertEqual((0, told), (ended.status, ended.out))

    def test_help(self) -> None:
        ended = commands.run(status.main, '--help')
        for name in status.COMMANDS:
            self.assertIn(f'  {name}', ended.out)
            ended_too = commands.run(status.main, *name.split(), '--help')
            self.assertIn(f'usage: nova-aggext-status {name}', ended_too.out)

    def test_debug(self) -> None:
        for command, expected in (('upgrade', 2), ('paste', 1)):
            ended = commands.run(
                status.main,
                *('--debug', '--config-file', '/nowhere', command, 'check'),
            )
            self.assertEqual(expected, ended.status)
            self.assertIn('Traceback', ended.err)
            self.assertIn('nova-aggext-status: ', ended.err.splitlines()[-1])

    def test_log(self) -> None:
        """What libraries say is in a file, or told if that is asked for."""
        log = pathlib.Path(self.db.conf_file).with_name('a.log')
        command = ('upgrade', 'check', '--log-file', str(log))
        # A server is made on tables that are there, which is logged.
        migration.sync(self.db.database)
        self.assertEqual('', self.status(*command).err)
        self.assertIn('configuration was read', log.read_text())
        told = self.status(*command, '-vv').err
        self.assertIn('configuration was read', told)


class PasteTest(StatusTestCase):
    """``paste check``."""

    def _file(self, chosen: str) -> str:
        path = pathlib.Path(self.db.conf_file).with_name('api-paste.ini')
        path.write_text(PASTE.format(filter=chosen))
        return str(path)

    def test_loaded(self) -> None:
        path = self._file('aggext')
        for arguments in ([path], []):
            told = self.status(
                'paste', 'check', *arguments, '--format', 'json'
            )
            self.assertEqual(
                [{'pipeline': 'composite:v21 keystone', 'filter': 'loaded'}],
                told.json,
            )

    def test_not_loaded(self) -> None:
        told = self.status('paste', 'check', self._file(''), status_=1)
        self.assertIn('not loaded', told.out)

    def test_no_section(self) -> None:
        told = self.status('paste', 'check', self._file('agext'), status_=1)
        self.assertIn('there is no [filter:agext]', told.out)

    def test_forms(self) -> None:
        path = self._file('aggext')
        told = self.status(
            'paste', 'check', path, '-f', 'value', '-c', 'filter'
        )
        self.assertEqual('loaded\n', told.out)
        told = self.status('paste', 'check', path)
        self.assertIn('| composite:v21 keystone | loaded |', told.out)

    def test_no_pipeline(self) -> None:
        """An empty list does not say what is wrong."""
        path = pathlib.Path(self._file('')).with_name('empty.ini')
        path.touch()
        command = ('paste', 'check', str(path), '--format', 'json')
        told = self.status(*command, status_=1)
        self.assertEqual([], told.json)
        (line,) = told.err.splitlines()
        self.assertIn(f'nova-aggext-status: {path}', line)

    def test_no_file(self) -> None:
        told = self.status('paste', 'check', '/nowhere', status_=1)
        self.assertIn('/nowhere', told.err)
