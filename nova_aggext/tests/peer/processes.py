# SPDX-License-Identifier: Apache-2.0
"""Server processes on loopback."""

from collections.abc import Mapping
import http.client
import pathlib
import signal
import subprocess
import time

import fixtures

from nova_aggext.tests.functional import server
from nova_aggext.tests.functional import venvs

# Seconds until a process must answer, or be gone.
START = 120
STOP = 20
# How much of a log an error shows.
_SHOWN = 3000

# A program that parses sys.argv must not find gunicorn's arguments there, so
# that gunicorn gets none: it reads this file from its working directory.
_GUNICORN = """\
wsgi_app = '{app}'
bind = '127.0.0.1:{port}'
worker_class = 'gthread'
threads = 4
graceful_timeout = 1
control_socket_disable = True
"""


class Process(fixtures.Fixture):
    """A command that serves HTTP on a port, started at once.

    :ivar url: where it serves, without a trailing slash
    :ivar log: what it printed
    """

    def __init__(
        self,
        command: list[str],
        folder: pathlib.Path,
        port: int,
        variables: Mapping[str, str],
    ) -> None:
        super().__init__()
        self.command = command
        self.folder = folder
        self.port = port
        self.url = f'http://127.0.0.1:{port}'
        self.log = folder / f'{pathlib.Path(command[0]).name}-{port}.log'
        self.variables = variables

    def _setUp(self) -> None:
        self.start()
        self.addCleanup(self.stop)

    def start(self) -> None:
        """Start it and wait until it answers.

        :raises RuntimeError: with its log, when it ends or takes too long
        """
        with self.log.open('ab') as log:
            self.process = subprocess.Popen(
                self.command,
                cwd=self.folder,
                env={**venvs.environment(), **self.variables},
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
            )
        deadline = time.monotonic() + START
        while not self._answers():
            dead = self.process.poll() is not None
            if dead or time.monotonic() > deadline:
                self.stop()
                said = self.log.read_text(errors='replace')
                raise RuntimeError(said[-_SHOWN:])
            time.sleep(0.05)

    def stop(self) -> None:
        """Stop it as an operator does."""
        self.process.send_signal(signal.SIGTERM)
        try:
            self.process.wait(STOP)
        except subprocess.TimeoutExpired:
            self.process.kill()
            self.process.wait()

    def restart(self) -> None:
        """Stop it and start it again."""
        self.stop()
        self.start()

    def _answers(self) -> bool:
        """Tell whether HTTP is served."""
        connection = http.client.HTTPConnection('127.0.0.1', self.port)
        connection.timeout = START
        try:
            connection.request('GET', '/')
            connection.getresponse().read()
        except (OSError, http.client.HTTPException):
            return False
        finally:
            connection.close()
        return True


def gunicorn(
    program: pathlib.Path,
    folder: pathlib.Path,
    app: str,
    variables: Mapping[str, str],
    port: int | None = None,
) -> Process:
    """Return a gunicorn that serves a WSGI application."""
    port = port or server.free_port()
    folder = folder / f'gunicorn-{port}'
    folder.mkdir()
    settings = folder / 'gunicorn.conf.py'
    settings.write_text(_GUNICORN.format(app=app, port=port))
    return Process([str(program)], folder, port, variables)
