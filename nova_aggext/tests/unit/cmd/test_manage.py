# SPDX-License-Identifier: Apache-2.0
"""nova-aggext-manage: groups, exit statuses and forms of output."""

import logging
import os
import pathlib
from typing import Any

import fixtures

from nova_aggext import version
from nova_aggext.cmd import dev
from nova_aggext.cmd import manage
from nova_aggext.db import models
from nova_aggext.db import schema
from nova_aggext.tests.unit.cmd import commands


class ManageTestCase(commands.CommandTestCase):
    """The command on an empty database."""

    def manage(self, *arguments: str, status: int = 0) -> commands.Ended:
        """Run it and check its exit status."""
        ended = self.command(manage.main, *arguments)
        self.assertEqual(status, ended.status, ended.err)
        return ended

    def show(self, *arguments: str) -> Any:
        """Run a command that lists, and give what it lists."""
        return self.manage(*arguments, '--format', 'json').json


class UsageTest(ManageTestCase):
    """Wrong usage, wrong configuration."""

    def test_usage(self) -> None:
        for arguments in (
            [],
            ['nonsense'],
            ['db'],
            ['db', 'nonsense'],
            ['host', 'add'],
            ['host', 'add', 'h', '--instances', '-1'],
            ['host', 'add', 'h', '--instances', 'x'],
            ['host', 'list', '--format', 'xml'],
            ['changes', 'list', '--since', 'yesterday'],
            ['changes', 'list', '--aggregate', 'x'],
            ['changes', 'list', '--after', '-1'],
            ['changes', 'list', '--after', '1', '--reverse'],
        ):
            ended = self.manage(*arguments, status=2)
            self.assertIn('usage: ', ended.err)

    def test_configuration_that_is_not_there(self) -> None:
        ended = commands.run(
            manage.main, '--config-file', '/nowhere', 'db', 'version'
        )
        self.assertEqual(1, ended.status)
        self.assertTrue(ended.err.startswith('nova-aggext-manage: '))
        self.assertEqual(1, ended.err.count('\n'))

    def test_directories(self) -> None:
        """They win over files, and so stand after them."""
        folder = self.useFixture(fixtures.TempDir()).path
        path = pathlib.Path(folder) / '1.conf'
        path.write_text('[api_database]\nconnection = nonsense\n')
        ended = self.manage('--config-dir', folder, 'db', 'version', status=1)
        self.assertIn('[api_database] connection', ended.err)
        ended = commands.run(
            manage.main,
            *('--config-dir', folder),
            *('--config-file', self.db.conf_file),
            *('db', 'version'),
        )
        self.assertEqual(2, ended.status)
        self.assertIn('--config-file must stand before', ended.err)

    def test_tables_that_are_not_there(self) -> None:
        for arguments in (
            ['host', 'list'],
            ['host', 'add', 'h1'],
            ['host', 'remove', 'h1'],
            ['changes', 'list'],
            ['changes', 'purge'],
        ):
            ended = self.manage(*arguments, status=1)
            self.assertIn('nova-aggext-manage db sync', ended.err)
            self.assertEqual('', ended.out)


class DbTest(ManageTestCase):
    """``db``."""

    def test_sync_and_version(self) -> None:
        self.assertEqual('none\n', self.manage('db', 'version').out)
        for _ in range(2):
            self.assertEqual('', self.manage('db', 'sync').out)
            told = self.manage('db', 'version').out
            self.assertEqual(f'{schema.newest()}\n', told)

    def test_no_sync_where_nova_is_to_make_its_tables(self) -> None:
        with open(self.db.conf_file, 'a') as conf_file:
            conf_file.write('[aggext]\nhosts = nova_cells\n')
        ended = self.manage('db', 'sync', status=1)
        self.assertIn('nova-manage api_db sync', ended.err)
        self.assertEqual(1, ended.err.count('\n'))
        self.assertEqual('none\n', self.manage('db', 'version').out)
        self.db.database.write(
            lambda session: models.METADATA.create_all(
                session, models.NOVA_TABLES
            )
        )
        self.assertEqual('', self.manage('db', 'sync').out)


class HostTest(ManageTestCase):
    """``host``."""

    def setUp(self) -> None:
        super().setUp()
        self.manage('db', 'sync')

    def test_life(self) -> None:
        self.assertEqual([], self.show('host', 'list'))
        self.manage('host', 'add', 'h2', 'h1', '--instances', '2')
        self.manage('host', 'add', 'h2')
        self.assertEqual(
            [
                {'name': 'h1', 'instances': 2},
                {'name': 'h2', 'instances': 0},
            ],
            self.show('host', 'list'),
        )
        self.manage('host', 'remove', 'h1')
        self.assertEqual(
            ['h2'], [r['name'] for r in self.show('host', 'list')]
        )
        self.assertIn('| h2   |', self.manage('host', 'list').out)

    def test_another_inventory(self) -> None:
        """What is registered does not count there, which is said."""
        self.assertEqual('', self.manage('host', 'add', 'h1').err)
        with open(self.db.conf_file, 'a') as conf_file:
            conf_file.write('[aggext]\nhosts = nova_cells\n')
        ended = self.manage('host', 'add', 'h2')
        self.assertIn("[aggext] hosts is 'nova_cells'", ended.err)
        self.assertEqual(1, ended.err.count('\n'))
        self.assertEqual(2, len(self.show('host', 'list')))

    def test_refused(self) -> None:
        self.manage('host', 'add', 'h1')
        ended = self.manage('host', 'remove', 'h2', status=1)
        self.assertIn('h2', ended.err)
        ended = self.manage('host', 'add', 'H1', status=1)
        self.assertIn('H1', ended.err)


class OptionsTest(ManageTestCase):
    """What every command can be told."""

    def test_before_or_after(self) -> None:
        conf = ('--config-file', self.db.conf_file)
        command = ('db', 'version')
        for arguments in (
            (*conf, *command),
            (*command, *conf),
            ('db', *conf, 'version'),
        ):
            ended = commands.run(manage.main, *arguments)
            self.assertEqual('none\n', ended.out)

    def test_version(self) -> None:
        ended = commands.run(manage.main, '--version')
        self.assertEqual(0, ended.status)
        told = f'nova-aggext-manage {version.release()}\n'
        self.assertEqual(told, ended.out)

    def test_help(self) -> None:
        ended = commands.run(manage.main, '--help')
        self.assertEqual(0, ended.status)
        for name in manage.COMMANDS:
            self.assertIn(f'  {name}', ended.out)
            ended_too = commands.run(manage.main, *name.split(), '--help')
            self.assertIn(f'usage: nova-aggext-manage {name}', ended_too.out)

    def test_debug(self) -> None:
        ended = self.manage('host', 'list', '--debug', status=1)
        self.assertIn('Traceback', ended.err)
        self.assertIn('nova-aggext-manage: ', ended.err.splitlines()[-1])

    def test_log(self) -> None:
        log = pathlib.Path(self.db.conf_file).with_name('a.log')
        handlers = logging.getLogger().handlers[:]
        self.manage('db', 'sync', '--log-file', str(log))
        self.assertIn('tables are in version', log.read_text())
        self.assertEqual(handlers, logging.getLogger().handlers)


class LabTest(commands.CommandTestCase):
    """``--dev``."""

    def setUp(self) -> None:
        super().setUp()
        folder = self.useFixture(fixtures.TempDir()).path
        self.addCleanup(os.chdir, os.getcwd())
        os.chdir(folder)

    def _names(self) -> list[str]:
        ended = commands.run(
            manage.main, '--dev', 'host', 'list', '--format', 'json'
        )
        self.assertEqual(0, ended.status, ended.err)
        return [row['name'] for row in ended.json]

    def test_made_where_it_is_missing(self) -> None:
        self.assertEqual(list(dev.HOSTS), self._names())

    def test_directories_of_a_nova_have_no_say(self) -> None:
        home = pathlib.Path(self.useFixture(fixtures.TempDir()).path)
        self.useFixture(fixtures.EnvironmentVariable('HOME', str(home)))
        path = home / '.nova/nova.conf.d/1.conf'
        path.parent.mkdir(parents=True)
        path.write_text('[api_database]\nconnection = nonsense\n')
        self.assertEqual(list(dev.HOSTS), self._names())

    def test_what_is_there_is_kept(self) -> None:
        self._names()
        commands.run(manage.main, '--dev', 'host', 'remove', 'host1')
        settings = pathlib.Path('nova-aggext-dev/nova-aggext.conf')
        settings.write_text(settings.read_text() + '# mine\n')
        self.assertEqual(list(dev.HOSTS[1:]), self._names())
        self.assertIn('# mine', settings.read_text())
