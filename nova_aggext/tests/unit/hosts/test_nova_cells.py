# SPDX-License-Identifier: Apache-2.0
"""The inventory 'nova_cells' on databases of SQLite."""

from nova_aggext import exception
from nova_aggext.compute import inventory
from nova_aggext.hosts import cells
from nova_aggext.hosts import nova_cells
from nova_aggext.testing import host_inventory
from nova_aggext.tests import base
from nova_aggext.tests.unit.hosts import nova


class CellsTestCase(base.TestCase):
    """A Nova with the cells cell0, one and two."""

    def setUp(self) -> None:
        super().setUp()
        self.nova = self.useFixture(nova.Nova())
        self.nova.add_cell('cell0', uuid=cells.CELL0, name='cell0')
        self.nova.add_cell('one', name='one')
        self.nova.add_cell('two')

    def make_inventory(self) -> nova_cells.NovaCells:
        """Make the inventory."""
        return nova_cells.NovaCells(self.nova.conf, self.nova.database)

    def add_host(self, name: str, cell: str = 'one') -> None:
        """Add a mapped host with a service and a node."""
        self.nova.map_host(name, cell)
        self.nova.add_service(name, cell)
        self.nova.add_node(name, cell, f'{name}.example.org')


class ContractTest(CellsTestCase, host_inventory.HostInventoryTests):
    """The cells of a Nova keep the contract of every inventory."""

    def make_unreachable_inventory(self) -> nova_cells.NovaCells:
        """Make one with a cell whose database is not there."""
        self.nova.move_cell('two', 'sqlite:////nowhere/two.sqlite')
        return self.make_inventory()

    def set_instances(self, host: str, count: int) -> None:
        """Replace the instances of a host."""
        self.nova.remove_instances(host, 'one')
        self.nova.add_instances(host, 'one', count)

    def remove_host(self, name: str) -> None:
        """Do what ``nova-manage cell_v2 delete_host`` does."""
        self.nova.unmap_host(name)
        self.nova.remove_service(name, 'one')
        self.nova.remove_instances(name, 'one')


class HostsTest(CellsTestCase):
    """Where a host is found."""

    def setUp(self) -> None:
        super().setUp()
        self.inventory = self.make_inventory()
        self.addCleanup(self.inventory.close)

    def _unknown(
        self,
        error: type[Exception] = exception.ComputeHostNotFound,
    ) -> str:
        return str(self.assertRaises(error, self.inventory.get_host, 'h1'))

    def test_nodes(self) -> None:
        self.add_host('h1', 'two')
        self.nova.add_node('h1', 'two', 'second')
        self.nova.add_node('h1', 'two', 'gone', deleted=3)
        first = inventory.ComputeNode(
            'uuid of h1.example.org', 'h1.example.org'
        )
        second = inventory.ComputeNode('uuid of second', 'second')
        self.assertEqual(
            inventory.Host('h1', (first, second), instances=0),
            self.inventory.get_host('h1'),
        )

    def test_without_mapping(self) -> None:
        for cell in ('two', 'cell0'):
            self.nova.add_service(f'in {cell}', cell)
            self.nova.add_node(f'in {cell}', cell, 'node')
            found = self.inventory.get_host(f'in {cell}')
            self.assertEqual(f'in {cell}', found.name)
            # Another cell may have instances of it as well.
            self.assertIsNone(found.instances)

    def test_mapped_to_a_cell_without_it(self) -> None:
        self.nova.map_host('h1', 'one')
        self.nova.add_service('h1', 'two')
        self.nova.add_node('h1', 'two', 'node')
        self._unknown()

    def test_no_other_cell_is_asked_for_a_mapped_host(self) -> None:
        self.add_host('h1')
        self.nova.move_cell('two', 'sqlite:////nowhere/two.sqlite')
        self.assertEqual('h1', self.inventory.get_host('h1').name)

    def test_services_that_do_not_count(self) -> None:
        self.nova.map_host('h1', 'one')
        self.nova.add_service('h1', 'one', binary='nova-conductor')
        self.nova.add_service('h1', 'one', deleted=1)
        self.nova.add_node('h1', 'one', 'node')
        self._unknown()

    def test_without_node(self) -> None:
        self.nova.map_host('h1', 'one')
        self.nova.add_service('h1', 'one')
        self._unknown(exception.ComputeNodeNotFound)

    def test_in_two_cells(self) -> None:
        for cell in ('one', 'two'):
            self.nova.add_service('h1', cell)
            self.nova.add_node('h1', cell, 'node')
        text = self._unknown(exception.HostInManyCells)
        self.assertIn('one, uuid of two', text)

    def test_in_two_cells_of_one_name(self) -> None:
        self.nova.add_cell('other', name='one')
        for cell in ('one', 'other'):
            self.nova.add_service('h1', cell)
            self.nova.add_node('h1', cell, 'node')
        self._unknown(exception.HostInManyCells)

    def test_cell_that_moved(self) -> None:
        self.nova.add_cell('new')
        self._unknown()
        self.nova.add_service('h1', 'new')
        self.nova.add_node('h1', 'new', 'node')
        self.nova.move_cell('new', 'sqlite:////nowhere/new.sqlite')
        self._unknown(exception.CellMisfit)
        self.nova.move_cell('new', self.nova.url('new'))
        self.assertEqual('h1', self.inventory.get_host('h1').name)


class ManyHostsTest(CellsTestCase):
    """Which hosts are found among many."""

    def find(self, *names: str) -> dict[str, inventory.Host]:
        """Ask for hosts."""
        made = self.make_inventory()
        self.addCleanup(made.close)
        return made.get_hosts(names)

    def test_nodes(self) -> None:
        self.add_host('h1', 'one')
        self.add_host('h2', 'two')
        self.nova.add_node('h2', 'two', 'second')
        self.nova.add_node('h2', 'two', 'gone', deleted=3)
        self.nova.add_instances('h2', 'two', 2)
        nodes = [
            inventory.ComputeNode(f'uuid of {name}', name)
            for name in ('h1.example.org', 'h2.example.org', 'second')
        ]
        expected = {
            'h1': inventory.Host('h1', tuple(nodes[:1])),
            'h2': inventory.Host('h2', tuple(nodes[1:])),
        }
        self.assertEqual(expected, self.find('h1', 'h2', 'h3'))

    def test_without_mapping(self) -> None:
        for cell in ('two', 'cell0'):
            self.nova.add_service(f'in {cell}', cell)
            self.nova.add_node(f'in {cell}', cell, 'node')
        self.add_host('mapped')
        names = ('in two', 'in cell0', 'mapped')
        self.assertEqual(set(names), set(self.find(*names)))

    def test_that_are_not_found_alone(self) -> None:
        self.add_host('h1')
        self.nova.map_host('elsewhere', 'one')
        for host in ('elsewhere', 'twin'):
            self.nova.add_service(host, 'two')
            self.nova.add_node(host, 'two', host)
        self.nova.add_service('twin', 'one')
        self.nova.map_host('without node', 'one')
        self.nova.add_service('without node', 'one')
        self.nova.map_host('conductor', 'one')
        self.nova.add_service('conductor', 'one', binary='nova-conductor')
        self.nova.add_node('conductor', 'one', 'node')
        found = self.find(
            'h1', 'elsewhere', 'twin', 'without node', 'conductor'
        )
        self.assertEqual(['h1'], list(found))

    def test_cell_that_is_away(self) -> None:
        self.add_host('h1', 'one')
        self.add_host('h2', 'two')
        self.nova.move_cell('two', 'sqlite:////nowhere/two.sqlite')
        self.assertEqual(['h1'], list(self.find('h1')))
        for hosts in (('h2',), ('h1', 'h2'), ('h1', 'unmapped')):
            error = self.assertRaises(
                exception.CellUnavailable, self.find, *hosts
            )
            self.assertIn('uuid of two', str(error))


class InstancesTest(CellsTestCase):
    """Which instances count."""

    def _counts(self, *hosts: str) -> dict[str, int]:
        inventory = self.make_inventory()
        self.addCleanup(inventory.close)
        return inventory.count_instances(hosts)

    def test_mapped_hosts_in_their_cells_only(self) -> None:
        self.add_host('h1', 'one')
        self.add_host('h2', 'two')
        for cell in ('one', 'two'):
            self.nova.add_instances('h1', cell, 1)
            self.nova.add_instances('h2', cell, 2)
        self.assertEqual({'h1': 1, 'h2': 2}, self._counts('h1', 'h2'))

    def test_hosts_without_mapping_in_every_cell_but_cell0(self) -> None:
        for count, cell in enumerate(('one', 'two', 'cell0'), start=1):
            self.nova.add_instances('h1', cell, count)
        self.assertEqual({'h1': 3}, self._counts('h1'))

    def test_hosts_without_mapping_in_cells_of_one_name(self) -> None:
        self.nova.add_cell('other', name='one')
        self.nova.add_instances('h1', 'one', 1)
        self.nova.add_instances('h1', 'other', 2)
        self.assertEqual({'h1': 3}, self._counts('h1'))

    def test_deleted_ones_do_not_count(self) -> None:
        self.add_host('h1')
        self.nova.add_instances('h1', 'one', 2, deleted=5)
        self.assertEqual({'h1': 0}, self._counts('h1'))

    def test_cell_that_is_away(self) -> None:
        self.add_host('h1', 'one')
        self.add_host('h2', 'two')
        self.nova.move_cell('two', 'sqlite:////nowhere/two.sqlite')
        self.assertEqual({'h1': 0}, self._counts('h1'))
        for hosts in (('h2',), ('h1', 'h2'), ('unmapped',)):
            error = self.assertRaises(
                exception.CellUnavailable, self._counts, *hosts
            )
            self.assertIn('uuid of two', error.public)
            self.assertNotIn('nowhere', error.public)
        self.assertIn('/nowhere/two.sqlite', self.log.output)


class ListTest(CellsTestCase):
    """All hosts at once."""

    def setUp(self) -> None:
        super().setUp()
        self.inventory = self.make_inventory()
        self.addCleanup(self.inventory.close)

    def test_the_same_as_one_by_one(self) -> None:
        self.add_host('h1')
        self.add_host('h2', 'two')
        for name, places in (
            ('unmapped', ['two']),
            ('in many', ['one', 'two']),
            ('in cell0', ['cell0']),
        ):
            for cell in places:
                self.nova.add_service(name, cell)
                self.nova.add_node(name, cell, name)
        self.nova.map_host('elsewhere', 'one')
        self.nova.add_service('elsewhere', 'two')
        self.nova.add_node('elsewhere', 'two', 'x')
        self.nova.add_service('no node', 'one')
        self.nova.add_service('gone', 'one', deleted=1)
        self.nova.add_node('gone', 'one', 'y')
        told = self.inventory.list_hosts()
        self.assertEqual({'h1', 'h2', 'unmapped', 'in cell0'}, told.present)
        self.assertTrue(told.is_whole)
        for name in ('in many', 'elsewhere', 'no node', 'gone', 'x'):
            self.assertIs(False, told.knows(name))
            self.assertRaises(
                (exception.NotFound, exception.Conflict),
                self.inventory.get_host,
                name,
            )

    def test_cell_that_is_away(self) -> None:
        self.add_host('h1')
        self.add_host('h2', 'two')
        self.nova.map_host('absent', 'one')
        for url in ('sqlite:////nowhere/two.sqlite', 'nonsense', '{x}'):
            self.nova.move_cell('two', url)
            told = self.inventory.list_hosts()
            self.assertEqual({'h1'}, told.present)
            self.assertEqual({'h2'}, told.unsure)
            self.assertFalse(told.is_whole)
            self.assertIs(False, told.knows('absent'))
            for name in ('h2', 'unmapped'):
                self.assertIsNone(told.knows(name))
