# SPDX-License-Identifier: Apache-2.0
"""What one database holds, or takes for equal, and another does not."""

import dataclasses
import functools

import sqlalchemy as sa
import testscenarios

from nova_aggext import exception
from nova_aggext.compute import api
from nova_aggext.compute import ports
from nova_aggext.db import queries
from nova_aggext.db import writing
from nova_aggext.hosts import cell_queries
from nova_aggext.hosts import cells
from nova_aggext.hosts import registered
from nova_aggext.tests import aggregates
from nova_aggext.tests import base
from nova_aggext.tests.functional import databases
from nova_aggext.tests.unit import stubs
from nova_aggext.tests.unit.hosts import nova

load_tests = testscenarios.load_tests_apply_scenarios

NUL = 'a\0b'
# Around what columns and drivers hold.
BIG = [sign * 2**bits for bits in (31, 32, 63, 64) for sign in (1, -1)]


class LimitsTest(base.TestCase):
    """One aggregate, on each database."""

    scenarios = [(kind, {'kind': kind}) for kind in databases.KINDS]
    kind: str

    def setUp(self) -> None:
        super().setUp()
        made = self.useFixture(databases.Database(self.kind))
        self.conf, self.database = made.conf, made.database
        self.one = self.database.write(
            lambda session: aggregates.make(session, 'one')
        ).id

    def put(self, value: str, *, new: bool) -> str:
        """Set a value of metadata; give what is there then."""
        write = writing.insert_metadata if new else writing.update_metadata
        row = {(self.one, 'k'): value}
        self.database.write(lambda s: write(s, row, aggregates.MOMENT))
        found = self.database.ask(lambda s: queries.get_aggregate(s, self.one))
        return found.metadata['k']

    def test_nul(self) -> None:
        """PostgreSQL cannot store it, the others can, as Nova does."""
        if self.kind == 'postgresql':
            for new in (True, False):
                error = self.assertRaises(
                    exception.MetadataNotStorable, self.put, NUL, new=new
                )
                self.assertEqual(400, error.code)
            return
        self.assertEqual(NUL, self.put(NUL, new=True))
        self.assertEqual(f'{NUL}\0', self.put(f'{NUL}\0', new=False))
        (found,) = self.database.read(queries.list_aggregates)
        self.assertEqual({'k': f'{NUL}\0'}, found.metadata)

    def test_big_ids(self) -> None:
        """What no column holds is the id of nothing."""
        for number in BIG:
            self.database.ask(functools.partial(self.check_no_id, number))

    def test_calls_with_big_ids(self) -> None:
        """Every call answers that there is no such aggregate."""
        hosts = stubs.Inventory(h1=0)
        made = api.AggregateAPI(self.database, hosts, ports.Silent())
        who = stubs.caller()
        for number in BIG:
            for call, arguments in (
                (made.get_aggregate, ()),
                (made.update_aggregate, ({'name': 'b'},)),
                (made.update_aggregate_metadata, ({'k': 'v'},)),
                (made.delete_aggregate, ()),
                (made.add_host_to_aggregate, ('h1',)),
                (made.remove_host_from_aggregate, ('h1',)),
            ):
                self.assertRaises(
                    exception.AggregateNotFound, call, who, number, *arguments
                )

    def test_registered_hosts(self) -> None:
        """They are found by their exact names, however many."""
        hosts = registered.RegisteredHosts(self.conf, self.database)
        hosts.add_host('Host1', 'host2', instances=3)
        names = [f'host{number}' for number in range(40000)]
        found = hosts.get_hosts([*names, 'HOST2'])
        self.assertEqual(['host2'], list(found))
        self.assertEqual(3, found['host2'].instances)

    def check_no_id(self, number: int, session: sa.Connection) -> None:
        """Look for an aggregate in every way that there is."""
        self.assertRaises(
            exception.AggregateNotFound, queries.get_aggregate, session, number
        )
        self.assertFalse(queries.has_zone(session, number))


class HostsTest(base.TestCase):
    """Two hosts whose names differ in case, in the tables of a Nova."""

    scenarios = LimitsTest.scenarios
    kind: str

    def setUp(self) -> None:
        super().setUp()
        made = databases.Database(self.kind, synced=False)
        engine = sa.create_engine(self.useFixture(made).url)
        self.addCleanup(engine.dispose)
        self.connection = engine.connect()
        self.addCleanup(self.connection.close)
        cells.cell_mappings.metadata.create_all(self.connection)
        mysql = self.kind == 'mysql'
        for table, columns in nova.COLUMNS.items():
            # MariaDB quotes in another way.
            quoted = columns.replace('"', '`' if mysql else '"')
            self.connection.execute(
                sa.text(f'CREATE TABLE {table} ({quoted})')
            )

    def fill(self, *hosts: str) -> None:
        """Map the hosts to cells of their names; the nth has n instances."""
        for number, host in enumerate(hosts, start=1):
            self.connection.execute(
                sa.insert(cells.cell_mappings),
                {'id': number, 'uuid': f'cell of {host}'},
            )
            self.connection.execute(
                sa.insert(cells.host_mappings),
                {'cell_id': number, 'host': host},
            )
            self.connection.execute(
                sa.insert(cell_queries.instances),
                [{'host': host, 'deleted': 0}] * number,
            )

    def add_host(self, name: str, *nodes: str) -> None:
        """Add a service of a host, and nodes."""
        self.connection.execute(
            sa.insert(cell_queries.services),
            {'host': name, 'binary': 'nova-compute', 'deleted': 0},
        )
        for node in nodes:
            values = {'uuid': node, 'host': name, 'hypervisor_hostname': node}
            self.connection.execute(
                sa.insert(cell_queries.compute_nodes),
                {'id': int(node[1:]), 'deleted': 0, **values},
            )

    def test_two_hosts(self) -> None:
        """They are one for a database that takes their names for equal."""
        hosts = ('Host1', 'host1')
        self.fill(*hosts)
        counts = cell_queries.count_instances(self.connection, hosts)
        one = self.kind == 'mysql'
        self.assertEqual(
            {'Host1': 3 if one else 1, 'host1': 3 if one else 2}, counts
        )

    def test_one_host(self) -> None:
        """What is asked for in another case counts where it is the same."""
        self.fill('Host1')
        for host in ('host1', 'HOST1', 'höst1'):
            same = self.kind == 'mysql'
            found = cell_queries.count_instances(self.connection, [host])
            self.assertEqual({host: 1} if same else {}, found)
            mapped = cells.cells_of_hosts(self.connection, [host])
            self.assertEqual([host] if same else [], list(mapped))

    def test_found(self) -> None:
        """Hosts are found by their exact names, alone and with others."""
        self.add_host('Host1', 'n1', 'n2')
        self.add_host('h2', 'n3')
        self.add_host('h3')
        asked = ['host1', 'Host1', 'h2', 'h3', 'h4']
        found = cell_queries.get_hosts(self.connection, asked)
        nodes = {
            name: [node.name for node in host.nodes]
            for name, host in found.items()
        }
        self.assertEqual(
            {'Host1': ['n1', 'n2'], 'h2': ['n3'], 'h3': []}, nodes
        )
        for name in asked:
            alone = cell_queries.get_host(self.connection, name)
            known = alone and dataclasses.replace(alone, instances=None)
            self.assertEqual(known, found.get(name))

    def test_mapped(self) -> None:
        """Each is mapped to a cell, though maybe to that of the other."""
        hosts = ('Host1', 'host1')
        self.fill(*hosts)
        found = cells.cells_of_hosts(self.connection, hosts)
        self.assertEqual(hosts, tuple(found))
        if self.kind != 'mysql':
            named = [cell.uuid for cell in found.values()]
            self.assertEqual([f'cell of {host}' for host in hosts], named)
