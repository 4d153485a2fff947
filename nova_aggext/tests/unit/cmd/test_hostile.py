# SPDX-License-Identifier: Apache-2.0
"""No command answers with a traceback, whatever it is called with."""

import os
import pathlib
import socket

import fixtures

from nova_aggext.cmd import api
from nova_aggext.cmd import manage
from nova_aggext.cmd import relay
from nova_aggext.cmd import status
from nova_aggext.db import migration
from nova_aggext.tests.functional import databases
from nova_aggext.tests.unit.cmd import commands
from nova_aggext.tests.unit.cmd import hostile

MAINS = (api.main, manage.main, relay.main, status.main)
# What each of them does without wrong arguments.
RIGHT = {manage.main: ('host', 'list'), status.main: ('paste', 'check')}


class ManageTest(hostile.Endings, commands.CommandTestCase):
    """nova-aggext-manage, as far as arguments go."""

    def setUp(self) -> None:
        super().setUp()
        self.conf = ('--config-file', self.db.conf_file)

    def test_usage(self) -> None:
        for arguments in hostile.MANAGE:
            self.assert_usage(manage.main, (*self.conf, *arguments))


class StatusTest(hostile.Endings, commands.CommandTestCase):
    """nova-aggext-status, as far as arguments go."""

    def test_usage(self) -> None:
        conf = ('--config-file', self.db.conf_file)
        for arguments in hostile.STATUS:
            self.assert_usage(status.main, (*conf, *arguments))

    def test_files(self) -> None:
        conf = ('--config-file', self.db.conf_file)
        for name in hostile.PASTE_FILES:
            self.assert_refused(status.main, (*conf, 'paste', 'check', name))


class ServersTest(hostile.Endings):
    """nova-aggext-api and nova-aggext-relay."""

    def setUp(self) -> None:
        super().setUp()
        self.db = self.useFixture(databases.Database())
        self.conf = ('--config-file', self.db.conf_file)

    def test_numbers(self) -> None:
        wrong = (*hostile.NUMBERS, '0')
        for text in wrong:
            for option in ('--threads', '--port'):
                self.assert_usage(api.main, (*self.conf, option, text))
            arguments = ('--metrics-port', text)
            self.assert_usage(relay.main, (*self.conf, *arguments))
        for text in ('65536', '99999'):
            self.assert_usage(api.main, ('--port', text))
            self.assert_usage(relay.main, ('--metrics-port', text))

    def test_addresses(self) -> None:
        for host in ('::1::', 'no host', '.', 'h' * 255, '192.0.2.1'):
            self.assert_refused(api.main, (*self.conf, '--host', host))
            metrics = ('--metrics-port', '8999', '--metrics-host', host)
            self.assert_refused(relay.main, (*self.conf, *metrics))

    def test_names(self) -> None:
        for host in ('h' * 300, '\udcff', ''):
            self.assert_usage(api.main, ('--host', host))
            self.assert_usage(relay.main, ('--metrics-host', host))

    def test_ports_in_use(self) -> None:
        with socket.create_server(('127.0.0.1', 0)) as taken:
            port = str(taken.getsockname()[1])
            self.assert_refused(api.main, (*self.conf, '--port', port))
            self.assert_refused(
                relay.main, (*self.conf, '--metrics-port', port)
            )


class ConfigurationTest(hostile.Endings):
    """Files that are none, of every command."""

    def setUp(self) -> None:
        super().setUp()
        self.folder = pathlib.Path(self.useFixture(fixtures.TempDir()).path)
        self.addCleanup(os.chdir, os.getcwd())
        os.chdir(self.folder)

    def test_files(self) -> None:
        broken = self.folder / 'broken.conf'
        broken.write_text('no [section\n')
        binary = self.folder / 'binary.conf'
        binary.write_bytes(bytes(range(256)))
        names = ('/nowhere', '', '\udcff', str(self.folder))
        for name in (*names, str(broken), str(binary)):
            self._refused('--config-file', name)

    def test_lab_where_none_can_be(self) -> None:
        (self.folder / 'nova-aggext-dev').touch()
        self._refused('--dev')

    def test_lab_that_is_none(self) -> None:
        (self.folder / 'nova-aggext-dev/nova-aggext.sqlite').mkdir(
            parents=True
        )
        self._refused('--dev')

    def test_lab_in_no_folder(self) -> None:
        gone = self.folder / 'gone'
        gone.mkdir()
        os.chdir(gone)
        gone.rmdir()
        self._refused('--dev')

    def test_log_where_none_can_be(self) -> None:
        conf_file = self.folder / 'lab.conf'
        url = f'sqlite:///{self.folder}/lab.sqlite'
        conf_file.write_text(databases.CONF.format(url=url))
        for main in (api.main, relay.main):
            for option in ('--log-file', '--log-config-append'):
                arguments = ('--config-file', str(conf_file), option)
                self.assert_refused(main, (*arguments, '/nowhere/at/all'))

    def _refused(self, *arguments: str) -> None:
        for main in MAINS:
            self.assert_refused(main, (*arguments, *RIGHT.get(main, ())))


class InVainTest(hostile.Endings):
    """What is right as usage, on SQLite."""

    def test_refused(self) -> None:
        db = self.useFixture(databases.Database(synced=False))
        migration.sync(db.database)
        for arguments in hostile.IN_VAIN:
            conf = ('--config-file', db.conf_file)
            self.assert_refused(manage.main, (*conf, *arguments))
