# SPDX-License-Identifier: Apache-2.0
"""Rules of the audit, and checks on inventories that are told."""

from collections.abc import Collection

import sqlalchemy as sa

from nova_aggext import exception
from nova_aggext.compute import api
from nova_aggext.compute import audit
from nova_aggext.compute import inventory
from nova_aggext.db import audit as statements
from nova_aggext.db import models
from nova_aggext.tests import aggregates
from nova_aggext.tests import base
from nova_aggext.tests.functional import databases
from nova_aggext.tests.unit import stubs

Member = statements.Membership


class RulesTest(base.TestCase):
    """Pure functions."""

    def test_equal_keys(self) -> None:
        keys = ['k', 'a', 'K', 'k ', 'b', 'B', 'c']
        self.assertEqual(
            [['k', 'K', 'k '], ['b', 'B']], audit.equal_keys(keys)
        )

    def test_no_equal_keys(self) -> None:
        self.assertEqual([], audit.equal_keys(['a', 'b', ' a']))

    def test_zones_of_hosts(self) -> None:
        members = [
            Member('h1', 3, 'z2'),
            Member('h2', 1, None),
            Member('h1', 1, 'z1'),
            Member('h1', 2, 'z2'),
            Member('H1', 2, 'z1'),
        ]
        found = audit.zones_of_hosts(members)
        self.assertEqual(
            {'h1': {'z2': [3, 2], 'z1': [1]}, 'H1': {'z1': [2]}}, found
        )
        self.assertEqual(['z2', 'z1'], list(found['h1']))


class Strange(stubs.Inventory):
    """An inventory that knows h1 until it is given an error."""

    def __init__(self) -> None:
        super().__init__(h1=0)
        self.error: exception.AggextException | None = None

    def get_host(self, name: str) -> inventory.Host:
        """Find a host, or raise."""
        if self.error is not None:
            raise self.error
        return super().get_host(name)


class Counted(stubs.Inventory):
    """An inventory that counts who is asked for alone."""

    def __init__(self, **instances: int) -> None:
        super().__init__(**instances)
        self.alone: list[str] = []

    def get_host(self, name: str) -> inventory.Host:
        """Find a host."""
        self.alone.append(name)
        return super().get_host(name)

    def get_hosts(self, names: Collection[str]) -> dict[str, inventory.Host]:
        """Find hosts."""
        self.searched.append(len(names))
        return {
            name: inventory.Host(name)
            for name in names
            if name in self.instances
        }


class QuestionsTest(base.TestCase):
    """How often the inventory is asked."""

    def test_alone_only_those_that_are_not_found(self) -> None:
        """A batch takes one question, and each unknown host another."""
        database = self.useFixture(databases.Database()).database
        names = [f'h{number}' for number in range(inventory.BATCH + 9)]
        rows = [{'aggregate_id': 1, 'host': name} for name in names]

        def work(session: sa.Connection) -> None:
            aggregates.make(session, 'a')
            session.execute(sa.insert(models.aggregate_hosts), rows)

        database.write(work)
        hosts = Counted(**dict.fromkeys(names[:-1], 0))
        cases = api.AggregateAPI(database, hosts, stubs.Outbox())
        tools = audit.Tools(database, hosts, cases, stubs.caller())
        ticks: list[None] = []
        found = audit.UnknownHosts(tools).find(lambda: ticks.append(None))
        self.assertEqual([names[-1]], [one.subject for one in found])
        self.assertEqual([inventory.BATCH, 9], hosts.searched)
        self.assertEqual([names[-1]], hosts.alone)
        self.assertEqual(len(names), len(ticks))


class UnknownHostsTest(base.TestCase):
    """Who counts as unknown."""

    def find(self, error: exception.AggextException) -> list[audit.Finding]:
        """Look for hosts when the inventory answers with an error."""
        database = self.useFixture(databases.Database()).database
        inventory = Strange()
        who = stubs.caller()
        cases = api.AggregateAPI(database, inventory, stubs.Outbox())
        made = cases.create_aggregate(who, 'a', None)
        cases.add_host_to_aggregate(who, made.id, 'h1')
        inventory.error = error
        tools = audit.Tools(database, inventory, cases, who)
        return audit.UnknownHosts(tools).find(lambda: None)

    def test_host_without_node(self) -> None:
        error = exception.ComputeNodeNotFound(host='h1')
        (found,) = self.find(error)
        self.assertEqual(str(error), found.detail)
        self.assertFalse(found.sure)

    def test_host_in_many_cells_is_known(self) -> None:
        error = exception.HostInManyCells(host='h1', cells='a, b')
        self.assertEqual([], self.find(error))

    def test_nobody_can_tell(self) -> None:
        error = exception.CellUnavailable(cell='a', reason='x')
        self.assertRaises(exception.CellUnavailable, self.find, error)
