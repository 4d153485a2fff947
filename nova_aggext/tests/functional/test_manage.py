# SPDX-License-Identifier: Apache-2.0
"""nova-aggext-manage and nova-aggext-status from an empty database on.

In the process of the test but for one of each, since a start takes seconds.
"""

import datetime
import pathlib
from typing import Any

import fixtures
import sqlalchemy as sa
import testscenarios
import webob

from nova_aggext import deploy
from nova_aggext import version
from nova_aggext.cmd import manage
from nova_aggext.cmd import status as status_command
from nova_aggext.db import schema
from nova_aggext.db import models
from nova_aggext.tests import base
from nova_aggext.tests.functional import commands as processes
from nova_aggext.tests.functional import databases
from nova_aggext.tests.functional import server
from nova_aggext.tests.unit.cmd import commands

load_tests = testscenarios.load_tests_apply_scenarios

# A paste file of a Nova, as far as it matters.
PASTE = """\
[composite:openstack_compute_api_v21]
use = call:nova.api.auth:pipeline_factory_v21
keystone = sizelimit authtoken keystonecontext {aggext} app_v21
[filter:sizelimit]
use = egg:nova-aggext#sizelimit
[filter:authtoken]
use = egg:nova-aggext#authtoken
[filter:keystonecontext]
paste.filter_factory = nova.api.auth:NovaKeystoneContext.factory
[app:app_v21]
paste.app_factory = nova.api.openstack.compute:APIRouterV21.factory
[filter:aggext]
use = egg:nova-aggext#aggregates
"""


class CommandTest(base.TestCase):
    """Runs commands on one configuration file."""

    conf_file: str

    def manage(self, *arguments: str, status: int = 0) -> commands.Ended:
        """Run nova-aggext-manage, which must end with a status."""
        return self._run(manage.main, arguments, status)

    def status(self, *arguments: str, status: int = 0) -> commands.Ended:
        """Run nova-aggext-status, which must end with a status."""
        return self._run(status_command.main, arguments, status)

    def _run(
        self, main: commands.Main, arguments: tuple[str, ...], status: int
    ) -> commands.Ended:
        done = commands.run(main, '--config-file', self.conf_file, *arguments)
        self.assertEqual(status, done.status, done.err)
        self.assertNotIn('Traceback', done.err)
        return done

    def refused(self, *arguments: str) -> str:
        """Run nova-aggext-manage in vain and give the line it prints."""
        done = self.manage(*arguments, status=1)
        self.assertEqual('', done.out)
        (line,) = done.err.splitlines()
        self.assertTrue(line.startswith('nova-aggext-manage: '), line)
        return line


class LifeTest(CommandTest):
    """From an empty database on, on each kind."""

    scenarios = [(kind, {'kind': kind}) for kind in databases.KINDS]
    kind: str

    def setUp(self) -> None:
        super().setUp()
        self.db = self.useFixture(databases.Database(self.kind, synced=False))
        self.conf_file = self.db.conf_file

    def test_life(self) -> None:
        self._check_empty()
        self._check_sync()
        self._check_hosts()
        self._check_changes()

    def _check_empty(self) -> None:
        """It is told what is to be done first."""
        self.assertEqual('none\n', self.manage('db', 'version').out)
        checked = self.status('upgrade', 'check', status=2).out
        self.assertIn('db sync', checked)
        self.assertEqual(4, checked.count('Failure'))

    def _check_sync(self) -> None:
        self.assertEqual('', self.manage('db', 'sync').out)
        newest = f'{schema.newest()}\n'
        self.assertEqual(newest, self.manage('db', 'version').out)
        checked = self.status('upgrade', 'check').out
        self.assertEqual(checked.count('Check:'), checked.count('Success'))

    def _check_hosts(self) -> None:
        self.manage('host', 'add', 'c1', 'c2', '--instances', '3')
        self.manage('host', 'remove', 'c2')
        found = self.manage('host', 'list', '--format', 'json').json
        self.assertEqual([{'name': 'c1', 'instances': 3}], found)

    def _check_changes(self) -> None:
        """Two changes are listed, filtered, and forgotten when old."""
        self._change('', {'aggregate': {'name': 'rack1'}})
        self._change('/1/action', {'add_host': {'host': 'c1'}})
        created, added = self.changes()
        self.assertEqual('rack1', created['after']['name'])
        self.assertEqual('alice', created['user_id'])
        self.assertEqual('lab', created['project_id'])
        self.assertEqual({'hosts': ['c1']}, added['after'])
        self.assertEqual([added], self.changes('--host', 'c1'))
        self._check_times(created, added)

    def _check_times(self, created: Any, added: Any) -> None:
        """Make the first change an old one."""
        long_ago = sa.update(models.changes).values(
            changed_at=datetime.datetime(2001, 2, 3, 4, 5, 6)
        )
        sequence = models.changes.c.sequence
        statement = long_ago.where(sequence == created['sequence'])
        self.db.database.write(lambda session: session.execute(statement))
        created['changed_at'] = '2001-02-03T04:05:06.000000'
        since = '2001-02-03T06:05:06+02:00'
        self.assertEqual([created, added], self.changes('--since', since))
        since = '2001-02-03T06:05:07+02:00'
        self.assertEqual([added], self.changes('--since', since))
        self.manage('changes', 'purge')
        self.assertEqual([added], self.changes())

    def changes(self, *arguments: str) -> Any:
        """List changes."""
        done = self.manage('changes', 'list', '--format', 'json', *arguments)
        return done.json

    def _change(self, path: str, body: object) -> None:
        """Change something as Alice does."""
        request = webob.Request.blank(
            f'/v2.1/os-aggregates{path}',
            method='POST',
            headers={'X-User-Id': 'alice', 'X-Project-Id': 'lab'},
        )
        request.json = body
        answer = request.get_response(deploy.load([self.conf_file]))
        self.assertEqual(200, answer.status_code, answer.text)


class ProcessTest(base.TestCase):
    """The programs that are installed."""

    def test_processes(self) -> None:
        db = self.useFixture(databases.Database())
        conf = ('--config-file', db.conf_file)
        done = processes.run('nova-aggext-manage', *conf, 'db', 'version')
        self.assertEqual((f'{schema.newest()}\n', ''), (done.out, done.err))
        done = processes.run('nova-aggext-status', *conf, 'paste', 'look')
        self.assertEqual((2, ''), (done.status, done.out))
        for name in ('api', 'manage', 'relay', 'status'):
            done = processes.run(f'nova-aggext-{name}', '--version')
            told = f'nova-aggext-{name} {version.release()}\n'
            self.assertEqual(told, done.out)


class MistakeTest(CommandTest):
    """What goes wrong, whatever the database."""

    def setUp(self) -> None:
        super().setUp()
        self.folder = pathlib.Path(self.useFixture(fixtures.TempDir()).path)
        self.conf_file = str(self.folder / 'nova-aggext.conf')

    def configure(self, url: str) -> None:
        """Write the configuration."""
        text = databases.CONF.format(url=url)
        pathlib.Path(self.conf_file).write_text(f'{text}max_retries = 0\n')

    def test_no_configuration(self) -> None:
        self.assertIn(self.conf_file, self.refused('db', 'version'))

    def test_database_is_away(self) -> None:
        port = server.free_port()
        self.configure(f'mysql+pymysql://user:a-secret@127.0.0.1:{port}/nova')
        line = self.refused('db', 'sync')
        self.assertIn('[api_database] connection', line)
        self.assertNotIn('a-secret', line)
        checked = self.status('upgrade', 'check', status=2)
        self.assertIn('[api_database] connection', checked.out)
        self.assertNotIn('a-secret', checked.out + checked.err)

    def test_no_tables(self) -> None:
        self.configure(f'sqlite:///{self.folder}/aggext.sqlite')
        self.assertIn('db sync', self.refused('host', 'list'))

    def test_usage(self) -> None:
        self.configure('sqlite://')
        done = self.manage('host', 'add', 'c1', '--instances=-1', status=2)
        self.assertEqual('', done.out)
        self.assertIn('usage: nova-aggext-manage', done.err)
        self.assertIn('--instances', done.err)
        done = self.status('paste', status=2)
        self.assertIn('usage: nova-aggext-status', done.err)


class StatusTest(CommandTest):
    """nova-aggext-status."""

    def setUp(self) -> None:
        super().setUp()
        self.db = self.useFixture(databases.Database())
        self.conf_file = self.db.conf_file

    def paste(self, aggext: str) -> str:
        """Write a paste file of a Nova and give its path."""
        folder = self.useFixture(fixtures.TempDir()).path
        path = pathlib.Path(folder) / 'api-paste.ini'
        path.write_text(PASTE.format(aggext=aggext))
        return str(path)

    def test_loaded_filter(self) -> None:
        path = self.paste('aggext')
        done = self.status('paste', 'check', path, '--format', 'json')
        self.assertEqual(
            [
                {
                    'pipeline': 'composite:openstack_compute_api_v21 keystone',
                    'filter': 'loaded',
                }
            ],
            done.json,
        )

    def test_missing_filter(self) -> None:
        path = self.paste('')
        done = self.status('paste', 'check', path, status=1)
        self.assertIn('| not loaded |', done.out)

    def test_file_that_is_none(self) -> None:
        done = self.status('paste', 'check', '/nonexistent', status=1)
        (line,) = done.err.splitlines()
        self.assertIn('nova-aggext-status: /nonexistent', line)

    def test_everything_wrong_is_told(self) -> None:
        """An inventory of a Nova that is none, and a policy."""
        policy = pathlib.Path(self.conf_file).parent / 'policy.yaml'
        policy.write_text('"nonsense": [unclosed\n')
        with open(self.conf_file, 'a') as conf_file:
            conf_file.write(
                '[aggext]\nhosts = nova_cells\n'
                f'[oslo_policy]\npolicy_file = {policy}\n'
            )
        checked = self.status('upgrade', 'check', status=2).out
        self.assertEqual(7, checked.count('Success'))
        self.assertEqual(2, checked.count('Failure'))
        self.assertIn('cell_mappings', checked)
