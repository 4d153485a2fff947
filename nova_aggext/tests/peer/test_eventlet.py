# SPDX-License-Identifier: Apache-2.0
"""The filter inside a nova-api that Eventlet patches.

Nova's own server is one process and one thread: whatever blocks in the filter
holds up every request. It is part of older releases only, so this needs one;
``AGGEXT_PEER_NOVA`` names it.
"""

from collections.abc import Callable
from concurrent import futures
import json
import time
from typing import Any, ClassVar
import unittest

from nova_aggext.tests.delivery import broker
from nova_aggext.tests.delivery import tap
from nova_aggext.tests.functional import server
from nova_aggext.tests.functional.contract import client
from nova_aggext.tests.peer import base
from nova_aggext.tests.peer import clouds
from nova_aggext.tests.peer import databases
from nova_aggext.tests.peer import inventory
from nova_aggext.tests.peer import links
from nova_aggext.tests.peer import processes
from nova_aggext.tests.peer import releases

PROGRAM = 'nova-api-os-compute'
AT_ONCE = 20
HOSTS = tuple(f'host{number}' for number in range(AT_ONCE))

_OPTIONS = """\
[DEFAULT]
transport_url = {bus}
osapi_compute_listen = 127.0.0.1
osapi_compute_listen_port = {port}
osapi_compute_workers = 1
[oslo_messaging_notifications]
driver = messagingv2
[aggext]
cell_timeout = 3
[aggext_outbox]
recast_interval = 0
"""
_MAP = """
UPDATE cell_mappings SET database_connection = :url WHERE name = 'cell1'
"""
_NODES = 'SELECT host, uuid FROM compute_nodes'
_URL = "SELECT database_connection FROM cell_mappings WHERE name = 'cell1'"
_WAITING = 'SELECT count(*) FROM aggext_outbox'


class EventletTest(base.PeerTest):
    """Nova's own server, with a broker and a placement."""

    nova: ClassVar[clouds.Nova]
    placement: ClassVar[processes.Process]
    server: ClassVar[processes.Process]
    tap: ClassVar[tap.Tap]
    nodes: ClassVar[dict[str, str]]

    @classmethod
    def setUpClass(cls) -> None:
        super().setUpClass()
        cls.nova = cls.use_for_class(clouds.Nova())
        program = cls.nova.environment.bin / PROGRAM
        if not program.exists():
            raise unittest.SkipTest(f'Nova {releases.chosen()} has none')
        bus = cls.use_for_class(broker.VirtualHost())
        cls.tap = cls.use_for_class(tap.Tap(bus.amqp))
        cls.placement = cls.nova.serve_placement()
        hosts = inventory.Inventory(cls.nova.databases)
        for host in HOSTS:
            hosts.add_host(host)
        nodes = cls.nova.databases.execute(databases.CELL1, _NODES)
        cls.nodes = {str(one): str(key) for one, key in map(tuple, nodes)}
        port = server.free_port()
        cls.nova.configure(_OPTIONS.format(bus=bus.url, port=port))
        cls.nova.sync()
        cls.nova.use_filter(True)
        cls.server = cls.use_for_class(
            processes.Process(
                [str(program), '--config-file', str(cls.nova.conf_file)],
                cls.nova.folder,
                port,
                {
                    # For the filter; the program knows by its argument.
                    'OS_NOVA_CONFIG_DIR': str(cls.nova.folder),
                    'PYTHONPATH': str(clouds.WSGI),
                },
            )
        )

    def setUp(self) -> None:
        super().setUp()
        inventory.Inventory(self.nova.databases).reset()

    def at_once(
        self, work: Callable[[int], client.Answer]
    ) -> list[client.Answer]:
        """Send requests at once, each on a connection of its own."""
        with futures.ThreadPoolExecutor(AT_ONCE) as pool:
            return list(pool.map(work, range(AT_ONCE)))

    def test_eventlet_serves(self) -> None:
        answer = self.call(self.server, 'GET', '/v2.1/os-services')
        self.assertEqual(200, answer.status)
        log = (self.nova.folder / 'nova.log').read_text()
        self.assertIn('using eventlet', log)

    def test_changes_at_once(self) -> None:
        def change(number: int) -> client.Answer:
            made = self.made(self.server, f'a{number}', f'z{number}')
            return self.add_host(self.server, made, HOSTS[number])

        for number, answer in enumerate(self.at_once(change)):
            self.assertEqual([HOSTS[number]], self.ok(answer)['hosts'])
        listed = self.listed(self.server)
        self.assertEqual(
            sorted(HOSTS), sorted(host for a in listed for host in a['hosts'])
        )

    def test_one_of_many_zones_gets_a_host(self) -> None:
        made = [
            self.made(self.server, f'a{number}', f'z{number}')
            for number in range(AT_ONCE)
        ]
        answers = self.at_once(
            lambda number: self.add_host(self.server, made[number], HOSTS[0])
        )
        statuses = sorted(answer.status for answer in answers)
        self.assertEqual([200] + [409] * (AT_ONCE - 1), statuses)

    def test_what_is_to_be_told_is_told(self) -> None:
        host = HOSTS[0]
        provider = {'name': host, 'uuid': self.nodes[host]}
        self.ask_placement('POST', '/resource_providers', provider)
        self.tap.take()
        self.made(self.server, 'told', 'z', (host,))
        tap.wait_until(lambda: self.waiting() == 0)
        heard = [message.what for message in self.tap.take()]
        for event in ('aggregate.create.end', 'aggregate.addhost.end'):
            self.assertIn(event, heard)
        self.assertIn('update_aggregates', heard)
        path = f'/resource_providers/{provider["uuid"]}/aggregates'
        found = self.ask_placement('GET', path)
        self.assertEqual(1, len(json.loads(found.body)['aggregates']))

    def test_a_silent_cell_holds_up_nobody_else(self) -> None:
        made = self.made(self.server, 'silent')
        ((url,),) = self.nova.databases.execute(databases.API, _URL)
        silent = self.useFixture(links.SilentPort())
        real = self.nova.databases.url(databases.CELL1)
        self.map_cell(links.through(real, silent.port))
        self.addCleanup(self.map_cell, str(url))
        with futures.ThreadPoolExecutor() as pool:
            begun = time.monotonic()
            held_up = pool.submit(self.add_host, self.server, made, HOSTS[0])
            for _ in range(5):
                path = f'{base.AGGREGATES}/{made["id"]}'
                answer = self.call(self.server, 'GET', path)
                self.assertEqual(200, answer.status)
            self.assertFalse(held_up.done())
            self.assertEqual(503, held_up.result().status)
            self.assertLess(time.monotonic() - begun, 10)

    def map_cell(self, url: str) -> None:
        """Tell Nova where the database of the cell is."""
        self.nova.databases.execute(databases.API, _MAP, url=url)

    def waiting(self) -> int:
        """Return how many messages wait."""
        ((count,),) = self.nova.databases.execute(databases.API, _WAITING)
        return int(str(count))

    def ask_placement(
        self, method: str, path: str, body: Any = None
    ) -> client.Answer:
        """Send a request to placement."""
        headers = {
            'X-Auth-Token': 'admin',
            'OpenStack-API-Version': 'placement 1.19',
        }
        answer = self.call(self.placement, method, path, body, headers)
        self.assertEqual(200, answer.status // 100 * 100, str(answer.body))
        return answer
