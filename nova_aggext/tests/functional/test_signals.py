# SPDX-License-Identifier: Apache-2.0
"""The signals of ``nova-aggext-relay`` and ``nova-aggext-api``."""

import pathlib
import signal
import subprocess
import sys
import time
import urllib.request

import fixtures

from nova_aggext.tests import base
from nova_aggext.tests.functional import databases
from nova_aggext.tests.functional import server

PATIENCE = 120
FOLDER = pathlib.Path(sys.executable).parent
SECRETS = """
[DEFAULT]
transport_url = fake://somebody:hidden1@nowhere/
[database]
connection = mysql+pymysql://somebody:hidden2@127.0.0.1:9/cell
"""
_DIRECT = urllib.request.build_opener(urllib.request.ProxyHandler({}))
READ_ANEW = 'The configuration was read anew'


class Process(base.TestCase):
    """A process of a command, on a database of SQLite."""

    def start(self, program: str, *arguments: str) -> None:
        """Start it."""
        made = self.useFixture(databases.Database())
        self.conf_file = pathlib.Path(made.conf_file)
        with self.conf_file.open('a') as conf_file:
            conf_file.write(SECRETS)
        folder = self.useFixture(fixtures.TempDir()).path
        self.log_file = pathlib.Path(folder) / 'relay.log'
        with self.log_file.open('wb') as log:
            self.process = subprocess.Popen(
                [
                    FOLDER / program,
                    '--config-file',
                    self.conf_file,
                    *arguments,
                ],
                stdout=log,
                stderr=log,
            )
        self.addCleanup(self.process.wait, PATIENCE)
        self.addCleanup(self.process.kill)

    def wait_for(self, text: str) -> None:
        """Wait until something is printed."""
        until = time.monotonic() + PATIENCE
        while text not in self.log_file.read_text():
            self.assertIsNone(self.process.poll(), self.log_file.read_text())
            self.assertTrue(time.monotonic() < until, text)
            time.sleep(0.05)

    def wait_for_report(self) -> None:
        """Wait until a whole report is printed; check it."""
        self.wait_for('api_paste_config')
        text = self.log_file.read_text()
        for title in (
            'Package',
            'Process',
            'Threads',
            'Pools',
            'Relays',
            'Database',
            'Configuration',
        ):
            self.assertRegex(text, rf'====\s+{title}\s+====')
        for line in (
            'aggext_database_up = True',
            'aggext_outbox_messages = 0',
            'waits for = nobody',
            'aggext-relay-aggregate = 1',
            'connection = ***',
        ):
            self.assertIn(line, text)
        self.assertNotIn('hidden', text)


class RelayTest(Process):
    """A relay with nothing to tell."""

    def setUp(self) -> None:
        super().setUp()
        self.start('nova-aggext-relay')

    def test_life(self) -> None:
        """It lives on; its configuration is read anew, if that is right."""
        self.wait_for('delivers')
        self.process.send_signal(signal.SIGUSR2)
        self.wait_for('most recent call first')
        self.wait_for_report()
        self.process.send_signal(signal.SIGHUP)
        self.wait_for(READ_ANEW)
        with self.conf_file.open('a') as conf_file:
            conf_file.write('[aggext]\nhosts = nobody\n')
        self.process.send_signal(signal.SIGHUP)
        self.wait_for('The configuration stays as it was')
        self.assertNotIn('Traceback', self.log_file.read_text())
        self.process.send_signal(signal.SIGTERM)
        self.assertEqual(0, self.process.wait(PATIENCE))


class ServerTest(Process):
    """A server that answers requests."""

    def test_report(self) -> None:
        """It says what it is doing, and goes on."""
        port = server.free_port()
        self.start('nova-aggext-api', '--port', str(port))
        self.wait_for('serves')
        url = f'http://127.0.0.1:{port}/v2.1/os-aggregates'
        with _DIRECT.open(url, timeout=PATIENCE) as answer:
            self.assertEqual(200, answer.status)
        self.process.send_signal(signal.SIGUSR2)
        self.wait_for('most recent call first')
        self.wait_for_report()
        with _DIRECT.open(url, timeout=PATIENCE) as answer:
            self.assertEqual(200, answer.status)
        self.process.send_signal(signal.SIGTERM)
        self.assertEqual(0, self.process.wait(PATIENCE))
