# SPDX-License-Identifier: Apache-2.0
"""The inventory 'registered'."""

from typing import Any

from nova_aggext import conf as aggext_conf
from nova_aggext import exception
from nova_aggext.db import database as db_database
from nova_aggext.hosts import registered
from nova_aggext.testing import host_inventory
from nova_aggext.tests import base
from nova_aggext.tests.functional import databases

# Nobody listens on that port.
AWAY = 'mysql+pymysql://nobody@127.0.0.1:1/aggext'


class ContractTest(host_inventory.HostInventoryTests, base.TestCase):
    """Registered hosts keep the contract of every inventory."""

    def setUp(self) -> None:
        super().setUp()
        found = self.useFixture(databases.Database())
        self.hosts = registered.RegisteredHosts(found.conf, found.database)

    def make_inventory(self) -> registered.RegisteredHosts:
        """Give the inventory."""
        return self.hosts

    def make_unreachable_inventory(self) -> registered.RegisteredHosts:
        """Make one whose database is away."""
        conf = aggext_conf.load([])
        for option, value in (('connection', AWAY), ('max_retries', 0)):
            conf.set_override(option, value, 'api_database')
        database = db_database.Database(conf)
        self.addCleanup(database.close)
        return registered.RegisteredHosts(conf, database)

    def add_host(self, name: str) -> None:
        """Register a host."""
        self.hosts.add_host(name)

    def set_instances(self, host: str, count: int) -> None:
        """Register the number of its instances."""
        self.hosts.add_host(host, instances=count)

    def remove_host(self, name: str) -> None:
        """Forget a host."""
        self.hosts.remove_host(name)


class RegisteredHostsTest(base.TestCase):
    """What only this inventory can do."""

    def setUp(self) -> None:
        super().setUp()
        found = self.useFixture(databases.Database())
        self.hosts = registered.RegisteredHosts(found.conf, found.database)

    def _refused(
        self, error: type[Exception], change: Any, *names: str
    ) -> None:
        before = self.hosts.registrations()
        self.assertRaises(error, change, *names)
        self.assertEqual(before, self.hosts.registrations())

    def test_check_without_the_table(self) -> None:
        empty = self.useFixture(databases.Database(synced=False))
        hosts = registered.RegisteredHosts(empty.conf, empty.database)
        self.assertRaises(exception.ConfigurationError, hosts.check)

    def test_list(self) -> None:
        self.hosts.add_host('b', 'a', instances=2)
        self.hosts.add_host('c')
        self.assertEqual(
            [('a', 2), ('b', 2), ('c', 0)],
            list(self.hosts.registrations().items()),
        )

    def test_add_again_changes_the_number(self) -> None:
        self.hosts.add_host('a', instances=2)
        self.hosts.add_host('a', 'b', instances=1)
        self.assertEqual({'a': 1, 'b': 1}, self.hosts.registrations())

    def test_add_beside_one_that_compares_equal(self) -> None:
        self.hosts.add_host('host')
        self._refused(
            exception.HostInUse, self.hosts.add_host, 'other', 'HOST'
        )

    def test_remove(self) -> None:
        self.hosts.add_host('a', 'b', 'c')
        self.hosts.remove_host('a', 'c')
        self.assertEqual({'b': 0}, self.hosts.registrations())

    def test_remove_all_or_none(self) -> None:
        self.hosts.add_host('a')
        self._refused(
            exception.ComputeHostNotFound, self.hosts.remove_host, 'a', 'A'
        )
