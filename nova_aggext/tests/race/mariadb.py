# SPDX-License-Identifier: Apache-2.0
"""A MariaDB server of one's own, on the loopback address.

Needs the Debian package ``mariadb-server``.
"""

import os
import pathlib
import shutil
import subprocess
import time

import fixtures
import sqlalchemy as sa
from sqlalchemy import exc

from nova_aggext.tests import base
from nova_aggext.tests.functional import server

USER = 'openstack_citest'
# Seconds until a server must be ready, or be gone.
PATIENCE = 120

_COMMANDS = ('mariadbd', 'mariadb-install-db')


class Process:
    """One server process, in a folder of its own.

    :ivar url: its SQLAlchemy URL, without a database
    """

    def __init__(self, folder: pathlib.Path) -> None:
        """Make the folders."""
        self.folder = folder
        for path in (folder, folder / 'data'):
            path.mkdir()
            if os.geteuid() == 0:
                shutil.chown(path, 'mysql', 'mysql')
        self.port = server.free_port()
        self.url = f'mysql+pymysql://{USER}:{USER}@127.0.0.1:{self.port}'
        self._process: subprocess.Popen[bytes] | None = None
        self._root = sa.create_engine(
            f'mysql+pymysql://root@/?unix_socket={folder}/socket',
            isolation_level='AUTOCOMMIT',
        )

    def install(self) -> None:
        """Make the tables of the server itself."""
        subprocess.run(
            [
                'mariadb-install-db',
                '--no-defaults',
                *_as_user(),
                f'--datadir={self.folder}/data',
                '--auth-root-authentication-method=normal',
                '--skip-test-db',
            ],
            check=True,
            capture_output=True,
        )

    def start(self, *options: str) -> None:
        """Start the server and wait until it is ready."""
        log = self.folder.joinpath('log')
        with log.open('ab') as output:
            self._process = subprocess.Popen(
                ['mariadbd', *self._options(), *options],
                stdin=subprocess.DEVNULL,
                stdout=output,
                stderr=output,
            )
        deadline = time.monotonic() + PATIENCE
        while not self._is_ready():
            dead = self._process.poll() is not None
            if dead or time.monotonic() > deadline:
                end = log.read_text(errors='replace')[-3000:]
                raise RuntimeError(f'The server is not ready:\n{end}')
            time.sleep(0.1)

    def stop(self) -> None:
        """Stop the server as its own tools do."""
        self._root.dispose()
        if self._process is not None:
            self._process.terminate()
            try:
                self._process.wait(PATIENCE)
            except subprocess.TimeoutExpired:
                self._process.kill()
                self._process.wait()

    def make_user(self) -> None:
        """Make the user of ``url``, who may do everything."""
        with self._root.connect() as connection:
            for address in ('127.0.0.1', 'localhost'):
                who = f"'{USER}'@'{address}'"
                for statement in (
                    f"CREATE USER {who} IDENTIFIED BY '{USER}'",
                    f'GRANT ALL ON *.* TO {who}',
                ):
                    connection.execute(sa.text(statement))

    def ask(self, statement: str) -> tuple[object, ...] | None:
        """Give the first row of an answer; None while there is none."""
        try:
            with self._root.connect() as connection:
                row = connection.execute(sa.text(statement)).first()
        except exc.DBAPIError:
            return None
        return None if row is None else tuple(row)

    def _is_ready(self) -> bool:
        return self.ask('SELECT 1') is not None

    def _options(self) -> list[str]:
        folder = self.folder
        return [
            '--no-defaults',
            *_as_user(),
            f'--datadir={folder}/data',
            f'--socket={folder}/socket',
            f'--pid-file={folder}/pid',
            f'--port={self.port}',
            '--bind-address=127.0.0.1',
            '--innodb-buffer-pool-size=64M',
        ]


class Server(fixtures.Fixture):
    """A server that can be stopped and started.

    :ivar process: the server
    """

    def _setUp(self) -> None:
        require_installed(*_COMMANDS)
        folder = pathlib.Path(self.useFixture(fixtures.TempDir()).path)
        folder.chmod(0o755)
        self.process = Process(folder / 'server')
        self.process.install()
        self.addCleanup(self.process.stop)
        self.process.start()
        self.process.make_user()


def require_installed(*commands: str) -> None:
    """Skip the test on a machine that lacks a command."""
    lacking = [name for name in commands if shutil.which(name) is None]
    if lacking:
        base.missing('mariadb', f'no {", ".join(lacking)}')


def _as_user() -> list[str]:
    """Give the option of a server that root starts."""
    return ['--user=mysql'] if os.geteuid() == 0 else []
