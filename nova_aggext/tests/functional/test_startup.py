# SPDX-License-Identifier: Apache-2.0
"""A server that cannot start says why, in one line."""

import os
import pathlib
import socket

import fixtures

from nova_aggext.tests import base
from nova_aggext.tests.functional import commands
from nova_aggext.tests.functional import databases
from nova_aggext.tests.functional import server

PASSWORD = 'a-secret'


class StartupTest(base.TestCase):
    """Everything that an operator can get wrong before the first start."""

    def setUp(self) -> None:
        super().setUp()
        self.folder = pathlib.Path(self.useFixture(fixtures.TempDir()).path)

    def refused(self, *arguments: str, status: int = 1) -> str:
        """Start the server in vain and give the line that it prints."""
        done = commands.run('nova-aggext-api', *arguments)
        self.assertEqual(status, done.status, done.err)
        self.assertEqual('', done.out)
        self.assertNotIn('Traceback', done.err)
        self.assertNotIn(PASSWORD, done.err)
        (line,) = done.err.splitlines()
        self.assertTrue(line.startswith('nova-aggext-api: '), line)
        return line

    def configured(self, *, url: str = '', hosts: str = 'registered') -> str:
        """Write a configuration file and give its path."""
        text = databases.CONF.format(url=url)
        path = self.folder / 'nova-aggext.conf'
        path.write_text(f'{text}max_retries = 0\n[aggext]\nhosts = {hosts}\n')
        return str(path)

    def refused_database(self, url: str) -> str:
        """Start on a database in vain."""
        line = self.refused('--config-file', self.configured(url=url))
        self.assertIn('[api_database] connection', line)
        return line

    def test_tables_are_missing(self) -> None:
        db = self.useFixture(databases.Database('mysql', synced=False))
        line = self.refused('--config-file', db.conf_file)
        self.assertIn('nova-aggext-manage db sync', line)

    def test_no_database_is_configured(self) -> None:
        self.refused_database('')

    def test_no_url(self) -> None:
        self.refused_database(f'{PASSWORD}-nonsense')

    def test_no_driver(self) -> None:
        self.refused_database(f'mysql+nonsense://user:{PASSWORD}@127.0.0.1/n')

    def test_database_is_away(self) -> None:
        port = server.free_port()
        for driver in ('mysql+pymysql', 'postgresql+psycopg2'):
            self.refused_database(
                f'{driver}://user:{PASSWORD}@127.0.0.1:{port}/nova_api'
            )

    def test_unknown_inventory(self) -> None:
        db = self.useFixture(databases.Database())
        conf_file = self.configured(url=db.url, hosts='nonsense')
        line = self.refused('--config-file', conf_file)
        self.assertIn("'nonsense'", line)
        self.assertIn('[aggext] hosts', line)

    def test_port_in_use(self) -> None:
        conf_file = self.useFixture(databases.Database()).conf_file
        with socket.create_server(('127.0.0.1', 0)) as listener:
            port = str(listener.getsockname()[1])
            line = self.refused('--config-file', conf_file, '--port', port)
        self.assertIn(f'127.0.0.1:{port}', line)
        self.assertIn('in use', line)

    def test_unreadable_configuration(self) -> None:
        """Nothing there, a folder, no text, no configuration."""
        binary = self.folder / 'binary.conf'
        binary.write_bytes(b'[api]\n\xff\xfe = \x00\n')
        prose = self.folder / 'prose.conf'
        prose.write_text('Once upon a time')
        missing = self.folder / 'missing.conf'
        for path in (missing, self.folder, binary, prose):
            line = self.refused('--config-file', str(path))
            self.assertIn(str(path), line)

    def test_forbidden_configuration(self) -> None:
        if os.geteuid() == 0:
            self.skipTest('root may read everything')
        path = pathlib.Path(self.configured())
        path.chmod(0)
        line = self.refused('--config-file', str(path))
        self.assertIn(str(path), line)

    def test_wrong_value(self) -> None:
        path = self.folder / 'nova-aggext.conf'
        path.write_text('[api]\nauth_strategy = nonsense\n')
        line = self.refused('--config-file', str(path))
        self.assertIn('auth_strategy', line)
        self.assertIn('nonsense', line)

    def test_no_paste_file(self) -> None:
        path = pathlib.Path(self.configured())
        with path.open('a') as conf_file:
            conf_file.write('[wsgi]\napi_paste_config = nonsense.ini\n')
        line = self.refused('--config-file', str(path))
        self.assertIn('nonsense.ini', line)

    def test_lab_is_for_loopback_only(self) -> None:
        line = self.refused('--dev', '--host', '0.0.0.0', status=2)
        self.assertIn('loopback', line)

    def test_usage(self) -> None:
        for port in ('nonsense', '65536'):
            self.check_usage('--port', port)

    def check_usage(self, *arguments: str) -> None:
        """See that these arguments are wrong usage."""
        done = commands.run('nova-aggext-api', *arguments)
        self.assertEqual((2, ''), (done.status, done.out))
        self.assertIn('--port', done.err)
