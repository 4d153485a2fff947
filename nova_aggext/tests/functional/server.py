# SPDX-License-Identifier: Apache-2.0
"""The standalone server as a process of its own."""

import http.client
import os
import pathlib
import signal
import socket
import subprocess
import sys
import time

import fixtures

from nova_aggext.hosts import registered
from nova_aggext.tests.functional import databases

HOSTS = ('host1', 'host2', 'host3', 'host4')
# Seconds until a server must answer, or be gone.
PATIENCE = 60


class Server(fixtures.Fixture):
    """A server on a database, with host1 to host4 registered.

    :ivar url: where it serves, without a trailing slash
    :ivar conf_file: its configuration
    :ivar process: the process, to be sent signals
    """

    def __init__(
        self,
        kind: str = 'sqlite',
        *,
        command: list[str] | None = None,
        options: str = '',
        conf_file: str | None = None,
        folder: str | None = None,
    ) -> None:
        """Take what differs from the default.

        :param command: the command to start, ``{port}`` being filled in
        :param options: text added to the configuration file
        :param conf_file: the configuration of a database that is there
            already, with its hosts; no other is made then
        :param folder: the working directory of the process
        """
        super().__init__()
        self.options = options
        self.given = conf_file
        self.kind = kind
        self.command = command
        self.folder = folder

    def _setUp(self) -> None:
        self.conf_file = self.given or self._make_database()
        with open(self.conf_file, 'a') as conf_file:
            conf_file.write(self.options)
        self.port = free_port()
        self.url = f'http://127.0.0.1:{self.port}'
        folder = self.useFixture(fixtures.TempDir()).path
        self.log = pathlib.Path(folder) / 'server.log'
        self.start()
        self.addCleanup(self.stop)

    def _make_database(self) -> str:
        self.db = self.useFixture(databases.Database(self.kind))
        self.inventory = registered.RegisteredHosts(
            self.db.conf, self.db.database
        )
        self.inventory.add_host(*HOSTS)
        return self.db.conf_file

    def start(self) -> None:
        """Start the process and wait until it answers."""
        default = [
            os.path.join(os.path.dirname(sys.executable), 'nova-aggext-api'),
            '--config-file',
            self.conf_file,
            '--port',
            str(self.port),
        ]
        environ = {
            **os.environ,
            'OS_NOVA_AGGEXT_CONFIG_FILES': self.conf_file,
        }
        command = [
            part.format(port=self.port) for part in self.command or default
        ]
        with self.log.open('ab') as log:
            self.process = subprocess.Popen(
                command,
                stdout=log,
                stderr=log,
                env=environ,
                cwd=self.folder,
            )
        wait_for(self.port, self.process, self.log)

    def stop(self) -> int:
        """Stop the process as an operator does, and give its status."""
        self.process.send_signal(signal.SIGTERM)
        try:
            return self.process.wait(PATIENCE)
        except subprocess.TimeoutExpired:
            self.process.kill()
            self.process.wait()
            raise


def free_port() -> int:
    """Find a port of the loopback address that nobody listens on."""
    with socket.socket() as probe:
        probe.bind(('127.0.0.1', 0))
        port: int = probe.getsockname()[1]
        return port


def wait_for(
    port: int, process: subprocess.Popen[bytes], log: pathlib.Path
) -> None:
    """Wait until a process answers HTTP on a port.

    :raises RuntimeError: with its log, when it ends or takes too long
    """
    deadline = time.monotonic() + PATIENCE
    while time.monotonic() < deadline and process.poll() is None:
        connection = http.client.HTTPConnection('127.0.0.1', port, timeout=5)
        try:
            connection.request('GET', '/')
            connection.getresponse().read()
            return
        except (OSError, http.client.HTTPException):
            time.sleep(0.05)
        finally:
            connection.close()
    process.kill()
    process.wait()
    raise RuntimeError(f'The server did not answer:\n{log.read_text()}')
