# SPDX-License-Identifier: Apache-2.0
"""What the audit asks placement for."""

from collections.abc import Collection

import sqlalchemy as sa

from nova_aggext import exception
from nova_aggext.compute import audit as plain_audit
from nova_aggext.compute import inventory
from nova_aggext.db import models
from nova_aggext.placement import audit
from nova_aggext.placement import client
from nova_aggext.placement import mirror as placement_mirror
from nova_aggext.tests import aggregates
from nova_aggext.tests import base
from nova_aggext.tests.functional import databases
from nova_aggext.tests.unit import stubs


class Placement:
    """A placement in which all is right."""

    def __init__(self) -> None:
        self.asked: list[str] = []

    def members(self, aggregate: str) -> list[tuple[str, str]]:
        """Give no provider."""
        self.asked.append(aggregate)
        return []


class Mirror:
    """Finds a host in the aggregates that it is to be in."""

    def __init__(self, *aggregates: str) -> None:
        self.aggregates = frozenset(aggregates)

    def nodes(self, host: str) -> list[inventory.ComputeNode]:
        """Give one node."""
        return [inventory.ComputeNode(uuid='p', name=host)]

    def known_nodes(
        self, hosts: Collection[str]
    ) -> dict[str, list[inventory.ComputeNode]]:
        """Give the node of each."""
        return {host: self.nodes(host) for host in hosts}

    def find(self, *_: object) -> client.Membership:
        """Give what is to be."""
        return client.Membership('p', self.aggregates, 0)


class Counted:
    """A placement with some memberships, that counts what it is asked."""

    def __init__(self, **members: list[str]) -> None:
        self.all = members
        self.asked: list[str] = []

    def members(self, aggregate: str) -> list[tuple[str, str]]:
        """Give the providers in an aggregate."""
        self.asked.append(aggregate)
        return [(f'rp-{name}', name) for name in self.all[aggregate]]

    def find_provider(self, name: str, _request: object) -> str | None:
        """Give a provider; there are those of hosts that begin so."""
        self.asked.append(name)
        return f'rp-{name}' if name.startswith('h') else None

    def get(self, provider: str, _request: object) -> client.Membership:
        """Give a provider that is in no aggregate."""
        self.asked.append(provider)
        return client.Membership(provider, frozenset(), 0)


class Cells(stubs.Inventory):
    """An inventory in which ``twin`` is in two cells.

    :ivar alone: who was asked for alone
    """

    def __init__(self) -> None:
        super().__init__()
        self.alone: list[str] = []

    def get_host(self, name: str) -> inventory.Host:
        """Find a host with a node, or raise."""
        self.alone.append(name)
        if name == 'twin':
            raise exception.HostInManyCells(host=name, cells='c1, c2')
        return self._host(name)

    def get_hosts(self, names: Collection[str]) -> dict[str, inventory.Host]:
        """Find all but ``twin``."""
        self.searched.append(len(names))
        return {name: self._host(name) for name in names if name != 'twin'}

    def _host(self, name: str) -> inventory.Host:
        node = inventory.ComputeNode(uuid=f'rp-{name}', name=name)
        return inventory.Host(name=name, nodes=(node,))


class CallsTest(base.TestCase):
    """How often placement is asked, and what is made of its answers."""

    def find(
        self, placement: Counted, **hosts: list[str]
    ) -> list[plain_audit.Finding]:
        """Compare placement with aggregates of these hosts."""
        database = self.useFixture(databases.Database()).database

        def work(session: sa.Connection) -> None:
            for name, members in hosts.items():
                aggregates.make(session, name, members)

        database.write(work)
        self.cells = Cells()
        mirror = placement_mirror.Mirror(placement, self.cells, database)  # type: ignore[arg-type]
        checked = audit.Memberships(placement, mirror, database)  # type: ignore[arg-type]
        self.ticks = 0
        return checked.find(self._tick)

    def _tick(self) -> None:
        self.ticks += 1

    def test_agreement_takes_one_call_an_aggregate(self) -> None:
        hosts = [f'h{number}' for number in range(50)]
        placement = Counted(a=hosts, b=hosts, c=[])
        self.assertEqual([], self.find(placement, a=hosts, b=hosts, c=[]))
        self.assertEqual(['a', 'b', 'c'], placement.asked)
        self.assertEqual(3 + 50, self.ticks)
        self.assertEqual([50], self.cells.searched)
        self.assertEqual([], self.cells.alone)

    def test_only_hosts_that_are_missing_are_asked_for(self) -> None:
        placement = Counted(a=['h1', 'h9'], b=['h1'])
        found = self.find(placement, a=['h1', 'h2'], b=['h2'])
        self.assertEqual(
            [
                ('h1', (2,), 'provider h1 is in aggregates of other hosts'),
                ('h2', (1, 2), 'provider h2 is not in the aggregates'),
                ('h9', (1,), 'provider h9 is in aggregates, its host is not'),
            ],
            [(one.subject, one.aggregates, one.detail) for one in found],
        )
        self.assertTrue(all(one.sure for one in found))
        self.assertEqual(['a', 'b', 'rp-h2'], placement.asked)

    def test_host_in_two_cells(self) -> None:
        """It is told of; nothing is repaired that may be its provider."""
        placement = Counted(a=['h1', 'x1'], b=['x1'])
        found = self.find(placement, a=['h1', 'twin'], b=[])
        self.assertEqual(['twin', 'x1'], [one.subject for one in found])
        self.assertIn('more than one cell', found[0].detail)
        self.assertEqual([(1,), (2,)], [one.aggregates for one in found])
        self.assertEqual([(), ()], [one.repairs for one in found])
        self.assertEqual(['twin'], self.cells.alone)


class MembershipsTest(base.TestCase):
    """A host in two aggregates, one of which has no uuid."""

    def test_without_uuid(self) -> None:
        """It is told of, and placement is asked of the others alone."""
        database = self.useFixture(databases.Database()).database
        table = models.aggregates

        def work(session: sa.Connection) -> int:
            for name in ('good', 'bad'):
                made = aggregates.make(session, name, ['h1'])
            session.execute(
                sa.update(table).where(table.c.name == 'bad').values(uuid=None)
            )
            return made.id

        bad = database.write(work)
        placement = Placement()
        checked = audit.Memberships(placement, Mirror('good'), database)  # type: ignore[arg-type]
        (found,) = checked.find(lambda: None)
        self.assertEqual(((bad,), 'bad'), (found.aggregates, found.subject))
        self.assertIn('no uuid', found.detail)
        self.assertEqual((), found.repairs)
        self.assertEqual(['good'], placement.asked)
