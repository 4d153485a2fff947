# SPDX-License-Identifier: Apache-2.0
"""Databases of a Nova, with those of its tables that are used."""

import dataclasses
import pathlib

import fixtures
import sqlalchemy as sa

from nova_aggext.hosts import cell_queries
from nova_aggext.hosts import cells
from nova_aggext.tests.functional import databases

HOSTS = ('host1', 'host2', 'host3', 'host4')
CONF = """
[DEFAULT]
transport_url = fake://
[oslo_messaging_notifications]
driver = messagingv2
[api]
auth_strategy = noauth
[api_database]
connection = {url}
[aggext_outbox]
relay = false
poll_interval = 1
"""

_TABLES = sa.MetaData()
SERVICES = sa.Table(
    'services',
    _TABLES,
    sa.Column('id', sa.Integer, primary_key=True),
    sa.Column('host', sa.String(255)),
    sa.Column('binary', sa.String(255)),
    sa.Column('deleted', sa.Integer),
)
NODES = sa.Table(
    'compute_nodes',
    _TABLES,
    sa.Column('id', sa.Integer, primary_key=True),
    sa.Column('uuid', sa.String(36)),
    sa.Column('host', sa.String(255)),
    sa.Column('hypervisor_hostname', sa.String(255)),
    sa.Column('deleted', sa.Integer),
)
INSTANCES = sa.Table(
    'instances',
    _TABLES,
    sa.Column('id', sa.Integer, primary_key=True),
    sa.Column('host', sa.String(255)),
    sa.Column('deleted', sa.Integer),
)


@dataclasses.dataclass(frozen=True)
class Login:
    """Who works on the databases; tests have them on loopback."""

    user: str
    password: str

    def of(self, url: str) -> str:
        """Give the URL of a database with this user."""
        ours = sa.make_url(url).set(username=self.user, password=self.password)
        return ours.render_as_string(hide_password=False)


class Nova(fixtures.Fixture):
    """An API database and that of one cell, with four compute hosts.

    :ivar api: the API database, with our tables too
    :ivar cell: the database of the cell
    :ivar folder: where configurations are
    """

    def __init__(self, kind: str) -> None:
        super().__init__()
        self.kind = kind

    def _setUp(self) -> None:
        self.folder = pathlib.Path(self.useFixture(fixtures.TempDir()).path)
        self.api = self.useFixture(databases.Database(self.kind))
        self.cell = self.useFixture(
            databases.Database(self.kind, synced=False)
        )
        self.api.database.write(cells.cell_mappings.metadata.create_all)
        self.cell.database.write(_TABLES.create_all)
        self.cell.database.write(_add_hosts)

    def configure(self, login: Login | None = None) -> str:
        """Write the configuration of a user, and give its path."""
        api, cell = self.api.url, self.cell.url
        if login is not None:
            api, cell = login.of(api), login.of(cell)
        self.api.database.write(
            lambda session: _map(session, cell),
        )
        path = self.folder / 'nova.conf'
        path.write_text(CONF.format(url=api))
        return str(path)


def _add_hosts(session: sa.Connection) -> None:
    for name in HOSTS:
        common = {'host': name, 'deleted': 0}
        binary = cell_queries.COMPUTE_BINARY
        session.execute(sa.insert(SERVICES).values(binary=binary, **common))
        session.execute(
            sa.insert(NODES).values(
                uuid=f'uuid of {name}', hypervisor_hostname=name, **common
            )
        )


def _map(session: sa.Connection, url: str) -> None:
    """Map the hosts to the cell, by its URL."""
    for table in (cells.host_mappings, cells.cell_mappings):
        session.execute(sa.delete(table))
    session.execute(
        sa.insert(cells.cell_mappings).values(
            id=1, uuid='uuid of cell1', name='cell1', database_connection=url
        )
    )
    for name in HOSTS:
        session.execute(
            sa.insert(cells.host_mappings).values(cell_id=1, host=name)
        )
