# SPDX-License-Identifier: Apache-2.0
"""What every inventory of hosts promises, as tests that a driver inherits::

    class MyHostsTest(host_inventory.HostInventoryTests):
        def make_inventory(self):
            return MyHosts(...)
        ...

Needs testtools, which this package does not install.
"""

import abc
from collections.abc import Collection

import testtools

from nova_aggext import exception
from nova_aggext.compute import ports


class HostInventoryTests(testtools.TestCase, metaclass=abc.ABCMeta):
    """The contract of ``ports.HostInventory``.

    A test starts with an inventory that knows no host.
    """

    @abc.abstractmethod
    def make_inventory(self) -> ports.HostInventory:
        """Make the inventory; called once a test, after ``setUp``."""

    @abc.abstractmethod
    def make_unreachable_inventory(self) -> ports.HostInventory:
        """Make an inventory whose source of facts cannot be reached."""

    @abc.abstractmethod
    def add_host(self, name: str) -> None:
        """Make a compute host known, with a compute node."""

    @abc.abstractmethod
    def set_instances(self, host: str, count: int) -> None:
        """Let a host that is known have so many instances."""

    @abc.abstractmethod
    def remove_host(self, name: str) -> None:
        """Make a host unknown, with its instances."""

    def inventory(self) -> ports.HostInventory:
        """Make the inventory and close it at the end."""
        made = self.make_inventory()
        self.addCleanup(made.close)
        return made

    def test_get_host(self) -> None:
        """A host is found by its name."""
        self.add_host('node-1.example.org')
        self.add_host('node-2.example.org')
        found = self.inventory().get_host('node-1.example.org')
        self.assertEqual('node-1.example.org', found.name)
        self.assertIsInstance(found.nodes, tuple)

    def test_get_host_that_is_unknown(self) -> None:
        """An unknown host is not found, also beside others."""
        inventory = self.inventory()
        self.assert_unknown(inventory, 'node-1')
        self.add_host('node-1')
        self.assert_unknown(inventory, 'node-2')

    def test_get_host_by_its_exact_name(self) -> None:
        """Names compare byte for byte, whatever a database does."""
        self.add_host('Node-1')
        inventory = self.inventory()
        for name in ('node-1', 'NODE-1', 'Node-1 ', 'Nöde-1', 'Node-%', ''):
            self.assert_unknown(inventory, name)

    def test_get_host_that_came_and_went(self) -> None:
        """What is known is never remembered."""
        inventory = self.inventory()
        self.assert_unknown(inventory, 'node-1')
        self.add_host('node-1')
        self.assertEqual('node-1', inventory.get_host('node-1').name)
        self.remove_host('node-1')
        self.assert_unknown(inventory, 'node-1')

    def test_get_hosts(self) -> None:
        """Each host is found as it is alone, but for its instances."""
        for name in ('node-1', 'node-2', 'node-3'):
            self.add_host(name)
        inventory = self.inventory()
        found = inventory.get_hosts(['node-3', 'node-1'])
        self.assertEqual({'node-1', 'node-3'}, set(found))
        for name, host in found.items():
            alone = inventory.get_host(name)
            self.assertEqual(
                (name, alone.nodes), (host.name, tuple(host.nodes))
            )
            self.assertIn(host.instances, (None, 0))

    def test_get_hosts_that_are_unknown(self) -> None:
        """They are left out, also beside others, and once they are gone."""
        self.add_host('node-1')
        inventory = self.inventory()
        self.assert_found({'node-1'}, inventory, ['node-1', 'node-2'])
        self.assert_found(set(), inventory, ['node-2'])
        self.remove_host('node-1')
        self.assert_found(set(), inventory, ['node-1', 'node-2'])

    def test_get_hosts_by_their_exact_names(self) -> None:
        """Names compare byte for byte, whatever a database does."""
        self.add_host('Node-1')
        others = ['node-1', 'NODE-1', 'Node-1 ', 'Nöde-1', 'Node-%', '']
        inventory = self.inventory()
        self.assert_found(set(), inventory, others)
        self.assert_found({'Node-1'}, inventory, [*others, 'Node-1'])

    def test_get_hosts_in_any_collection(self) -> None:
        """Names come in whatever holds them; none are asked for as well."""
        self.add_host('node-1')
        inventory = self.inventory()
        collections: tuple[Collection[str], ...] = (
            ['node-1', 'node-1'],
            ('node-1',),
            {'node-1'},
            {'node-1': None}.keys(),
        )
        for names in collections:
            self.assert_found({'node-1'}, inventory, names)
        self.assert_found(set(), inventory, [])

    def test_get_many_hosts(self) -> None:
        """More can be asked for than one statement of a database holds."""
        names = [f'node-{number}' for number in range(40000)]
        present = {names[0], names[1000], names[-1]}
        for name in present:
            self.add_host(name)
        self.assert_found(present, self.inventory(), names)

    def test_list_hosts(self) -> None:
        """All that are found alone are listed, and nothing else."""
        inventory = self.inventory()
        self.assertEqual(frozenset(), inventory.list_hosts().present)
        for name in ('node-1', 'Node-2', 'node-3'):
            self.add_host(name)
        self.remove_host('node-3')
        told = inventory.list_hosts()
        self.assertEqual({'node-1', 'Node-2'}, told.present)
        self.assertTrue(told.is_whole)
        for name in ('node-3', 'node-2', 'node-1 ', ''):
            self.assertIs(False, told.knows(name))
            self.assert_unknown(inventory, name)

    def test_count_instances(self) -> None:
        """Each host asked for gets its own number."""
        for name, count in (('node-1', 0), ('node-2', 3), ('node-3', 1)):
            self.add_host(name)
            self.set_instances(name, count)
        inventory = self.inventory()
        self.assert_counts({'node-1': 0, 'node-2': 3}, inventory)
        self.assert_counts({'node-3': 1}, inventory)

    def test_count_instances_of_hosts_that_are_gone(self) -> None:
        """An unknown host has no instances, and is no error."""
        self.add_host('node-1')
        self.set_instances('node-1', 2)
        inventory = self.inventory()
        self.assert_counts({'node-1': 2, 'node-2': 0}, inventory)
        self.remove_host('node-1')
        self.assert_counts({'node-1': 0}, inventory)

    def test_count_instances_again(self) -> None:
        """Numbers are those of now."""
        self.add_host('node-1')
        inventory = self.inventory()
        for count in (0, 2, 1):
            self.set_instances('node-1', count)
            self.assert_counts({'node-1': count}, inventory)

    def test_count_instances_of_no_hosts(self) -> None:
        """Nothing asked, nothing told."""
        self.add_host('node-1')
        self.assert_counts({}, self.inventory())

    def test_count_instances_of_any_collection(self) -> None:
        """Hosts come in whatever holds names."""
        self.add_host('node-1')
        self.set_instances('node-1', 2)
        inventory = self.inventory()
        collections: tuple[Collection[str], ...] = (
            ['node-1'],
            ('node-1',),
            {'node-1'},
            frozenset(['node-1']),
            {'node-1': None}.keys(),
        )
        for hosts in collections:
            told = inventory.count_instances(hosts)
            self.assertEqual({'node-1': 2}, dict(told))

    def test_count_instances_of_many_hosts(self) -> None:
        """A large aggregate is counted at once."""
        self.add_host('node-1')
        self.set_instances('node-1', 2)
        names = [f'node-{number}' for number in range(1, 1001)]
        expected = {**dict.fromkeys(names, 0), 'node-1': 2}
        self.assert_counts(expected, self.inventory())

    def test_check(self) -> None:
        """An inventory that works passes, with and without hosts."""
        inventory = self.inventory()
        inventory.check()
        self.add_host('node-1')
        inventory.check()

    def test_close(self) -> None:
        """Used or not, an inventory can be closed, and once more."""
        self.make_inventory().close()
        self.add_host('node-1')
        inventory = self.make_inventory()
        inventory.get_host('node-1')
        inventory.close()
        inventory.close()

    def test_unreachable(self) -> None:
        """Who cannot tell says so, instead of "unknown" or "none"."""
        inventory = self.make_unreachable_inventory()
        self.addCleanup(inventory.close)
        for ask in (
            lambda: inventory.get_host('node-1'),
            lambda: inventory.get_hosts(['node-1']),
            lambda: inventory.count_instances(['node-1']),
            inventory.check,
        ):
            self.assertRaises(exception.ServiceUnavailable, ask)

    def test_list_hosts_where_some_cannot_be_reached(self) -> None:
        """Who cannot tell says so, and those who can are heard."""
        inventory = self.make_unreachable_inventory()
        self.addCleanup(inventory.close)
        try:
            told = inventory.list_hosts()
        except exception.ServiceUnavailable:
            return
        self.assertFalse(told.is_whole)
        self.assertIsNone(told.knows('node-1'))

    def assert_unknown(
        self, inventory: ports.HostInventory, name: str
    ) -> None:
        """Check that there is no such host."""
        self.assertRaises(
            exception.ComputeHostNotFound, inventory.get_host, name
        )

    def assert_found(
        self,
        expected: set[str],
        inventory: ports.HostInventory,
        names: Collection[str],
    ) -> None:
        """Check which of some hosts there are."""
        self.assertEqual(expected, set(inventory.get_hosts(names)))

    def assert_counts(
        self, expected: dict[str, int], inventory: ports.HostInventory
    ) -> None:
        """Check the numbers of instances of some hosts."""
        told = inventory.count_instances(list(expected))
        self.assertEqual(expected, dict(told))
