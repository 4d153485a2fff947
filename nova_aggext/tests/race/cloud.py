# SPDX-License-Identifier: Apache-2.0
"""Several server processes on one database."""

import contextlib
import os
import pathlib
import signal
from collections.abc import Sequence

import fixtures
import sqlalchemy as sa

from nova_aggext import conf as aggext_conf
from nova_aggext.db import database as db_database
from nova_aggext.hosts import registered
from nova_aggext.tests.functional import databases
from nova_aggext.tests.functional import server
from nova_aggext.tests.race import galera
from nova_aggext.tests.race import workers

PROCESSES = 3

# A node of a cluster waits until it has what the others committed.
GALERA = 'mysql_wsrep_sync_wait = 7\n'


class Cloud(fixtures.Fixture):
    """Server processes on one database, in a cluster each on its own node.

    :ivar servers: the processes
    :ivar databases: the same database as each process sees it
    :ivar cluster: the Galera cluster, if it is one
    """

    def __init__(self, kind: str) -> None:
        """Take the kind of the database, one of which is ``galera``."""
        super().__init__()
        self.kind = kind
        self.cluster: galera.Cluster | None = None

    def _setUp(self) -> None:
        self._folder = pathlib.Path(self.useFixture(fixtures.TempDir()).path)
        self._confs = 0
        self.urls = self._make_database()
        confs = [self.write_conf(url) for url in self.urls]
        self.databases = [self.open(conf) for conf in confs]
        conf = aggext_conf.load([confs[0]])
        inventory = registered.RegisteredHosts(conf, self.databases[0])
        inventory.add_host(*server.HOSTS)
        self._serve(confs)

    def _serve(self, confs: Sequence[str]) -> None:
        self.servers = [
            self.useFixture(server.Server(conf_file=conf)) for conf in confs
        ]

    def _make_database(self) -> list[str]:
        """Make it and give its URL for each process."""
        if self.kind != 'galera':
            found = self.useFixture(databases.Database(self.kind))
            return [found.url] * PROCESSES
        self.cluster = self.useFixture(galera.Cluster())
        nodes = [sa.make_url(node.url) for node in self.cluster.nodes]
        made = self.useFixture(
            databases.Database('mysql', server=self.cluster.nodes[0].url)
        )
        name = sa.make_url(made.url).database
        return [
            url.set(database=name).render_as_string(hide_password=False)
            for url in nodes
        ]

    def write_conf(self, url: str, options: str = '') -> str:
        """Write a configuration that uses the database at a URL.

        :param options: more options of the group of the database
        """
        self._confs += 1
        path = self._folder / f'{self._confs}.conf'
        more = GALERA if self.kind == 'galera' else ''
        path.write_text(databases.CONF.format(url=url) + more + options)
        return str(path)

    def open(self, conf_file: str) -> db_database.Database:
        """Open the database that a configuration names."""
        database = db_database.Database(aggext_conf.load([conf_file]))
        self.addCleanup(database.close)
        return database


class CoreCloud(Cloud):
    """Processes that hand requests to the core instead.

    :ivar workers: the processes
    """

    def _serve(self, confs: Sequence[str]) -> None:
        for conf in confs:
            with open(conf, 'a') as conf_file:
                conf_file.write(workers.OPTIONS)
        self.workers = [
            self.useFixture(workers.Worker(conf)) for conf in confs
        ]


def kill_worker(one: server.Server) -> None:
    """Kill the process that serves; its parent makes another."""
    for child in _children(one.process.pid):
        _kill(child)


def kill(one: server.Server) -> None:
    """Kill all processes of a server, of which none can clean up."""
    children = _children(one.process.pid)
    one.process.kill()
    for child in children:
        _kill(child)
    one.process.wait()


def _children(pid: int) -> list[int]:
    path = pathlib.Path(f'/proc/{pid}/task/{pid}/children')
    return [int(child) for child in path.read_text().split()]


def _kill(pid: int) -> None:
    with contextlib.suppress(ProcessLookupError):
        os.kill(pid, signal.SIGKILL)
