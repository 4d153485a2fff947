# SPDX-License-Identifier: Apache-2.0
"""A real Galera cluster of three nodes on the loopback address.

Needs the Debian packages ``mariadb-server``, ``galera-4`` and ``rsync``.
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

NODES = 3
PROVIDER = '/usr/lib/galera/libgalera_smm.so'
USER = 'openstack_citest'
# Seconds until a node must have joined, or be gone.
PATIENCE = 120

_COMMANDS = ('mariadbd', 'mariadb-install-db', 'rsync')
_STATE = sa.text("SHOW STATUS LIKE 'wsrep_local_state_comment'")


class Node:
    """One server of the cluster.

    :ivar url: its SQLAlchemy URL, without a database
    """

    def __init__(self, folder: pathlib.Path) -> None:
        self.folder = folder
        self.port = server.free_port()
        self.wsrep_port = server.free_port()
        self.url = f'mysql+pymysql://{USER}:{USER}@127.0.0.1:{self.port}'
        self._process: subprocess.Popen[bytes] | None = None
        self._root = sa.create_engine(
            f'mysql+pymysql://root@/?unix_socket={folder}/socket',
            isolation_level='AUTOCOMMIT',
        )

    def start(self, members: str) -> None:
        """Start the server; an empty list of members makes the cluster."""
        command = ['mariadbd', *self._options(members)]
        log = self.folder.joinpath('log')
        with log.open('ab') as output:
            self._process = subprocess.Popen(
                command,
                stdin=subprocess.DEVNULL,
                stdout=output,
                stderr=output,
            )
        deadline = time.monotonic() + PATIENCE
        while not self._is_synced():
            dead = self._process.poll() is not None
            if dead or time.monotonic() > deadline:
                end = log.read_text(errors='replace')[-3000:]
                raise RuntimeError(f'The node did not join:\n{end}')
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

    def run(self, *statements: str) -> None:
        """Run statements as the administrator."""
        with self._root.connect() as connection:
            for statement in statements:
                connection.execute(sa.text(statement))

    def _is_synced(self) -> bool:
        try:
            with self._root.connect() as connection:
                row = connection.execute(_STATE).one_or_none()
        except exc.DBAPIError:
            return False
        return row is not None and row[1] == 'Synced'

    def _options(self, members: str) -> list[str]:
        folder, port = self.folder, self.wsrep_port
        provider = (
            f'base_port={port}',
            f'gmcast.listen_addr=tcp://127.0.0.1:{port}',
            f'ist.recv_addr=127.0.0.1:{server.free_port()}',
        )
        return [
            '--no-defaults',
            *_as_user(),
            f'--datadir={folder}/data',
            f'--socket={folder}/socket',
            f'--pid-file={folder}/pid',
            f'--port={self.port}',
            '--bind-address=127.0.0.1',
            '--binlog-format=ROW',
            '--innodb-autoinc-lock-mode=2',
            '--innodb-buffer-pool-size=64M',
            '--innodb-flush-log-at-trx-commit=2',
            '--wsrep-on=ON',
            f'--wsrep-provider={PROVIDER}',
            '--wsrep-cluster-name=aggext',
            f'--wsrep-cluster-address=gcomm://{members}',
            f'--wsrep-node-address=127.0.0.1:{port}',
            f'--wsrep-provider-options={";".join(provider)}',
            '--wsrep-sst-method=rsync',
            f'--wsrep-sst-receive-address=127.0.0.1:{server.free_port()}',
        ]


class Cluster(fixtures.Fixture):
    """The cluster.

    :ivar nodes: its nodes
    """

    def _setUp(self) -> None:
        _require_installed()
        folder = pathlib.Path(self.useFixture(fixtures.TempDir()).path)
        folder.chmod(0o755)
        self.nodes = [_make_node(folder / str(n)) for n in range(NODES)]
        self._install(self.nodes[0])
        members = ''
        for node in self.nodes:
            self.addCleanup(node.stop)
            node.start(members)
            members = self._members()
        for address in ('127.0.0.1', 'localhost'):
            who = f"'{USER}'@'{address}'"
            self.nodes[0].run(
                f"CREATE USER {who} IDENTIFIED BY '{USER}'",
                f'GRANT ALL ON *.* TO {who}',
            )

    def restart(self, node: Node) -> None:
        """Let a stopped node join again."""
        node.start(self._members())

    def _members(self) -> str:
        return ','.join(f'127.0.0.1:{n.wsrep_port}' for n in self.nodes)

    def _install(self, node: Node) -> None:
        subprocess.run(
            [
                'mariadb-install-db',
                '--no-defaults',
                *_as_user(),
                f'--datadir={node.folder}/data',
                '--auth-root-authentication-method=normal',
                '--skip-test-db',
            ],
            check=True,
            capture_output=True,
        )


def _require_installed() -> None:
    lacking = [name for name in _COMMANDS if shutil.which(name) is None]
    if not os.path.exists(PROVIDER):
        lacking.append(PROVIDER)
    if lacking:
        base.missing('galera', f'no {", ".join(lacking)}')


def _make_node(folder: pathlib.Path) -> Node:
    for path in (folder, folder / 'data'):
        path.mkdir()
        if os.geteuid() == 0:
            shutil.chown(path, 'mysql', 'mysql')
    return Node(folder)


def _as_user() -> list[str]:
    """Give the option of a server that root starts."""
    return ['--user=mysql'] if os.geteuid() == 0 else []
