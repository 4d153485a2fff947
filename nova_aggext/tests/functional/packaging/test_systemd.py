# SPDX-License-Identifier: Apache-2.0
"""The units: that they are right, how far they confine, and that it works."""

import os
import pathlib
import re
import socket
import subprocess
import sys

import fixtures

from nova_aggext.tests import base
from nova_aggext.tests.functional import server
from nova_aggext.tests.functional import test_server
from nova_aggext.tests.functional.packaging import samples

BIN = pathlib.Path(sys.executable).parent
UNITS = ('nova-aggext-api', 'nova-aggext-relay')
USER = 'nova-aggext'
# Of 100; what systemd calls OK begins below 50.
EXPOSURE = 15
SECONDS = 60


class UnitTest(base.TestCase):
    """Each unit, as ``systemd-analyze`` judges it."""

    def setUp(self) -> None:
        super().setUp()
        samples.need('systemd-analyze')
        self.folder = pathlib.Path(self.useFixture(fixtures.TempDir()).path)

    def analyze(self, *arguments: str | pathlib.Path) -> str:
        """Run it, and give what it says; fail when it finds something."""
        done = subprocess.run(
            ['systemd-analyze', '--no-pager', *arguments],
            capture_output=True,
            text=True,
            timeout=SECONDS,
        )
        self.assertEqual(0, done.returncode, done.stdout + done.stderr)
        return done.stdout + done.stderr

    def test_right(self) -> None:
        """It has no option that systemd does not know."""
        for name in UNITS:
            unit = samples.place(
                f'systemd/{name}.service',
                self.folder,
                {'/usr/bin/': f'{BIN}/'},
            )
            said = self.analyze(
                '--man=no', '--recursive-errors=no', 'verify', unit
            )
            self.assertEqual('', said)

    def test_exposure(self) -> None:
        for name in UNITS:
            self.analyze(
                '--offline=yes',
                f'--threshold={EXPOSURE}',
                'security',
                samples.ETC / f'systemd/{name}.service',
            )


class SandboxTest(base.TestCase):
    """Each command, with the system calls that its unit allows."""

    def start(self, name: str, port: str, path: str) -> server.Server:
        """Start one, and ask it something."""
        samples.need('systemd-analyze')
        sandbox = pathlib.Path(__file__).with_name('sandbox.py')
        unit = samples.ETC / f'systemd/{name}.service'
        served = self.useFixture(
            server.Server(
                'mysql',
                command=[
                    sys.executable,
                    str(sandbox),
                    str(unit),
                    str(BIN / name),
                    port,
                ],
            )
        )
        answer = test_server.ask(served.port, 'GET', path)
        self.assertEqual(200, answer.status, answer.body.decode())
        status = pathlib.Path(f'/proc/{served.process.pid}/status')
        self.assertRegex(status.read_text(), r'\nSeccomp:\s+2\n')
        return served

    def test_api(self) -> None:
        served = self.start(UNITS[0], '--port={port}', test_server.AGGREGATES)
        answer = test_server.ask(
            served.port,
            'POST',
            test_server.AGGREGATES,
            test_server.named('confined'),
        )
        self.assertEqual(200, answer.status, answer.body.decode())
        self.assertEqual(0, served.stop())

    def test_relay(self) -> None:
        served = self.start(UNITS[1], '--metrics-port={port}', '/metrics')
        self.assertEqual(0, served.stop())


class NotifyTest(base.TestCase):
    """What ``Type=notify`` waits for."""

    def check(self, program: str, option: str) -> None:
        """Start a command, and wait for its word."""
        folder = pathlib.Path(self.useFixture(fixtures.TempDir()).path)
        address = str(folder / 'notify')
        listener = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
        self.addCleanup(listener.close)
        listener.bind(address)
        listener.settimeout(SECONDS)
        self.useFixture(fixtures.EnvironmentVariable('NOTIFY_SOCKET', address))
        served = self.useFixture(
            server.Server(command=[str(BIN / program), option])
        )
        ready, status = listener.recv(4096).decode().split('\n')
        self.assertEqual('READY=1', ready)
        self.assertIn(f'http://127.0.0.1:{served.port}', status)

    def test_api(self) -> None:
        self.check(UNITS[0], '--port={port}')

    def test_relay(self) -> None:
        self.check(UNITS[1], '--metrics-port={port}')


class AroundTest(base.TestCase):
    """Users, directories and logs."""

    def setUp(self) -> None:
        super().setUp()
        self.root = pathlib.Path(self.useFixture(fixtures.TempDir()).path)

    def test_user_and_directories(self) -> None:
        samples.need('systemd-sysusers', 'systemd-tmpfiles')
        if os.getuid():
            self.skipTest('directories of another user are made by root')
        self.root.joinpath('etc').mkdir()
        for program, *options in (
            ('systemd-sysusers',),
            ('systemd-tmpfiles', '--create'),
        ):
            kind = program.removeprefix('systemd-') + '.d'
            folder = self.root / 'usr/lib' / kind
            folder.mkdir(parents=True)
            samples.place(f'{kind}/nova-aggext.conf', folder, {})
            subprocess.run(
                [program, f'--root={self.root}', *options, 'nova-aggext.conf'],
                check=True,
                capture_output=True,
                timeout=SECONDS,
            )
        users = (self.root / 'etc/passwd').read_text()
        (user,) = re.findall(rf'^{USER}:x:(\d+):', users, re.MULTILINE)
        for name in ('var/lib/nova-aggext', 'var/log/nova-aggext'):
            found = (self.root / name).stat()
            self.assertEqual((user, 0o750), _owned(found))
        metrics = (self.root / 'run/nova-aggext/metrics').stat()
        self.assertEqual((user, 0o750), _owned(metrics))

    def test_logs(self) -> None:
        """A log is rotated under a process that keeps it open."""
        samples.need('logrotate')
        log = self.root / 'api.log'
        conf = samples.place(
            'logrotate.d/nova-aggext',
            self.root,
            {
                '/var/log/nova-aggext': str(self.root),
                'su nova-aggext nova-': '#',
            },
        )
        with log.open('a') as writer:
            for text in ('first', 'second'):
                writer.write(text)
                writer.flush()
                self.rotate(conf)
        self.assertEqual('', log.read_text())
        self.assertEqual('second', self.root.joinpath('api.log.1').read_text())
        self.assertTrue(self.root.joinpath('api.log.2.gz').exists())

    def rotate(self, conf: pathlib.Path) -> None:
        """Rotate whatever is there, though it is not due."""
        conf.chmod(0o644)
        program = samples.find('logrotate')
        assert program is not None
        subprocess.run(
            [program, '--force', f'--state={self.root}/state', conf],
            check=True,
            capture_output=True,
            timeout=SECONDS,
        )


def _owned(found: os.stat_result) -> tuple[str, int]:
    return str(found.st_uid), found.st_mode & 0o777
