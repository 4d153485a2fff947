# SPDX-License-Identifier: Apache-2.0
"""Hosts whose cells do not answer, or that no inventory can find."""

from nova_aggext import exception
from nova_aggext.compute import host_reader
from nova_aggext.compute import host_search
from nova_aggext.db import search
from nova_aggext.hosts import nova_cells
from nova_aggext.tests import aggregates
from nova_aggext.tests import base
from nova_aggext.tests.unit.hosts import nova

Field = host_search.Field
Operator = search.Operator


class CellsTest(base.TestCase):
    """A Nova with the cells one and two, of which two is away."""

    def setUp(self) -> None:
        super().setUp()
        self.nova = self.useFixture(nova.Nova())
        for cell, host in (('one', 'h1'), ('two', 'h2')):
            self.nova.add_cell(cell, name=cell)
            self.nova.map_host(host, cell)
            self.nova.add_service(host, cell)
            self.nova.add_node(host, cell, host)
        self.nova.map_host('dead', 'one')
        members = ['h1', 'h2', 'dead', 'unmapped']
        self.nova.database.write(
            lambda session: aggregates.make(session, 'a', members)
        )
        inventory = nova_cells.NovaCells(self.nova.conf, self.nova.database)
        self.addCleanup(inventory.close)
        self.reader = host_reader.HostReader(
            self.nova.database, inventory, 'default'
        )

    def _move(self) -> None:
        self.nova.move_cell('two', 'sqlite:////nowhere/two.sqlite')

    def _list(
        self, *filters: host_search.Filter, counted: bool = False
    ) -> dict[str, tuple[bool | None, int | None]]:
        wanted = host_search.Search(filters)
        found = self.reader.find_hosts(wanted, counted=counted)
        return {one.name: (one.known, one.instances) for one in found.page}

    def test_all_answer(self) -> None:
        self.nova.add_instances('h2', 'two', 3)
        self.assertEqual(
            {
                'dead': (False, None),
                'h1': (True, 0),
                'h2': (True, 3),
                'unmapped': (False, None),
            },
            self._list(counted=True),
        )

    def test_list_where_one_does_not(self) -> None:
        self._move()
        self.assertEqual(
            {
                'dead': (False, None),
                'h1': (True, 0),
                'h2': (None, None),
                'unmapped': (None, None),
            },
            self._list(counted=True),
        )
        for known, names in (
            (True, {'h1'}),
            (False, {'dead'}),
            (None, {'h2', 'unmapped'}),
        ):
            one = host_search.Filter(Field.KNOWN, Operator.EQ, (known,))
            self.assertEqual(names, set(self._list(one)))

    def test_host_that_is_in_no_aggregate_and_no_answer(self) -> None:
        self.nova.map_host('h3', 'two')
        self.assertNotIn('h3', self._list())
        self._move()
        self.assertEqual((None, None), self._list()['h3'])

    def test_one_host(self) -> None:
        self._move()
        self.assertTrue(self.reader.get_host('h1').known)
        self.assertFalse(self.reader.get_host('dead').known)
        for name in ('h2', 'unmapped', 'x'):
            self.assertRaises(
                exception.ServiceUnavailable, self.reader.get_host, name
            )

    def test_in_many_cells(self) -> None:
        for cell in ('one', 'two'):
            self.nova.add_service('unmapped', cell)
            self.nova.add_node('unmapped', cell, f'unmapped in {cell}')
        self.assertFalse(self.reader.get_host('unmapped').known)
        self.assertEqual((False, None), self._list()['unmapped'])

    def test_zone(self) -> None:
        found = self.reader.get_host('h1')
        self.assertEqual('default', found.zone)
        self.assertTrue(found.in_default_zone)

    def test_names_that_no_inventory_is_asked_for(self) -> None:
        for name in ('', '\0', 'a b', 'h\u00e4', 'x' * 256):
            self.assertRaises(
                exception.ComputeHostNotFound, self.reader.get_host, name
            )
