# SPDX-License-Identifier: Apache-2.0
"""Whose providers are told of."""

import sqlalchemy as sa

from nova_aggext import exception
from nova_aggext.compute import api
from nova_aggext.compute import inventory
from nova_aggext.compute import ports
from nova_aggext.db import models
from nova_aggext.outbox import types
from nova_aggext.placement import client
from nova_aggext.placement import mirror
from nova_aggext.tests import base
from nova_aggext.tests.functional import databases
from nova_aggext.tests.unit import stubs
from nova_aggext.tests.unit.placement import placement as stand_in

REQUEST = client.Request(None, None)
NOBODY: frozenset[str] = frozenset()


class Away(stubs.Inventory):
    """An inventory that cannot be asked."""

    def get_host(self, name: str) -> inventory.Host:
        """Fail."""
        raise exception.CellUnavailable(cell='c', reason='x')


class MirrorTest(base.TestCase):
    """A host in one aggregate."""

    def setUp(self) -> None:
        super().setUp()
        self.database = self.useFixture(databases.Database()).database
        inventory = stubs.Inventory(h1=0)
        self.api = api.AggregateAPI(self.database, inventory, ports.Silent())
        self.made = self.api.create_aggregate(stubs.caller(), 'a', None)
        self.api.add_host_to_aggregate(stubs.caller(), self.made.id, 'h1')

    def make(
        self, placement: stand_in.Placement, memory: float = 9
    ) -> mirror.Mirror:
        """Make a mirror."""
        hosts = stubs.Inventory()
        return mirror.Mirror(placement, hosts, self.database, memory)  # type: ignore[arg-type]

    def set(
        self,
        placement: stand_in.Placement,
        key: str = 'p',
        ours: str | None = None,
        by: mirror.Mirror | None = None,
    ) -> None:
        """Mirror the host at a node."""
        made = by or self.make(placement)
        node = inventory.ComputeNode(uuid=key, name='node')
        given = frozenset([ours]) if ours else NOBODY
        made.set(node, 'h1', given, REQUEST)

    def test_by_uuid(self) -> None:
        """The uuid of the node is that of the provider."""
        placement = stand_in.Placement()
        self.set(placement)
        self.assertEqual([{self.made.uuid}], placement.puts)
        self.assertEqual(['p'], placement.asked)

    def test_by_name(self) -> None:
        """Else the name of the node is."""
        placement = stand_in.Placement()
        self.set(placement, key='other')
        self.assertEqual(['other', 'node', 'p'], placement.asked)
        self.assertEqual([{self.made.uuid}], placement.puts)

    def test_no_provider(self) -> None:
        """Without a provider there is nothing to be told."""
        placement = stand_in.Placement()
        placement.present = None
        self.set(placement)
        self.assertEqual([], placement.puts)

    def test_what_is_others_stays(self) -> None:
        """Of what is there, only what is or was ours is taken out."""
        second = self.api.create_aggregate(stubs.caller(), 'b', None)
        placement = stand_in.Placement('foreign', 'deleted', str(second.uuid))
        self.set(placement, ours='deleted')
        self.assertEqual([{'foreign', self.made.uuid}], placement.puts)

    def test_conflicts(self) -> None:
        """Others may change it three times, not four."""
        placement = stand_in.Placement()
        placement.conflicts = 3
        self.set(placement)
        self.assertEqual(1, len(placement.puts))
        placement.present = client.Membership('p', NOBODY, 0)
        placement.conflicts = 4
        placement.asked.clear()
        self.assertRaises(types.TryAgain, self.set, placement)
        self.assertEqual(4, len(placement.asked))

    def join(self, name: str) -> str:
        """Put the host into one more aggregate; give the uuid of that."""
        made = self.api.create_aggregate(stubs.caller(), name, None)
        self.api.add_host_to_aggregate(stubs.caller(), made.id, 'h1')
        return str(made.uuid)

    def test_remembered(self) -> None:
        """What was set a moment ago is not asked for again."""
        placement = stand_in.Placement()
        made = self.make(placement)
        self.set(placement, by=made)
        second = self.join('b')
        self.set(placement, by=made)
        self.assertEqual({self.made.uuid, second}, placement.puts[-1])
        self.assertEqual(['p'], placement.asked)

    def test_not_remembered(self) -> None:
        """Without a memory placement is asked each time."""
        placement = stand_in.Placement()
        made = self.make(placement, memory=0)
        self.set(placement, by=made)
        self.join('b')
        self.set(placement, by=made)
        self.assertEqual(['p', 'p'], placement.asked)
        self.assertEqual(2, len(placement.puts))

    def test_remembered_wrongly(self) -> None:
        """Others may have changed it; that they did costs one refusal."""
        placement = stand_in.Placement()
        made = self.make(placement)
        self.set(placement, by=made)
        placement.present = client.Membership('p', frozenset(['foreign']), 9)
        second = self.join('b')
        self.set(placement, by=made)
        expected = {'foreign', self.made.uuid, second}
        self.assertEqual(expected, placement.puts[-1])
        self.assertEqual(['p', 'p'], placement.asked)

    def test_remembered_as_right(self) -> None:
        """Only placement itself can tell that nothing is to be done."""
        placement = stand_in.Placement()
        made = self.make(placement)
        self.set(placement, by=made)
        placement.present = client.Membership('p', frozenset(), 9)
        self.set(placement, by=made)
        self.assertEqual([{self.made.uuid}] * 2, placement.puts)

    def test_without_uuid(self) -> None:
        """An aggregate that has none keeps no other from being told."""
        self.join('b')
        table = models.aggregates
        emptied = sa.update(table).where(table.c.name == 'b')
        self.database.write(lambda s: s.execute(emptied.values(uuid=None)))
        placement = stand_in.Placement('foreign')
        self.set(placement)
        self.assertEqual([{'foreign', self.made.uuid}], placement.puts)
        self.assertEqual(1, self.log.output.count('has no uuid'))

    def test_nodes(self) -> None:
        """A host that is gone, or whose nodes nobody knows, has its name."""
        named = (inventory.ComputeNode(uuid='', name='gone'),)
        made = self.make(stand_in.Placement())
        self.assertEqual(named, made.nodes('gone'))

    def test_known_nodes(self) -> None:
        """Hosts that the inventory does not find are left out."""
        hosts = stubs.Inventory(h1=0)
        placement = stand_in.Placement()
        made = mirror.Mirror(placement, hosts, self.database)  # type: ignore[arg-type]
        named = (inventory.ComputeNode(uuid='', name='h1'),)
        self.assertEqual({'h1': named}, made.known_nodes(['h1', 'gone']))

    def test_inventory_away(self) -> None:
        """An inventory that is away is waited for, for this host only."""
        placement = stand_in.Placement()
        made = mirror.Mirror(placement, Away(), self.database)  # type: ignore[arg-type]
        self.assertRaises(types.TryAgain, made.nodes, 'h1')
        self.assertRaises(types.TryAgain, made.known_nodes, ['h1'])
