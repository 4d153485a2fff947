# SPDX-License-Identifier: Apache-2.0
"""Whose providers are told of."""

from nova_aggext import exception
from nova_aggext.compute import api
from nova_aggext.compute import ports
from nova_aggext.outbox import types
from nova_aggext.placement import client
from nova_aggext.placement import mirror
from nova_aggext.tests import base
from nova_aggext.tests.functional import databases
from nova_aggext.tests.unit import stubs

REQUEST = client.Request(None, None)
NOBODY: frozenset[str] = frozenset()


class Placement:
    """A placement of one provider, found by its name ``node``."""

    def __init__(self, *aggregates: str) -> None:
        self.present: client.Membership | None
        self.present = client.Membership('p', frozenset(aggregates), 0)
        self.asked: list[str] = []
        self.conflicts = 0
        self.puts: list[frozenset[str]] = []

    def get(self, key: str, _: object) -> client.Membership | None:
        """Find it by its uuid."""
        self.asked.append(key)
        return self.present if key == 'p' else None

    def find_provider(self, name: str, _: object) -> str | None:
        """Find it by its name."""
        self.asked.append(name)
        return 'p' if name == 'node' and self.present else None

    def put(self, _: object, aggregates: frozenset[str], __: object) -> bool:
        """Refuse as often as told, then take it."""
        if self.conflicts:
            self.conflicts -= 1
            return False
        self.puts.append(aggregates)
        return True


class Away(stubs.Inventory):
    """An inventory that cannot be asked."""

    def get_host(self, name: str) -> ports.Host:
        """Fail."""
        raise exception.CellUnavailable(cells='c', timeout=1)


class MirrorTest(base.TestCase):
    """A host in one aggregate."""

    def setUp(self) -> None:
        super().setUp()
        self.database = self.useFixture(databases.Database()).database
        inventory = stubs.Inventory(h1=0)
        self.api = api.AggregateAPI(self.database, inventory, ports.Silent())
        self.made = self.api.create_aggregate(stubs.caller(), 'a', None)
        self.api.add_host_to_aggregate(stubs.caller(), self.made.id, 'h1')

    def set(
        self, placement: Placement, key: str = 'p', ours: str | None = None
    ) -> None:
        """Mirror the host at a node."""
        made = mirror.Mirror(placement, stubs.Inventory(), self.database)  # type: ignore[arg-type]
        node = ports.ComputeNode(uuid=key, name='node')
        given = frozenset([ours]) if ours else NOBODY
        made.set(node, 'h1', given, REQUEST)

    def test_by_uuid(self) -> None:
        """The uuid of the node is that of the provider."""
        placement = Placement()
        self.set(placement)
        self.assertEqual([{self.made.uuid}], placement.puts)
        self.assertEqual(['p'], placement.asked)

    def test_by_name(self) -> None:
        """Else the name of the node is."""
        placement = Placement()
        self.set(placement, key='other')
        self.assertEqual(['other', 'node', 'p'], placement.asked)
        self.assertEqual([{self.made.uuid}], placement.puts)

    def test_no_provider(self) -> None:
        """Without a provider there is nothing to be told."""
        placement = Placement()
        placement.present = None
        self.set(placement)
        self.assertEqual([], placement.puts)

    def test_what_is_others_stays(self) -> None:
        """Of what is there, only what is or was ours is taken out."""
        second = self.api.create_aggregate(stubs.caller(), 'b', None)
        placement = Placement('foreign', 'deleted', second.uuid)
        self.set(placement, ours='deleted')
        self.assertEqual([{'foreign', self.made.uuid}], placement.puts)

    def test_conflicts(self) -> None:
        """Others may change it three times, not four."""
        placement = Placement()
        placement.conflicts = 3
        self.set(placement)
        self.assertEqual(1, len(placement.puts))
        placement.conflicts = 4
        placement.asked.clear()
        self.assertRaises(types.TryAgain, self.set, placement)
        self.assertEqual(4, len(placement.asked))

    def test_nodes(self) -> None:
        """A host that is gone, or whose nodes nobody knows, has its name."""
        named = (ports.ComputeNode(uuid='', name='gone'),)
        made = mirror.Mirror(Placement(), stubs.Inventory(), self.database)  # type: ignore[arg-type]
        self.assertEqual(named, made.nodes('gone'))

    def test_inventory_away(self) -> None:
        """An inventory that is away is waited for, for this host only."""
        made = mirror.Mirror(Placement(), Away(), self.database)  # type: ignore[arg-type]
        self.assertRaises(types.TryAgain, made.nodes, 'h1')
