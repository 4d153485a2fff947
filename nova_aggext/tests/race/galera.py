# SPDX-License-Identifier: Apache-2.0
"""A real Galera cluster of three nodes on the loopback address.

Needs the Debian packages ``mariadb-server``, ``galera-4`` and ``rsync``.
"""

import os
import pathlib

import fixtures

from nova_aggext.tests import base
from nova_aggext.tests.functional import server
from nova_aggext.tests.race import mariadb

NODES = 3
PROVIDER = '/usr/lib/galera/libgalera_smm.so'

_COMMANDS = ('mariadbd', 'mariadb-install-db', 'rsync')
_STATE = "SHOW STATUS LIKE 'wsrep_local_state_comment'"


class Node(mariadb.Process):
    """One server of the cluster."""

    def __init__(self, folder: pathlib.Path) -> None:
        super().__init__(folder)
        self.wsrep_port = server.free_port()

    def join(self, members: str) -> None:
        """Start the server; an empty list of members makes the cluster."""
        self.start(f'--wsrep-cluster-address=gcomm://{members}')

    def _is_ready(self) -> bool:
        row = self.ask(_STATE)
        return row is not None and row[1] == 'Synced'

    def _options(self) -> list[str]:
        port = self.wsrep_port
        provider = (
            f'base_port={port}',
            f'gmcast.listen_addr=tcp://127.0.0.1:{port}',
            f'ist.recv_addr=127.0.0.1:{server.free_port()}',
        )
        return [
            *super()._options(),
            '--binlog-format=ROW',
            '--innodb-autoinc-lock-mode=2',
            '--innodb-flush-log-at-trx-commit=2',
            '--wsrep-on=ON',
            f'--wsrep-provider={PROVIDER}',
            '--wsrep-cluster-name=aggext',
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
        mariadb.require_installed(*_COMMANDS)
        if not os.path.exists(PROVIDER):
            base.missing('galera', f'no {PROVIDER}')
        folder = pathlib.Path(self.useFixture(fixtures.TempDir()).path)
        folder.chmod(0o755)
        self.nodes = [Node(folder / str(number)) for number in range(NODES)]
        # The others get all they need from the first.
        self.nodes[0].install()
        members = ''
        for node in self.nodes:
            self.addCleanup(node.stop)
            node.join(members)
            members = self._members()
        self.nodes[0].make_user()

    def rejoin(self, node: Node) -> None:
        """Let a stopped node join again."""
        node.join(self._members())

    def _members(self) -> str:
        return ','.join(f'127.0.0.1:{n.wsrep_port}' for n in self.nodes)
