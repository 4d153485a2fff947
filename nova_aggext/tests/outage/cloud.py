# SPDX-License-Identifier: Apache-2.0
"""Servers and relays on one database, a message bus and a placement."""

import os
import pathlib
import signal
import subprocess
import sys
import time
import urllib.parse
from typing import Protocol

import fixtures

from nova_aggext.db import database as db_database
from nova_aggext.db import outbox
from nova_aggext.db import queries
from nova_aggext.db import records
from nova_aggext.hosts import registered
from nova_aggext.tests.delivery import broker
from nova_aggext.tests.delivery import placement as delivery_placement
from nova_aggext.tests.delivery import tap
from nova_aggext.tests.functional import databases
from nova_aggext.tests.functional import server
from nova_aggext.tests.outage import link

# Seconds of the placement mirror within a request.
MIRROR_DEADLINE = 1.0
# Seconds that a stream is taken: those of a process that died wait so long.
LEASE = 6
# Seconds in which fewer messages must wait, when everything is back.
RECOVERY = 60

_OPTIONS = """
[DEFAULT]
transport_url = {url}
host = api1
[oslo_messaging_notifications]
driver = messagingv2
[notifications]
notification_format = both
[aggext_outbox]
lease = {lease}
poll_interval = 1
max_backoff = 1
recast_interval = 0
[placement]
mirror_deadline = {deadline}
"""


class Tap(Protocol):
    """Who listens to the message bus."""

    def take(self) -> list[tap.Message]:
        """Give what has come since the last time."""


class Bus(fixtures.Fixture):
    """A message bus, a way to it, and who listens.

    :ivar link: the way of the processes to the message bus
    :ivar tap: hears what reaches the message bus
    :ivar transport_url: of the message bus, by the link
    """

    def _setUp(self) -> None:
        vhost = self.useFixture(broker.VirtualHost())
        self.tap = self.useFixture(tap.Tap(vhost.amqp))
        url = urllib.parse.urlsplit(vhost.url)
        self.link = self.useFixture(link.Link(url.port or 5672))
        self.transport_url = vhost.url.replace(
            url.netloc.rpartition('@')[2], f'127.0.0.1:{self.link.port}'
        )


def options(transport_url: str) -> str:
    """Give the options of processes that tell all to a message bus."""
    return _OPTIONS.format(
        url=transport_url, lease=LEASE, deadline=MIRROR_DEADLINE
    )


class Relay(fixtures.Fixture):
    """A process of ``nova-aggext-relay``.

    :ivar process: the process
    """

    def __init__(self, conf_file: str, *arguments: str) -> None:
        super().__init__()
        self.conf_file = conf_file
        self.arguments = arguments

    def _setUp(self) -> None:
        folder = pathlib.Path(self.useFixture(fixtures.TempDir()).path)
        self.log = folder / 'relay.log'
        self.start()
        self.addCleanup(self.stop)

    def start(self) -> None:
        """Start the process."""
        program = os.path.join(
            os.path.dirname(sys.executable), 'nova-aggext-relay'
        )
        command = [program, '--config-file', self.conf_file, *self.arguments]
        with self.log.open('ab') as log:
            self.process = subprocess.Popen(command, stdout=log, stderr=log)

    def stop(self, seconds: float = 60) -> int:
        """Stop the process as an operator does, and give its status."""
        self.process.send_signal(signal.SIGTERM)
        try:
            return self.process.wait(seconds)
        except subprocess.TimeoutExpired:
            self.process.kill()
            self.process.wait()
            raise

    def kill(self) -> None:
        """Kill the process."""
        self.process.kill()
        self.process.wait()


class Cloud(fixtures.Fixture):
    """All of it; the message bus and placement can be made to fail.

    :ivar link: the way of the processes to the message bus
    :ivar transport_url: of the message bus, by the link
    :ivar placement: with the proxy that the processes use
    :ivar tap: hears what reaches the message bus
    :ivar url: the SQLAlchemy URL of the database
    :ivar conf_file: the configuration of the processes
    :ivar providers: uuids in placement, by host
    """

    def __init__(
        self,
        servers: int = 2,
        relays: int = 1,
        kind: str = 'mysql',
        options: str = '',
    ) -> None:
        super().__init__()
        self._counts = (servers, relays)
        self._kind = kind
        self._options = options

    def _setUp(self) -> None:
        self._make_bus()
        self.placement = self.useFixture(delivery_placement.Placement())
        self._make_database()
        self._configure()
        servers, relays = self._counts
        self.servers = [
            self.useFixture(server.Server(conf_file=self.conf_file))
            for _ in range(servers)
        ]
        self.relays = [
            self.useFixture(Relay(self.conf_file)) for _ in range(relays)
        ]

    def _make_database(self) -> None:
        """Make the database, its hosts, and their providers."""
        made = self.useFixture(databases.Database(self._kind))
        self.database, self.url = made.database, made.url
        inventory = registered.RegisteredHosts(made.conf, made.database)
        inventory.add_host(*server.HOSTS)
        self.providers = {
            host: self.placement.add_provider(host) for host in server.HOSTS
        }
        self.conf_file = made.conf_file

    def _make_bus(self) -> None:
        """Make the message bus, a way to it, and who listens."""
        bus = self.useFixture(Bus())
        self.tap: Tap = bus.tap
        self.link = bus.link
        self.transport_url = bus.transport_url

    def _configure(self) -> None:
        with open(self.conf_file, 'a') as conf_file:
            conf_file.write(self.placement.options)
            conf_file.write(options(self.transport_url))
            conf_file.write(self._options)

    def read_aggregates(self) -> list[records.Aggregate]:
        """Read all aggregates from the database."""
        return self.database.read(queries.list_aggregates)

    def mend(self) -> None:
        """Let everything work again."""
        self.link.thaw()
        self.placement.proxy.release()

    def settle(self) -> outbox.Waiting:
        """Wait until nothing waits to be told; give what was parked.

        :raises RuntimeError: when fewer and fewer messages do not wait
        """
        return settle(self.database)


def settle(database: db_database.Database) -> outbox.Waiting:
    """Wait until nothing waits to be told; give what was parked.

    :raises RuntimeError: when fewer and fewer messages do not wait
    """
    least, since = sys.maxsize, time.monotonic()
    while (left := database.read(outbox.waiting)).messages:
        if left.messages < least:
            least, since = left.messages, time.monotonic()
        if time.monotonic() - since > RECOVERY:
            raise RuntimeError(f'{left} after {RECOVERY} s')
        time.sleep(0.05)
    return left
