# SPDX-License-Identifier: Apache-2.0
"""The compute hosts of the captured cases, in a Nova on SQLite."""

from collections.abc import Mapping
import dataclasses
import pathlib
import uuid

import sqlalchemy as sa

from nova_aggext.db import models
from nova_aggext.db import outbox
from nova_aggext.db import queries
from nova_aggext.hosts import cell_queries
from nova_aggext.hosts import cells
from nova_aggext.hosts import registered
from nova_aggext.tests import aggregates
from nova_aggext.tests.delivery import tap
from nova_aggext.tests.unit.hosts import nova

HOSTS = ('cmp00000', 'cmp00001', 'cmp00002', 'inst1', 'inst2')


@dataclasses.dataclass(frozen=True)
class Aggregate:
    """An aggregate that is there before a case begins."""

    name: str
    hosts: tuple[str, ...] = ()
    metadata: Mapping[str, str] = dataclasses.field(default_factory=dict)


class World(nova.Nova):
    """Hosts as they were when the facts were captured.

    :ivar conf_file: a configuration with the inventory
    :ivar nodes: uuids of compute nodes, by the names of their hosts
    """

    def __init__(self, inventory: str = 'nova_cells') -> None:
        """Take the inventory to configure."""
        super().__init__()
        self.inventory = inventory

    def _setUp(self) -> None:
        super()._setUp()
        self.conf_file = self.conf.default_config_files[0]
        with pathlib.Path(self.conf_file).open('a') as conf_file:
            conf_file.write(f'[aggext]\nhosts = {self.inventory}\n')
        self.nodes: dict[str, str] = {}
        self.add_cell('cell0', uuid=cells.CELL0)
        for cell in ('cell1', 'cell2'):
            self.add_cell(cell)
        for host in HOSTS:
            self.add_host(host, 'cell1')
        self.add_host('norp1', 'cell1')
        self.add_host('nomap1', 'cell1', mapped=False)
        self.add_host('c0host', 'cell0', mapped=False)
        for cell in ('cell1', 'cell2'):
            self.add_host('dup1', cell, mapped=False)
        self.map_host('nosvc1', 'cell1')
        self.map_host('nonode1', 'cell1')
        self.add_service('nonode1', 'cell1')
        self.map_host('delsvc1', 'cell1')
        self.add_service('delsvc1', 'cell1', deleted=nova.DELETED)
        self.add_instances('inst1', 'cell1', 1)
        self.add_instances('inst2', 'cell1', 1, deleted=nova.DELETED)

        if self.inventory == 'registered':
            inventory = registered.RegisteredHosts(self.conf, self.database)
            inventory.add_host(*HOSTS)

    def add_host(self, name: str, cell: str, *, mapped: bool = True) -> None:
        """Add a compute host with one node of its name."""
        self.add_service(name, cell)
        self.nodes[name] = str(uuid.uuid4())
        values = {
            'uuid': self.nodes[name],
            'host': name,
            'hypervisor_hostname': name,
            'deleted': 0,
        }
        table = cell_queries.compute_nodes
        self._change(cell, sa.insert(table).values(values))
        if mapped:
            self.map_host(name, cell)

    def begin(self, *wanted: Aggregate) -> dict[str, str]:
        """Have these aggregates and no others; give their uuids."""
        made = {one.name: str(uuid.uuid4()) for one in wanted}

        def work(session: sa.Connection) -> None:
            for table in (
                models.aggregate_metadata,
                models.aggregate_hosts,
                models.aggregates,
            ):
                session.execute(sa.delete(table))
            for one in wanted:
                aggregates.make(
                    session,
                    one.name,
                    one.hosts,
                    one.metadata,
                    uuid=made[one.name],
                )

        self.database.write(work)
        return made

    def ids(self) -> dict[str, int]:
        """Give the ids of the aggregates there are, by name."""
        found = self.database.read(queries.list_aggregates)
        return {one.name: one.id for one in found}

    def uuids(self) -> dict[str, str]:
        """Give the names of the aggregates there are, by uuid."""
        found = self.database.read(queries.list_aggregates)
        return {str(one.uuid): one.name for one in found}

    def wait(self) -> None:
        """Wait until everything is told."""
        tap.wait_until(lambda: not self.database.read(outbox.waiting).messages)
