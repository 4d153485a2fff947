# SPDX-License-Identifier: Apache-2.0
"""``nova-aggext-relay`` as a process: it delivers what others stored."""

import os
import pathlib
import signal
import subprocess
import sys
import time
import urllib.error
import urllib.request

import fixtures

from nova_aggext import version
from nova_aggext.tests.delivery import base
from nova_aggext.tests.delivery import broker
from nova_aggext.tests.delivery import tap
from nova_aggext.tests.functional import commands
from nova_aggext.tests.functional import server

SECONDS = 60
_DIRECT = urllib.request.build_opener(urllib.request.ProxyHandler({}))

# The server itself delivers nothing.
STORING = '[aggext_outbox]\nrelay = false\n'


class RelayTest(base.DeliveryTest):
    """A server that only stores, and a relay beside it."""

    def setUp(self) -> None:
        super().setUp()
        self.bus = self.useFixture(broker.VirtualHost())
        self.tap = self.useFixture(tap.Tap(self.bus.amqp))
        self.server = self.useFixture(
            server.Server(
                options=base.OPTIONS.format(url=self.bus.url) + STORING
            )
        )

    def start(self, *arguments: str) -> subprocess.Popen[bytes]:
        """Start a relay."""
        program = os.path.join(
            os.path.dirname(sys.executable), 'nova-aggext-relay'
        )
        folder = self.useFixture(fixtures.TempDir()).path
        self.log_file = pathlib.Path(folder) / 'relay.log'
        with self.log_file.open('wb') as log:
            process = subprocess.Popen(
                [program, '--config-file', self.server.conf_file, *arguments],
                stdout=log,
                stderr=log,
            )
        self.addCleanup(process.wait, SECONDS)
        self.addCleanup(process.kill)
        return process

    def create(self) -> None:
        """Make an aggregate, of which five things have to be told."""
        asked = urllib.request.Request(
            f'{self.server.url}/v2.1/os-aggregates',
            b'{"aggregate": {"name": "a"}}',
            {'Content-Type': 'application/json'},
        )
        _DIRECT.open(asked, timeout=SECONDS).close()

    def scraped(self, port: int) -> str:
        """Give the metrics of a relay, as soon as it shows some."""
        deadline = time.monotonic() + SECONDS
        while True:
            try:
                url = f'http://127.0.0.1:{port}/metrics'
                with _DIRECT.open(url, timeout=SECONDS) as answer:
                    return str(answer.read().decode())
            except urllib.error.URLError:
                if time.monotonic() > deadline:
                    raise
                time.sleep(0.1)

    def waiting(self) -> int:
        """Give how many messages wait."""
        ended = commands.run(
            'nova-aggext-manage',
            '--config-file',
            self.server.conf_file,
            'outbox',
            'list',
            '--format',
            'json',
        )
        self.assertEqual(0, ended.status, ended.err)
        return len(ended.json())

    def test_life(self) -> None:
        """It tells what waits, shows that, and ends when it is told to."""
        self.create()
        stored = self.waiting()
        self.assertEqual(5, stored)
        self.assertEqual([], self.tap.take())
        port = server.free_port()
        process = self.start('--metrics-port', str(port))
        deadline = time.monotonic() + SECONDS
        while self.waiting() and time.monotonic() < deadline:
            time.sleep(0.1)
        self.assertEqual(stored, len(self.tap.take()))
        metrics = self.scraped(port)
        self.assertIn('aggext_outbox_messages 0.0', metrics)
        self.assertIn('aggext_outbox_told_total{kind="legacy"} 2.0', metrics)
        process.send_signal(signal.SIGTERM)
        self.assertEqual(0, process.wait(SECONDS))
        self.assertIn(
            f'nova-aggext-relay {version.release()} delivers; '
            f'metrics: http://127.0.0.1:{port}',
            self.log_file.read_text(),
        )

    def test_mistake(self) -> None:
        """What keeps it from starting is told in one line."""
        ended = commands.run(
            'nova-aggext-relay', '--config-file', '/nowhere/at.all'
        )
        self.assertEqual(1, ended.status)
        self.assertEqual(1, ended.err.count('\n'), ended.err)
