# SPDX-License-Identifier: Apache-2.0
"""Web servers with TLS in front of the application, as processes."""

import grp
import http.client
import os
import pathlib
import pwd
import signal
import socket
import ssl
import subprocess
import time
from collections.abc import Sequence

import fixtures

from nova_aggext.tests import base
from nova_aggext.tests.functional import server
from nova_aggext.tests.functional import test_server

HOST = '127.0.0.1'
# Whom no sample lets see the metrics.
STRANGER = '127.0.0.2'


class Certificate(fixtures.Fixture):
    """A certificate for this machine, signed by itself.

    :ivar crt: the certificate
    :ivar key: its key
    :ivar pem: both in one file
    """

    def _setUp(self) -> None:
        folder = pathlib.Path(self.useFixture(fixtures.TempDir()).path)
        self.crt = folder / 'test.crt'
        self.key = folder / 'test.key'
        self.pem = folder / 'test.pem'
        subprocess.run(
            [
                'openssl',
                *('req', '-x509', '-newkey', 'rsa:2048', '-nodes'),
                *('-keyout', str(self.key), '-out', str(self.crt)),
                *('-subj', '/CN=test'),
                *('-addext', f'subjectAltName=IP:{HOST}'),
            ],
            check=True,
            capture_output=True,
        )
        self.pem.write_text(self.crt.read_text() + self.key.read_text())


class Front(fixtures.Fixture):
    """A process that listens, until the test ends.

    :ivar process: the process
    """

    def __init__(
        self,
        command: Sequence[str | pathlib.Path],
        port: int,
        environ: dict[str, str],
        certificate: Certificate | None = None,
    ) -> None:
        """Take what is started, and where it listens.

        :param environ: variables that are added
        :param certificate: with what; without one it speaks plain HTTP
        """
        super().__init__()
        self.command = command
        self.port = port
        self.environ = environ
        self.certificate = certificate

    def _setUp(self) -> None:
        folder = self.useFixture(fixtures.TempDir()).path
        self.log = pathlib.Path(folder) / 'front.log'
        with self.log.open('wb') as log:
            self.process = subprocess.Popen(
                self.command,
                stdout=log,
                stderr=log,
                env={**os.environ, **self.environ},
            )
        self.addCleanup(self._stop)
        deadline = time.monotonic() + server.PATIENCE
        while not self._is_up():
            if self.process.poll() is not None or time.monotonic() > deadline:
                raise RuntimeError(f'It is not up:\n{self.log.read_text()}')
            time.sleep(0.1)

    def _is_up(self) -> bool:
        try:
            return self.ask('GET', '/healthcheck').status == 200
        except (OSError, http.client.HTTPException):
            return False

    def _stop(self) -> None:
        self.process.send_signal(signal.SIGTERM)
        try:
            self.process.wait(server.PATIENCE)
        finally:
            self.process.kill()
            self.process.wait()

    def connect(self, source: str = HOST) -> socket.socket:
        """Connect, as it is to be spoken to."""
        plain = socket.create_connection(
            (HOST, self.port), server.PATIENCE, (source, 0)
        )
        if self.certificate is None:
            return plain
        context = ssl.create_default_context(cafile=self.certificate.crt)
        return context.wrap_socket(plain, server_hostname=HOST)

    def ask(
        self, method: str, path: str, body: object = None, source: str = HOST
    ) -> test_server.Answer:
        """Send a request on a connection of its own."""
        connection = http.client.HTTPConnection(HOST, self.port)
        connection.sock = self.connect(source)
        try:
            return test_server.send(connection, method, path, body)
        finally:
            connection.close()


def user() -> str:
    """Give the name of who runs the tests."""
    return pwd.getpwuid(os.getuid()).pw_name


def group() -> str:
    """Give the name of their group."""
    return grp.getgrgid(os.getgid()).gr_name


def environment_of_debian(folder: pathlib.Path) -> pathlib.Path:
    """Make an environment of Debian's Python, with the packages of this one.

    Web servers of Debian have that Python inside.
    """
    made = folder / 'environment'
    subprocess.run(
        ['/usr/bin/python3', '-m', 'venv', '--without-pip', made],
        check=True,
        capture_output=True,
    )
    (packages,) = made.glob('lib/python3*/site-packages')
    ours = pathlib.Path(fixtures.__file__).parents[1]
    if ours.parent.name != packages.parent.name:
        base.missing('Python', f'{ours.parent.name} of Debian')
    packages.joinpath('tests.pth').write_text(
        f'import site; site.addsitedir({str(ours)!r})\n'
    )
    return made
