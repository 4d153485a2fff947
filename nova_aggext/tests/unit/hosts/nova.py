# SPDX-License-Identifier: Apache-2.0
"""Databases of a Nova with the few tables and columns that are read."""

import os

import fixtures
import sqlalchemy as sa

from nova_aggext.hosts import cell_queries
from nova_aggext.hosts import cells
from nova_aggext.tests.functional import databases

# What SQLite keeps of a soft-deleted row counts as its id.
DELETED = 1

COLUMNS = {
    'services': 'host TEXT, "binary" TEXT, deleted INTEGER',
    'compute_nodes': 'id INTEGER PRIMARY KEY, uuid TEXT, host TEXT, '
    'hypervisor_hostname TEXT, deleted INTEGER',
    'instances': 'host TEXT, deleted INTEGER',
}


class Nova(fixtures.Fixture):
    """An API database, with our tables too, and cells; all of SQLite.

    :ivar database: the API database
    :ivar conf: a configuration that uses it
    """

    def _setUp(self) -> None:
        api = self.useFixture(databases.Database())
        self.database, self.conf = api.database, api.conf
        self._folder = self.useFixture(fixtures.TempDir()).path
        self._engines: dict[str, sa.Engine] = {}
        tables = cells.cell_mappings.metadata
        self.database.write(lambda s: tables.create_all(s))

    def url(self, cell: str) -> str:
        """Give the URL of the database of a cell."""
        return f'sqlite:///{os.path.join(self._folder, cell)}.sqlite'

    def add_cell(
        self,
        key: str,
        *,
        uuid: str | None = None,
        name: str | None = None,
        url: str | None = None,
    ) -> None:
        """Map a cell and make its database, both known here as ``key``."""
        self._engines[key] = engine = sa.create_engine(self.url(key))
        self.addCleanup(engine.dispose)
        with engine.begin() as connection:
            for table, columns in COLUMNS.items():
                connection.execute(
                    sa.text(f'CREATE TABLE {table} ({columns})')
                )
        self._write(
            sa.insert(cells.cell_mappings).values(
                uuid=uuid or f'uuid of {key}',
                name=name,
                database_connection=url or self.url(key),
            )
        )

    def move_cell(self, key: str, url: str) -> None:
        """Map a cell to another database."""
        table = cells.cell_mappings
        self._write(
            sa.update(table)
            .where(table.c.uuid == f'uuid of {key}')
            .values(database_connection=url)
        )

    def map_host(self, name: str, cell: str) -> None:
        """Map a host to a cell."""
        table = cells.cell_mappings
        cell_id = (
            sa.select(table.c.id)
            .where(table.c.uuid == f'uuid of {cell}')
            .scalar_subquery()
        )
        self._write(
            sa.insert(cells.host_mappings).values(host=name, cell_id=cell_id)
        )

    def unmap_host(self, name: str) -> None:
        """Forget the mapping of a host."""
        table = cells.host_mappings
        self._write(sa.delete(table).where(table.c.host == name))

    def add_service(
        self,
        host: str,
        cell: str,
        *,
        binary: str = cell_queries.COMPUTE_BINARY,
        deleted: int = 0,
    ) -> None:
        """Add a service."""
        values = {'host': host, 'binary': binary, 'deleted': deleted}
        self._change(cell, sa.insert(cell_queries.services).values(values))

    def add_node(
        self, host: str, cell: str, name: str, *, deleted: int = 0
    ) -> None:
        """Add a compute node."""
        values = {
            'uuid': f'uuid of {name}',
            'host': host,
            'hypervisor_hostname': name,
            'deleted': deleted,
        }
        table = cell_queries.compute_nodes
        self._change(cell, sa.insert(table).values(values))

    def add_instances(
        self, host: str, cell: str, count: int, *, deleted: int = 0
    ) -> None:
        """Add instances."""
        statement = sa.insert(cell_queries.instances)
        for _ in range(count):
            self._change(cell, statement.values(host=host, deleted=deleted))

    def remove_instances(self, host: str, cell: str) -> None:
        """Soft-delete the instances of a host."""
        table = cell_queries.instances
        self._change(
            cell,
            sa.update(table)
            .where(table.c.host == host)
            .values(deleted=DELETED),
        )

    def remove_service(self, host: str, cell: str) -> None:
        """Soft-delete the services and nodes of a host."""
        for table in (cell_queries.services, cell_queries.compute_nodes):
            self._change(
                cell,
                sa.update(table)
                .where(table.c.host == host)
                .values(deleted=DELETED),
            )

    def _write(self, statement: sa.Executable) -> None:
        self.database.write(lambda session: session.execute(statement))

    def _change(self, cell: str, statement: sa.Executable) -> None:
        with self._engines[cell].begin() as connection:
            connection.execute(statement)
