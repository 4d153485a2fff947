# SPDX-License-Identifier: Apache-2.0
"""Hosts that move between isolating aggregates, as others see it meanwhile.

A running nova-scheduler and a running placement are looked into all the time.
At no moment may a host that moves be in neither aggregate: whoever asks then
would take it for open to every project.
"""

import random
import threading
import time
from collections.abc import Sequence
from typing import Any, ClassVar

from nova_aggext.db import outbox
from nova_aggext.tests.delivery import client
from nova_aggext.tests.delivery import placement as delivery_placement
from nova_aggext.tests.functional import server
from nova_aggext.tests.outage import base
from nova_aggext.tests.outage import scheduler
from nova_aggext.tests.outage import settings
from nova_aggext.tests.peer import environment

SEED = 17
NAMES = ('gold', 'silver')
_OWN = '/v2.1/os-aggext'
# Seconds until all that was told is believed.
_PATIENCE = 20
# Seconds between two looks at placement, and at what waits to be told.
_PAUSE = 0.02
_SOON = 0.005


class Watch(threading.Thread):
    """Looks at providers in placement, again and again.

    :ivar looks: how often each was looked at
    :ivar lost: those that were in none of the aggregates
    """

    def __init__(
        self,
        placement: delivery_placement.Placement,
        providers: Sequence[str],
        wanted: Sequence[str],
    ) -> None:
        super().__init__()
        self._placement = placement
        self._providers = providers
        self._wanted = wanted
        self._ended = threading.Event()
        self.looks = 0
        self.lost: list[str] = []

    def run(self) -> None:
        """Look until the end."""
        while not self._ended.wait(_PAUSE):
            for one in self._providers:
                found = self._placement.aggregates(one)
                if not found.intersection(self._wanted):
                    self.lost.append(one)
            self.looks += 1

    def end(self) -> None:
        """Stop looking."""
        self._ended.set()
        self.join()


class MovesTest(base.OutageTest):
    """One host after the other, or several at once."""

    cloud: ClassVar[scheduler.Cloud]

    @classmethod
    def setUpClass(cls) -> None:
        """Start everything once, where there is a Nova."""
        environment.prepared()
        super().setUpClass()

    @classmethod
    def make_cloud(cls) -> scheduler.Cloud:
        """Make one in which nothing is told but by changes."""
        return scheduler.Cloud(servers=1)

    def setUp(self) -> None:
        super().setUp()
        half = len(server.HOSTS) // 2
        change = self.change(
            [
                {
                    'op': 'create',
                    'name': name,
                    'metadata': {'add': {'filter_tenant_id': f'of-{name}'}},
                    'hosts': {'add': list(hosts)},
                }
                for name, hosts in zip(
                    NAMES,
                    (server.HOSTS[:half], server.HOSTS[half:]),
                    strict=True,
                )
            ]
        )
        made = [one['aggregate'] for one in change['effects']]
        self.ids = [int(one['id']) for one in made]
        self.uuids = [str(one['uuid']) for one in made]
        self.await_truth()
        self.watch = Watch(
            self.cloud.placement, [*self.cloud.providers.values()], self.uuids
        )
        self.lost = len(self.cloud.scheduler.looks().lost)
        self.watch.start()
        self.addCleanup(self.watch.end)

    def test_no_gap(self) -> None:
        """However hosts move, each is in one of both all the time."""
        choose = random.Random(SEED)
        where = self.homes()
        looks = self.cloud.scheduler.looks().count
        began = time.monotonic()
        for _ in range(settings.moves()):
            moved = choose.sample(
                server.HOSTS, choose.randint(1, len(server.HOSTS))
            )
            items: dict[int, Any] = {
                one: {'aggregate': {'id': one}, 'hosts': {}}
                for one in self.ids
            }
            for host in moved:
                old = where[host]
                (new,) = {*self.ids} - {old}
                for one, side in ((old, 'remove'), (new, 'add')):
                    items[one]['hosts'].setdefault(side, []).append(host)
                where[host] = new
            self.change([*items.values()], strict=True)
        took = time.monotonic() - began
        self.await_truth()
        self.watch.end()
        seen = self.cloud.scheduler.looks()
        settings.report(
            f'{self.id()}: {settings.moves()} moves in {took:.1f} s, '
            f'{seen.count - looks} looks at the scheduler, '
            f'{self.watch.looks} at placement'
        )
        self.assertEqual([], seen.lost[self.lost :])
        self.assertEqual([], self.watch.lost)
        self.assertEqual(where, self.homes())
        self.assertTrue(seen.count - looks > settings.moves())
        self.assertTrue(self.watch.looks > settings.moves() // 10)

    def test_gap_of_single_calls(self) -> None:
        """Whoever takes a host out before it is put in leaves a gap."""
        host = server.HOSTS[0]
        for one, action in (
            (self.ids[0], 'remove_host'),
            (self.ids[1], 'add_host'),
        ):
            path = f'{client.AGGREGATES}/{one}/action'
            self.send('POST', path, {action: {'host': host}})
            self.await_truth()
        self.watch.end()
        lost = self.cloud.scheduler.looks().lost[self.lost :]
        self.assertEqual([host], lost)
        providers = {self.cloud.providers[host]}
        self.assertEqual(providers, set(self.watch.lost))

    def change(self, items: Sequence[Any], **more: Any) -> Any:
        """Make a change; give it when all of it was told."""
        body = {'change': {'aggregates': items, **more}}
        made = self.send('POST', f'{_OWN}/changes', body)['change']
        deadline = time.monotonic() + _PATIENCE
        while self.cloud.database.read(outbox.waiting).messages:
            self.assertTrue(time.monotonic() < deadline, str(made))
            time.sleep(_SOON)
        return made

    def send(self, method: str, path: str, body: Any = None) -> Any:
        """Send a request, which must be answered well."""
        url = self.cloud.servers[0].url
        answer = client.call(url, method, path, body)
        self.assertIn(answer.status, (200, 201), str(answer))
        return answer.body

    def homes(self) -> dict[str, int]:
        """Give the aggregate of each host, by the database."""
        return {
            host: one.id
            for one in self.cloud.read_aggregates()
            for host in one.hosts
        }

    def await_truth(self) -> None:
        """Wait until the scheduler and placement have what is true."""
        deadline = time.monotonic() + _PATIENCE
        while self.believed() != self.truth():
            if time.monotonic() > deadline:
                break
            time.sleep(0.05)
        self.assertEqual(self.truth(), self.believed())

    def truth(self) -> Any:
        """Give the hosts of both aggregates, by the database, twice."""
        found = {
            one.id: sorted(one.hosts) for one in self.cloud.read_aggregates()
        }
        return found, found

    def believed(self) -> Any:
        """Give the hosts of both, by the scheduler and by placement."""
        belief = self.cloud.scheduler.belief()['aggregates']
        of_uuid = dict(zip(self.uuids, self.ids, strict=True))
        told: dict[int, list[str]] = {one: [] for one in self.ids}
        for host, provider in sorted(self.cloud.providers.items()):
            for one in self.cloud.placement.aggregates(provider):
                told[of_uuid[one]].append(host)
        heard = {
            one: belief.get(str(one), {}).get('hosts') for one in self.ids
        }
        return heard, told
