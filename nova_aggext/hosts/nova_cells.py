# SPDX-License-Identifier: Apache-2.0
"""The inventory 'nova_cells': the databases of a Nova, read only."""

import collections
import dataclasses
import functools
from collections.abc import Collection
from collections.abc import Mapping

from oslo_config import cfg

from nova_aggext import exception
from nova_aggext.compute import inventory
from nova_aggext.compute import ports
from nova_aggext.db import database as db_database
from nova_aggext.db import pools
from nova_aggext.db import schema
from nova_aggext.hosts import cell_engines
from nova_aggext.hosts import cell_queries
from nova_aggext.hosts import cells as host_cells

# How ``[aggext] hosts`` names it.
NAME = 'nova_cells'


class NovaCells:
    """Compute hosts as the cell databases of a Nova know them.

    Mappings are read anew for each question, so a changed one is noticed
    without a restart. A cell that does not answer is never taken for one
    without hosts or instances.
    """

    def __init__(
        self, conf: cfg.ConfigOpts, database: db_database.Database
    ) -> None:
        self._database = database
        self._engines = cell_engines.CellEngines(
            conf.database.connection, conf.aggext.cell_timeout
        )

    def get_host(self, name: str) -> inventory.Host:
        """Find a host in the cell it is mapped to, else in all cells.

        :raises HostInManyCells: without a mapping, in more than one
        """
        found = self._find(name)
        if len(found) > 1:
            raise exception.HostInManyCells(
                host=name, cells=', '.join(cell.name for cell in found)
            )
        for host in found.values():
            if not host.nodes:
                raise exception.ComputeNodeNotFound(host=name)
            return host
        raise exception.ComputeHostNotFound(host=name)

    def get_hosts(self, names: Collection[str]) -> dict[str, inventory.Host]:
        """Find hosts, by one question to each cell for a batch of them."""
        found: dict[str, inventory.Host] = {}
        for batch in inventory.batches(names):
            found |= self._find_batch(batch)
        return found

    def list_hosts(self) -> inventory.Listing:
        """Find all hosts; a cell that does not answer is passed over."""

        mappings = self._database.ask(host_cells.map_hosts)
        cells = self._database.ask(host_cells.list_cells)
        answers = self._engines.ask_who_answers(
            dict.fromkeys(cells, cell_queries.list_hosts)
        )
        return _listing(mappings, answers, is_whole=len(answers) == len(cells))

    def count_instances(self, hosts: Collection[str]) -> dict[str, int]:
        """Count instances in the cells of the hosts.

        A host without a mapping is counted in every cell but cell0.
        """

        hosts_of = self._cells(hosts, with_cell0=False)
        answers = self._engines.ask(
            {
                cell: functools.partial(
                    cell_queries.count_instances, hosts=names
                )
                for cell, names in hosts_of.items()
            }
        )
        total = dict.fromkeys(hosts, 0)
        for counts in answers.values():
            for host, count in counts.items():
                total[host] += count
        return total

    def check(self) -> None:
        """Ask every cell for all that is ever asked.

        :raises ConfigurationError: when the database knows nothing of cells
        """
        schema.require_columns(self._database, host_cells.TABLES)
        cells = self._database.ask(host_cells.list_cells)
        for question in (
            functools.partial(cell_queries.get_host, name=''),
            functools.partial(cell_queries.get_hosts, names=['']),
            cell_queries.list_hosts,
            functools.partial(cell_queries.count_instances, hosts=['']),
        ):
            self._engines.ask(dict.fromkeys(cells, question))

    def watch(self, asked: ports.AskedCell) -> None:
        """Tell from now on of each question to a cell."""
        self._engines.watch(asked)

    def pools(self) -> list[pools.Pool]:
        """Look at the pools of connections to cells."""
        return self._engines.pools()

    def close(self) -> None:
        """Close the connections to the cells."""
        self._engines.close()

    def _cells(
        self, hosts: Collection[str], *, with_cell0: bool
    ) -> dict[host_cells.Cell, list[str]]:
        """Give the cells in which hosts may be, and which of them."""
        mapped = self._database.ask(
            lambda session: host_cells.cells_of_hosts(session, hosts)
        )
        hosts_of: dict[host_cells.Cell, list[str]] = {}
        for host, cell in mapped.items():
            hosts_of.setdefault(cell, []).append(host)
        unmapped = [host for host in hosts if host not in mapped]
        if unmapped:
            for cell in self._database.ask(host_cells.list_cells):
                if with_cell0 or not cell.is_cell0:
                    hosts_of.setdefault(cell, []).extend(unmapped)
        return hosts_of

    def _find_batch(self, names: Collection[str]) -> dict[str, inventory.Host]:
        answers = self._engines.ask(
            {
                cell: functools.partial(cell_queries.get_hosts, names=asked)
                for cell, asked in self._cells(names, with_cell0=True).items()
            }
        )
        cells = collections.Counter(
            name for hosts in answers.values() for name in hosts
        )
        return {
            name: host
            for hosts in answers.values()
            for name, host in hosts.items()
            if host.nodes and cells[name] == 1
        }

    def _find(self, name: str) -> dict[host_cells.Cell, inventory.Host]:
        """Find a host; its instances are left open unless it is mapped."""

        def mapped(session: db_database.Session) -> list[host_cells.Cell]:
            found = host_cells.cells_of_hosts(session, [name])
            return list(found.values())

        question = functools.partial(cell_queries.get_host, name=name)
        cells = self._database.ask(mapped)
        if cells:
            answers = self._engines.ask(dict.fromkeys(cells, question))
            return {cell: host for cell, host in answers.items() if host}
        everywhere = self._database.ask(host_cells.list_cells)
        answers = self._engines.ask(dict.fromkeys(everywhere, question))
        return {
            cell: dataclasses.replace(host, instances=None)
            for cell, host in answers.items()
            if host
        }


def _listing(
    mappings: host_cells.Mappings,
    answers: Mapping[host_cells.Cell, Collection[str]],
    *,
    is_whole: bool,
) -> inventory.Listing:
    """Take each host where it is mapped to, or in the only cell that has it.

    :param answers: the hosts in each cell that told
    """
    present = {
        name
        for cell, names in answers.items()
        for name in names
        if mappings.cell_of(name) == cell
    }
    unmapped = collections.Counter(
        name
        for names in answers.values()
        for name in names
        if mappings.cell_of(name) is None
    )
    once = {name for name, number in unmapped.items() if number == 1}
    unsure = {
        name for name, cell in mappings.cells.items() if cell not in answers
    }
    return inventory.Listing(
        present=frozenset(present | once),
        unsure=frozenset(unsure),
        absent=frozenset(mappings.cells.keys() - present - unsure),
        is_whole=is_whole,
    )
