# SPDX-License-Identifier: Apache-2.0
"""Several cells of a Nova, dead ones among them.

Each test has cells of its own beyond cell1, named after what is wrong.
"""

import json
import time
from typing import Any, ClassVar
import uuid

from nova_aggext.tests.functional import server
from nova_aggext.tests.functional.contract import client
from nova_aggext.tests.peer import base
from nova_aggext.tests.peer import clouds
from nova_aggext.tests.peer import databases
from nova_aggext.tests.peer import inventory
from nova_aggext.tests.peer import links
from nova_aggext.tests.peer import processes

CELL2 = '_cell2'
CELL2_URL = f'{{scheme}}://{{username}}:{{password}}@{{hostname}}:{{port}}/{{path}}{CELL2}'

TIMEOUT = 2
# Seconds that an answer may take beyond the time given to cells.
MARGIN = 2

_MAPPING = """
INSERT INTO cell_mappings (created_at, uuid, name, transport_url,
    database_connection, disabled)
VALUES (now(), :uuid, :name, 'fake://', :url, 0)
"""
_DELETE = 'DELETE FROM cell_mappings WHERE name = :name'
_CHANGE = (
    'UPDATE cell_mappings SET database_connection = :url WHERE name = :name'
)


class CellsTest(base.PeerTest):
    """Hosts in cell1 and cell2, beside a third cell that is wrong."""

    nova: ClassVar[clouds.Nova]
    hosts: ClassVar[inventory.Inventory]
    api: ClassVar[processes.Process]

    @classmethod
    def setUpClass(cls) -> None:
        super().setUpClass()
        cls.nova = cls.use_for_class(clouds.Nova())
        cls.nova.databases.create(CELL2, like=databases.CELL1)
        cls.hosts = inventory.Inventory(cls.nova.databases)
        cls.map_cell('cell2', CELL2_URL)
        cls.nova.configure(f'[aggext]\ncell_timeout = {TIMEOUT}\n')
        cls.nova.sync()
        cls.api = cls.nova.serve(filtered=True)

    def setUp(self) -> None:
        super().setUp()
        self.name = uuid.uuid4().hex
        self.addCleanup(self.hosts.reset)

    @classmethod
    def map_cell(cls, name: str, url: str) -> None:
        """Make a cell mapping."""
        cls.nova.databases.execute(
            databases.API, _MAPPING, name=name, url=url, uuid=str(uuid.uuid4())
        )

    def use_cell(self, name: str, url: str) -> None:
        """Make a cell mapping for one test."""
        self.map_cell(name, url)
        self.addCleanup(
            self.nova.databases.execute, databases.API, _DELETE, name=name
        )

    def use_host(self, host: str, **how: Any) -> str:
        """Make a host for one test."""
        name = f'{host}-{self.name}'
        self.hosts.add_host(name, **how)
        self.addCleanup(self.hosts.remove_host, name, CELL2)
        self.addCleanup(self.hosts.remove_host, name)
        return name

    def use_instance(self, host: str, part: str) -> None:
        """Put an instance on a host."""
        self.hosts.add_instances(host, part=part)

    def refused(self, answer: client.Answer, status: int) -> str:
        """Check the status of a fault; return its message."""
        self.assertEqual(status, answer.status, str(answer.body))
        (fault,) = json.loads(answer.body).values()
        self.assertEqual(status, fault['code'])
        return str(fault['message'])

    def refused_for_cell(self, answer: client.Answer, cell: str) -> None:
        """Check for a 503 that names a cell and says when to come back."""
        self.assertIn(cell, self.refused(answer, 503))
        self.assertIsNotNone(self.header(answer, 'Retry-After'))

    def refused_for_good(self, answer: client.Answer, cell: str) -> None:
        """Check for a 500 that names a cell and asks for no repeat."""
        self.assertIn(cell, self.refused(answer, 500))
        self.assertIsNone(self.header(answer, 'Retry-After'))

    def test_hosts_of_both_cells_share_an_aggregate(self) -> None:
        one = self.use_host('one')
        two = self.use_host('two', cell='cell2', part=CELL2)
        aggregate = self.made(self.api, self.name, 'z', (one, two))
        self.assertEqual([one, two], aggregate['hosts'])

    def test_unmapped_host_is_found_in_its_cell(self) -> None:
        two = self.use_host('two', mapping=False, part=CELL2)
        aggregate = self.made(self.api, self.name, 'z', (two,))
        self.assertEqual([two], aggregate['hosts'])

    def test_instances_of_each_cell_hold_the_zone(self) -> None:
        for cell, part in (('cell1', databases.CELL1), ('cell2', CELL2)):
            host = self.use_host(cell, cell=cell, part=part)
            aggregate = self.made(self.api, f'{self.name}{cell}', cell)
            self.ok(self.add_host(self.api, aggregate, host))
            self.use_instance(host, part)
            answer = self.set_zone(aggregate, 'other')
            self.refused(answer, 400)

    def test_instances_of_an_unmapped_host_are_counted(self) -> None:
        host = self.use_host('two', mapping=False, part=CELL2)
        aggregate = self.made(self.api, self.name, 'z', (host,))
        self.use_instance(host, CELL2)
        self.refused(self.set_zone(aggregate, 'other'), 400)

    def test_silent_cell_is_named_in_time_and_nothing_changes(self) -> None:
        port = self.useFixture(links.SilentPort()).port
        self.check_dead('silent', port)

    def test_refusing_cell_is_named_and_nothing_changes(self) -> None:
        self.check_dead('refusing', server.free_port())

    def check_dead(self, cell: str, port: int) -> None:
        """Try to change what would need the word of a dead cell."""
        host = self.use_host('one', mapping=False)
        aggregate = self.made(self.api, self.name, 'z', (host,))
        other = self.made(self.api, f'{self.name}-other')
        before = self.listed(self.api)
        url = self.nova.databases.url(databases.CELL1)
        self.use_cell(cell, links.through(url, port))
        started = time.monotonic()
        self.refused_for_cell(self.set_zone(aggregate, 'other'), cell)
        self.refused_for_cell(self.add_host(self.api, other, host), cell)
        took = time.monotonic() - started
        self.assertLess(took, 2 * TIMEOUT + MARGIN)
        self.assertEqual(before, self.listed(self.api))

    def test_mapped_hosts_do_not_need_a_dead_cell(self) -> None:
        port = self.useFixture(links.SilentPort()).port
        url = self.nova.databases.url(databases.CELL1)
        self.use_cell('silent', links.through(url, port))
        host = self.use_host('one')
        aggregate = self.made(self.api, self.name, 'z', (host,))
        self.assertEqual(200, self.set_zone(aggregate, 'other').status)

    def test_host_mapped_to_a_dead_cell(self) -> None:
        url = self.nova.databases.url(databases.CELL1)
        dead = links.through(url, server.free_port())
        self.use_cell('dead', dead)
        host = self.use_host('one', cell='dead')
        self.addCleanup(self.hosts.remove_host, host)
        aggregate = self.made(self.api, self.name, 'z')
        answer = self.add_host(self.api, aggregate, host)
        self.hosts.remove_host(host)
        self.refused_for_cell(answer, 'dead')
        (after,) = self.listed(self.api)
        self.assertEqual([], after['hosts'])

    def test_template_without_its_part_is_named(self) -> None:
        self.use_cell('partless', '{scheme}://{username9}@{hostname9}/x')
        host = self.use_host('one', mapping=False)
        aggregate = self.made(self.api, self.name, 'z')
        answer = self.add_host(self.api, aggregate, host)
        self.refused_for_good(answer, 'partless')

    def test_url_that_is_none_is_named(self) -> None:
        self.use_cell('urlless', 'nothing')
        host = self.use_host('one', mapping=False)
        aggregate = self.made(self.api, self.name, 'z')
        answer = self.add_host(self.api, aggregate, host)
        self.refused_for_good(answer, 'urlless')

    def test_changed_mapping_is_noticed(self) -> None:
        url = self.nova.databases.url(databases.CELL1)
        self.use_cell('moving', links.through(url, server.free_port()))
        host = self.use_host('one', mapping=False)
        aggregate = self.made(self.api, self.name, 'z')
        answer = self.add_host(self.api, aggregate, host)
        self.refused_for_cell(answer, 'moving')
        empty = self.nova.databases.url(databases.CELL0)
        self.nova.databases.execute(
            databases.API, _CHANGE, name='moving', url=empty
        )
        self.ok(self.add_host(self.api, aggregate, host))

    def test_host_in_two_cells_without_mapping(self) -> None:
        host = self.use_host('both', mapping=False)
        self.hosts.add_host(host, mapping=False, part=CELL2)
        aggregate = self.made(self.api, self.name)
        answer = self.add_host(self.api, aggregate, host)
        message = self.refused(answer, 409)
        self.assertIn('cell1', message)
        self.assertIn('cell2', message)

    def test_mapping_decides_between_two_cells(self) -> None:
        host = self.use_host('both', cell='cell2', part=CELL2)
        self.hosts.add_host(host, mapping=False)
        aggregate = self.made(self.api, self.name)
        self.ok(self.add_host(self.api, aggregate, host))

    def test_mapping_without_service(self) -> None:
        host = self.use_host('serviceless', service=False)
        aggregate = self.made(self.api, self.name)
        self.refused(self.add_host(self.api, aggregate, host), 404)

    def test_mapping_to_another_cell_than_the_service(self) -> None:
        host = self.use_host('elsewhere', cell='cell2')
        aggregate = self.made(self.api, self.name)
        self.refused(self.add_host(self.api, aggregate, host), 404)

    def test_service_without_compute_node(self) -> None:
        host = self.use_host('nodeless', compute_node=False)
        aggregate = self.made(self.api, self.name)
        self.refused(self.add_host(self.api, aggregate, host), 404)
        (after,) = self.listed(self.api)
        self.assertEqual([], after['hosts'])

    def test_ironic_host_has_many_nodes(self) -> None:
        nodes = [str(uuid.uuid4()) for _ in range(5)]
        host = self.use_host('ironic', nodes=nodes)
        aggregate = self.made(self.api, self.name, 'z', (host,))
        self.assertEqual([host], aggregate['hosts'])
        answer = self.act(self.api, aggregate, 'remove_host', {'host': host})
        self.assertEqual([], self.ok(answer)['hosts'])

    def set_zone(self, aggregate: Any, zone: str) -> client.Answer:
        """Ask for another zone."""
        what = {'metadata': {'availability_zone': zone}}
        return self.act(self.api, aggregate, 'set_metadata', what)
