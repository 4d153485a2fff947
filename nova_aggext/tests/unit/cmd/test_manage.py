# SPDX-License-Identifier: Apache-2.0
"""nova-aggext-manage: groups, exit statuses and forms of output."""

import csv
import datetime
import io
import json
import logging
import os
import pathlib
from typing import Any

import fixtures
import sqlalchemy as sa

from nova_aggext import version
from nova_aggext.cmd import dev
from nova_aggext.cmd import manage
from nova_aggext.compute import api
from nova_aggext.compute import ports
from nova_aggext.db import models
from nova_aggext.db import schema
from nova_aggext.tests.unit import stubs
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


class ChangesTest(ManageTestCase):
    """``changes``."""

    def setUp(self) -> None:
        super().setUp()
        self.manage('db', 'sync')
        inventory = stubs.Inventory(h1=0)
        use = api.AggregateAPI(self.db.database, inventory, ports.Silent())
        who = stubs.caller(user_id='me', project_id='mine')
        one = use.create_aggregate(who, 'a', 'z1')
        other = use.create_aggregate(who, 'b', None)
        use.add_host_to_aggregate(who, one.id, 'h1')
        use.delete_aggregate(who, other.id)

    def _operations(self, *arguments: str) -> list[str]:
        found = self.show('changes', 'list', *arguments)
        return [change['operation'] for change in found]

    def test_all(self) -> None:
        first, *others = self.show('changes', 'list')
        self.assertEqual(3, len(others))
        self.assertEqual(
            ('me', 'mine', 'create_aggregate', None, {}),
            (
                first['user_id'],
                first['project_id'],
                first['operation'],
                first['host'],
                first['before'],
            ),
        )
        self.assertEqual(
            {'availability_zone': 'z1'}, first['after']['metadata']
        )

    def test_filters(self) -> None:
        one, other = 'create_aggregate', 'add_host_to_aggregate'
        self.assertEqual([one, other], self._operations('--aggregate', '1'))
        self.assertEqual([other], self._operations('--host', 'h1'))
        self.assertEqual([], self._operations('--host', 'h2'))

    def test_since(self) -> None:
        now = datetime.datetime.now(datetime.UTC)
        hour = datetime.timedelta(hours=1)
        east = datetime.timezone(5 * hour)
        for moment, count in (
            (now + hour, 0),
            (now - hour, 4),
            ((now + hour).replace(tzinfo=None), 0),
            ((now + hour).astimezone(east), 0),
            ((now - hour).astimezone(east), 4),
        ):
            found = self._operations('--since', moment.isoformat())
            self.assertEqual(count, len(found))

    def test_until(self) -> None:
        """What is since a time and what is until then are all."""
        for change in self.show('changes', 'list'):
            moment = change['changed_at']
            earlier = self._operations('--until', moment)
            later = self._operations('--since', moment)
            self.assertEqual(change['sequence'] - 1, len(earlier))
            self.assertEqual(self._operations(), earlier + later)

    def test_newest_first(self) -> None:
        operations = self._operations()
        newest = self._operations('--reverse')
        self.assertEqual(operations[::-1], newest)
        self.assertEqual(operations[:2], self._operations('--limit', '2'))
        self.assertEqual(
            newest[:1], self._operations('--limit', '1', '--reverse')
        )

    def test_table(self) -> None:
        table = self.manage('changes', 'list').out
        self.assertIn('| add_host_to_aggregate |', table)
        self.assertNotIn('{', table)
        table = self.manage('changes', 'list', '--long').out
        self.assertIn('{"hosts": ["h1"]}', table)

    def test_table_fits(self) -> None:
        """Also where the values are as long as they can be."""
        long = {'user_id': 'u' * 64, 'host': 'h' * 255}
        self.db.database.write(
            lambda session: session.execute(
                sa.update(models.changes).values(long)
            )
        )
        ended = self.manage('changes', 'list', '--max-width', '80')
        self.assertEqual({80}, {len(line) for line in ended.out.splitlines()})

    def test_columns(self) -> None:
        ended = self.manage(
            *('changes', 'list', '-f', 'value', '-c', 'host', '-c', 'after')
        )
        self.assertIn('h1 {"hosts": ["h1"]}', ended.out.splitlines())

    def test_other_forms(self) -> None:
        listed = self.show('changes', 'list')
        ended = self.manage('changes', 'list', '-f', 'csv')
        rows = list(csv.DictReader(io.StringIO(ended.out)))
        self.assertEqual(
            [one['before'] for one in listed],
            [json.loads(one['before']) for one in rows],
        )
        ended = self.manage('changes', 'list', '-f', 'yaml')
        self.assertIn('hosts:', ended.out)

    def test_purge_keeps_what_is_young(self) -> None:
        self.manage('changes', 'purge')
        self.assertEqual(4, len(self._operations()))

    def test_purge_is_off(self) -> None:
        with open(self.db.conf_file, 'a') as conf_file:
            conf_file.write('[aggext]\nchange_retention_days = 0\n')
        self.manage('changes', 'purge')
        self.assertEqual(4, len(self._operations()))


class ManyChangesTest(ManageTestCase):
    """More changes than a table or a page holds."""

    COUNT = 2500

    def setUp(self) -> None:
        super().setUp()
        self.manage('db', 'sync')
        row = {
            'changed_at': datetime.datetime(2026, 1, 1),
            'operation': 'create_aggregate',
            'aggregate_id': 1,
            'before': '{}',
            'after': '{}',
        }
        self.db.database.write(
            lambda session: session.execute(
                sa.insert(models.changes), [row] * self.COUNT
            )
        )

    def test_all_where_they_are_not_held(self) -> None:
        everything = list(range(1, self.COUNT + 1))
        for arguments, expected in (
            ((), everything),
            (('--reverse',), everything[::-1]),
            (('--limit', '1001'), everything[:1001]),
        ):
            found = self.show('changes', 'list', *arguments)
            self.assertEqual(expected, [one['sequence'] for one in found])

    def test_table(self) -> None:
        """It says that there are more, and shows them if it is told to."""
        for arguments, rows in (
            ((), 1000),
            (('--limit', '1'), 1),
            (('--limit', '2000'), 2000),
        ):
            ended = self.manage('changes', 'list', *arguments)
            self.assertEqual(rows + 4, len(ended.out.splitlines()))
            self.assertEqual(not arguments, '--limit' in ended.err)


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
