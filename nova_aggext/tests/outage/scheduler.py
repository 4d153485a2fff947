# SPDX-License-Identifier: Apache-2.0
"""A real nova-scheduler, and a cloud on the databases of its Nova."""

import dataclasses
import json
import os
import pathlib
import signal
import subprocess
import time
from typing import Any

import fixtures

from nova_aggext import conf as aggext_conf
from nova_aggext.db import database as db_database
from nova_aggext.tests.functional import server
from nova_aggext.tests.functional import venvs
from nova_aggext.tests.outage import cloud as outage_cloud
from nova_aggext.tests.peer import clouds
from nova_aggext.tests.peer import databases as peer_databases
from nova_aggext.tests.peer import inventory

_SCRIPT = pathlib.Path(__file__).with_name('scripts') / 'scheduler.py'
# What it logs when it listens; casts before that are lost on it.
_LISTENS = b'Join ServiceGroup'
_START = 180
_STOP = 30

_CONF = """
[DEFAULT]
transport_url = {url}
host = sched1
debug = true
log_file = {folder}/scheduler.log
[scheduler]
workers = 1
[filter_scheduler]
track_instance_changes = false
"""
# The nova.conf of a Nova names Nova's own paste file.
_ALONE = f"""
[api]
auth_strategy = noauth
[aggext]
validate_responses = true
[wsgi]
api_paste_config = {venvs.ROOT}/etc/nova-aggext/api-paste.ini
"""
_NODES = 'SELECT host, uuid FROM compute_nodes WHERE deleted = 0'


@dataclasses.dataclass(frozen=True)
class Looks:
    """What was seen of hosts.

    :ivar count: how often somebody has looked
    :ivar lost: hosts that were in no isolating aggregate any more
    """

    count: int
    lost: list[str]


class Scheduler(fixtures.Fixture):
    """A scheduler that is killed at the end."""

    def __init__(self, nova: clouds.Nova, transport_url: str) -> None:
        super().__init__()
        self._nova = nova
        self._url = transport_url

    def _setUp(self) -> None:
        self._folder = pathlib.Path(self.useFixture(fixtures.TempDir()).path)
        self._path = self._folder / 'belief.json'
        conf = self._folder / 'scheduler.conf'
        conf.write_text(_CONF.format(url=self._url, folder=self._folder))
        self._command: list[str | pathlib.Path] = [
            self._nova.environment.bin / 'python',
            _SCRIPT,
            self._path,
            *('--config-file', self._nova.conf_file),
            *('--config-file', conf),
        ]
        self.start()
        self.addCleanup(self.kill)

    def start(self) -> None:
        """Start it and wait until it listens.

        :raises RuntimeError: with what it said, when it does not
        """
        log = self._folder / 'scheduler.log'
        log.write_bytes(b'')
        with (self._folder / 'output').open('ab') as output:
            self._process = subprocess.Popen(
                self._command,
                env={
                    **venvs.environment(),
                    'OS_NOVA_DISABLE_EVENTLET_PATCHING': 'true',
                },
                stdin=subprocess.DEVNULL,
                stdout=output,
                stderr=output,
                start_new_session=True,
            )
        deadline = time.monotonic() + _START
        while _LISTENS not in log.read_bytes():
            dead = self._process.poll() is not None
            if dead or time.monotonic() > deadline:
                self.kill()
                output_text = (self._folder / 'output').read_text()
                raise RuntimeError(output_text[-3000:])
            time.sleep(0.2)

    def kill(self) -> None:
        """Kill it and what it forked."""
        if self._process.poll() is None:
            os.killpg(self._process.pid, signal.SIGKILL)
        self._process.wait(_STOP)

    def belief(self) -> Any:
        """Give what it believes: the aggregates by id, and those of hosts."""
        return json.loads(self._path.read_text())

    def looks(self) -> Looks:
        """Give what was seen whenever somebody looked."""
        found = json.loads(pathlib.Path(f'{self._path}.looks').read_text())
        return Looks(found['looks'], found['lost'])


class Cloud(outage_cloud.Cloud):
    """A cloud on the databases of a Nova, with its scheduler.

    :ivar scheduler: the scheduler
    """

    def _setUp(self) -> None:
        super()._setUp()
        self.scheduler = self.useFixture(
            Scheduler(self._nova, self.transport_url)
        )

    def _make_database(self) -> None:
        self._nova = self.useFixture(clouds.Nova())
        self._nova.sync()
        hosts = inventory.Inventory(self._nova.databases)
        for host in server.HOSTS:
            hosts.add_host(host)
        rows = self._nova.databases.execute(peer_databases.CELL1, _NODES)
        self.providers = {
            str(row.host): self.placement.add_provider(
                str(row.host), str(row.uuid)
            )
            for row in rows
        }
        self.conf_file = str(self._nova.folder / 'standalone.conf')
        text = self._nova.conf_file.read_text() + _ALONE
        pathlib.Path(self.conf_file).write_text(text)
        self.url = self._nova.databases.url(peer_databases.API)
        self.database = db_database.Database(
            aggext_conf.load([self.conf_file])
        )
        self.addCleanup(self.database.close)
