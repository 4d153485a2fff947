# SPDX-License-Identifier: Apache-2.0
"""The rights of the database user that the security page grants.

The statements of the page are run as they stand there, but for names.
"""

import contextlib
import pathlib
import time
import uuid
from collections.abc import Iterator

import sqlalchemy as sa
import testscenarios

from nova_aggext.cmd import manage
from nova_aggext.db import models
from nova_aggext.tests import base
from nova_aggext.tests.functional import databases
from nova_aggext.tests.functional import server
from nova_aggext.tests.functional import test_server
from nova_aggext.tests.functional.packaging import novas
from nova_aggext.tests.functional.packaging import rights
from nova_aggext.tests.unit.cmd import commands

load_tests = testscenarios.load_tests_apply_scenarios

CHANGES = '/v2.1/os-aggext/changes'
PATIENCE = 60


class RightsTest(base.TestCase):
    """Everything that the API, the relay and the commands do."""

    scenarios = [(kind, {'kind': kind}) for kind in databases.SERVERS]
    kind: str

    def setUp(self) -> None:
        super().setUp()
        self.nova = self.useFixture(novas.Nova(self.kind))
        self.login = novas.Login(f'aggext_{uuid.uuid4().hex[:12]}', 'a-secret')
        self.make_user()
        self.conf_file = self.nova.configure(self.login)

    def names(self) -> dict[str, str]:
        """Give what stands for each name of the page."""
        api, cell = self.nova.api.url, self.nova.cell.url
        return {
            'nova_api': str(sa.make_url(api).database),
            'nova_cell1': str(sa.make_url(cell).database),
            '192.0.2.%': '127.0.0.1',
            "'aggext'": f"'{self.login.user}'",
            ' aggext ': f' {self.login.user} ',
            'TO aggext': f'TO {self.login.user}',
            'SECRET': self.login.password,
        }

    def make_user(self) -> None:
        """Do what the page says, as the administrator of the server."""
        where = 'nova_api'
        for statement in rights.statements(self.kind):
            if named := rights.place(statement):
                where = named
                continue
            for before, after in self.names().items():
                statement = statement.replace(before, after)
            database = self.nova.api if where == 'nova_api' else self.nova.cell
            with self.admin(database.url) as connection:
                connection.exec_driver_sql(statement.replace('%', '%%'))
        self.addCleanup(self.drop_user)

    @contextlib.contextmanager
    def admin(self, url: str) -> Iterator[sa.Connection]:
        """Connect as the administrator."""
        engine = sa.create_engine(
            url, isolation_level='AUTOCOMMIT', poolclass=sa.NullPool
        )
        with engine.connect() as connection:
            yield connection

    def drop_user(self) -> None:
        if self.kind == 'mysql':
            with self.admin(self.nova.api.url) as connection:
                connection.exec_driver_sql(
                    f"DROP USER '{self.login.user}'@'127.0.0.1'"
                )
            return
        for database in (self.nova.api, self.nova.cell):
            with self.admin(database.url) as connection:
                connection.exec_driver_sql(f'DROP OWNED BY {self.login.user}')
        with self.admin(self.nova.api.url) as connection:
            connection.exec_driver_sql(f'DROP ROLE {self.login.user}')

    def test_they_suffice(self) -> None:
        served = self.useFixture(server.Server(conf_file=self.conf_file))
        self.port = served.port
        self.use_api_of_nova()
        self.use_own_api()
        self.assertEqual(0, served.stop())
        self.assertNotIn('denied', served.log.read_text())
        self.deliver()
        self.use_commands()

    def ask(self, method: str, path: str, body: object, status: int) -> object:
        """Send a request that must be answered with a status."""
        answer = test_server.ask(self.port, method, path, body)
        self.assertEqual(status, answer.status, answer.body.decode())
        return answer.json() if answer.body else None

    def use_api_of_nova(self) -> None:
        """One aggregate, from its beginning to its end."""
        path = test_server.AGGREGATES
        zoned = {'aggregate': {'name': 'a', 'availability_zone': 'z'}}
        self.ask('POST', path, zoned, 200)
        one = f'{path}/1'
        self.ask('GET', path, None, 200)
        for action in (
            {'add_host': {'host': 'host1'}},
            {'set_metadata': {'metadata': {'key': 'value'}}},
            {'set_metadata': {'metadata': {'key': 'other'}}},
            {'set_metadata': {'metadata': {'key': None}}},
        ):
            self.ask('POST', f'{one}/action', action, 200)
        self.ask('PUT', one, {'aggregate': {'name': 'b'}}, 200)
        removal = {'remove_host': {'host': 'host1'}}
        self.ask('POST', f'{one}/action', removal, 200)
        self.ask('DELETE', one, None, 200)

    def use_own_api(self) -> None:
        """A change of many, its plan, the feed, and the way back."""
        effects = [
            {
                'op': 'create',
                'name': name,
                'availability_zone': name,
                'metadata': {'set': {'key': 'value'}},
                'hosts': {'add': hosts},
            }
            for name, hosts in (
                ('east', ['host[1-2]']),
                ('west', ['host[3-4]']),
            )
        ]
        body = {'change': {'reason': 'rights', 'aggregates': effects}}
        self.ask('POST', f'{CHANGES}?dry_run=true', body, 200)
        made = self.ask('POST', CHANGES, body, 201)
        assert isinstance(made, dict)
        for path in ('', '/aggregates?name=east', '/hosts', '/changes'):
            self.ask('GET', f'/v2.1/os-aggext{path}', None, 200)
        self.use_managers()
        back = {'change': {'revert': made['change']['id']}}
        self.ask('POST', CHANGES, back, 201)

    def use_managers(self) -> None:
        """One that keeps an aggregate, changes its mind, and goes."""
        path = '/v2.1/os-aggext/managers/site'
        for metadata, status in (({'a': '1'}, 201), ({'a': '2'}, 200)):
            kept = {'name': 'kept', 'metadata': metadata}
            document = {'manager': {'aggregates': [kept]}}
            self.ask('PUT', path, document, status)
        self.ask('GET', path, None, 200)
        self.ask('DELETE', path, None, 204)

    def deliver(self) -> None:
        """A relay tells all that waits."""
        self.assertNotEqual(0, self.waiting())
        relay = self.useFixture(
            server.Server(
                command=[
                    str(pathlib.Path(test_server.BIN) / 'nova-aggext-relay'),
                    '--metrics-port={port}',
                ],
                conf_file=self.conf_file,
            )
        )
        deadline = time.monotonic() + PATIENCE
        while self.waiting():
            self.assertLess(time.monotonic(), deadline, relay.log.read_text())
            time.sleep(0.1)
        self.assertEqual(0, relay.stop())
        self.assertNotIn('denied', relay.log.read_text())

    def waiting(self) -> int:
        """Give how many messages wait."""
        count = sa.select(sa.func.count()).select_from(models.outbox)
        return int(self.nova.api.database.read(lambda s: s.scalar(count) or 0))

    def use_commands(self) -> None:
        """Those that need no terminal."""
        for words in (
            'audit',
            'changes list',
            'changes purge',
            'db version',
            'host add lab1',
            'host add lab1 --instances 2',
            'host list',
            'host remove lab1',
            'outbox list',
        ):
            done = commands.run(
                manage.main, '--config-file', self.conf_file, *words.split()
            )
            self.assertEqual(0, done.status, done.err + done.out)
