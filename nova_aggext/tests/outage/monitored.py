# SPDX-License-Identifier: Apache-2.0
"""A server and a relay that Prometheus scrapes, and all they depend on."""

import contextlib
from collections.abc import Iterator

import fixtures
import sqlalchemy as sa

from nova_aggext.hosts import cell_queries
from nova_aggext.hosts import cells
from nova_aggext.tests.delivery import placement as delivery_placement
from nova_aggext.tests.functional import databases
from nova_aggext.tests.functional import server
from nova_aggext.tests.functional.db import proxy
from nova_aggext.tests.outage import cloud
from nova_aggext.tests.outage import prometheus

KIND = 'mysql'
CELL = 'cell1'
HOSTS = ('host1', 'host2')

SERVER = 'nova-aggext'
RELAY = 'nova-aggext-relay'

_OPTIONS = """
[DEFAULT]
transport_url = {url}
[oslo_messaging_notifications]
driver = messagingv2
[notifications]
notification_format = versioned
[placement]
mirror_deadline = 0.1
[aggext]
hosts = nova_cells
cell_timeout = 1
[aggext_outbox]
relay = false
lease = 2
poll_interval = 0.5
max_backoff = 1
max_attempts = 2
recast_interval = 0
[api_database]
max_pool_size = 3
max_overflow = 0
"""


# Of a cell, with the columns that are read.
_TABLES = (
    'CREATE TABLE services (host TEXT, `binary` TEXT, deleted INTEGER)',
    'CREATE TABLE compute_nodes (id INTEGER AUTO_INCREMENT PRIMARY KEY, '
    'uuid TEXT, host TEXT, hypervisor_hostname TEXT, deleted INTEGER)',
    'CREATE TABLE instances (host TEXT, deleted INTEGER)',
)


class Monitored(fixtures.Fixture):
    """All of it; each part can be made to fail.

    :ivar database: the way to the database
    :ivar cell: the way to the database of a cell
    :ivar bus: the message bus
    :ivar placement: with the proxy that the processes use
    :ivar relay: the process that delivers
    :ivar engine: past the way to the database
    """

    def _setUp(self) -> None:
        self.bus = self.useFixture(cloud.Bus())
        self.placement = self.useFixture(delivery_placement.Placement())
        providers = {host: self.placement.add_provider(host) for host in HOSTS}
        self.database = self.useFixture(proxy.Proxy(KIND))
        self.cell = self.useFixture(proxy.Proxy(KIND))
        made = self.useFixture(databases.Database(KIND))
        self.conf_file = made.conf_file
        self._map_cell(made, providers)
        self._configure(made)
        self.engine = sa.create_engine(made.url, poolclass=sa.NullPool)
        port = server.free_port()
        self.relay = self.useFixture(
            cloud.Relay(self.conf_file, '--metrics-port', str(port))
        )
        self.server = self.useFixture(server.Server(conf_file=self.conf_file))
        self.prometheus = self.useFixture(
            prometheus.Prometheus({SERVER: self.server.port, RELAY: port})
        )

    def _configure(self, made: databases.Database) -> None:
        """Let processes take the ways that can be cut."""
        by_way = self._by(self.database, made.url)
        with open(self.conf_file) as conf_file:
            text = conf_file.read().replace('hosts = registered', '')
        text = text.replace(made.url, by_way)
        with open(self.conf_file, 'w') as conf_file:
            conf_file.write(text)
            conf_file.write(self.placement.options)
            conf_file.write(_OPTIONS.format(url=self.bus.transport_url))

    def _map_cell(
        self, api: databases.Database, providers: dict[str, str]
    ) -> None:
        """Make the database of a cell, with hosts that are mapped to it."""
        made = self.useFixture(databases.Database(KIND, synced=False))
        hosts = [{'host': host} for host in HOSTS]
        with _connected(made.url) as connection:
            for statement in _TABLES:
                connection.execute(sa.text(statement))
            connection.execute(
                sa.insert(cell_queries.services).values(
                    binary=cell_queries.COMPUTE_BINARY, deleted=0
                ),
                hosts,
            )
            for host in HOSTS:
                connection.execute(
                    sa.insert(cell_queries.compute_nodes).values(
                        uuid=providers[host],
                        host=host,
                        hypervisor_hostname=host,
                        deleted=0,
                    )
                )
        mapping = {
            'id': 1,
            'uuid': 'the uuid of a cell',
            'name': CELL,
            'database_connection': self._by(self.cell, made.url),
        }
        with _connected(api.url) as connection:
            cells.cell_mappings.metadata.create_all(connection)
            connection.execute(sa.insert(cells.cell_mappings), mapping)
            connection.execute(
                sa.insert(cells.host_mappings).values(cell_id=1), hosts
            )

    def _by(self, way: proxy.Proxy, url: str) -> str:
        """Give the URL of a database by a way."""
        name = sa.make_url(url).database
        by_way = sa.make_url(way.url).set(database=name)
        return by_way.render_as_string(hide_password=False)


@contextlib.contextmanager
def _connected(url: str) -> Iterator[sa.Connection]:
    """Give a connection in a transaction."""
    engine = sa.create_engine(url, poolclass=sa.NullPool)
    with engine.begin() as connection:
        yield connection
