# SPDX-License-Identifier: Apache-2.0
"""The own API in a nova-api: changes of many, seen through Nova's own API.

The same databases are served by a Nova with the filter, and by one without.
"""

import json
from typing import Any, ClassVar

from nova_aggext.tests.peer import base
from nova_aggext.tests.peer import clouds
from nova_aggext.tests.peer import inventory
from nova_aggext.tests.peer import processes

OWN = '/v2.1/os-aggext'
HOSTS = tuple(f'cmp-a{number:02}' for number in range(1, 5))


class OwnApiTest(base.PeerTest):
    """One change, and what Nova shows of it."""

    nova: ClassVar[clouds.Nova]
    filtered: ClassVar[processes.Process]
    plain: ClassVar[processes.Process]
    hosts: ClassVar[inventory.Inventory]

    @classmethod
    def setUpClass(cls) -> None:
        super().setUpClass()
        cls.nova = cls.use_for_class(clouds.Nova())
        cls.nova.sync()
        cls.hosts = inventory.Inventory(cls.nova.databases)
        for host in HOSTS:
            cls.hosts.add_host(host)
        cls.plain = cls.nova.serve(filtered=False)
        cls.filtered = cls.nova.serve(filtered=True)

    def change(
        self, status: int, *items: Any, query: str = '', **more: Any
    ) -> Any:
        """Ask for a change; give what is answered."""
        body = {'change': {'aggregates': [*items], **more}}
        answer = self.call(
            self.filtered, 'POST', f'{OWN}/changes{query}', body
        )
        self.assertEqual(status, answer.status, str(answer.body))
        return json.loads(answer.body)

    def get(self, path: str) -> Any:
        """Read something of the own API."""
        answer = self.call(self.filtered, 'GET', f'{OWN}{path}')
        self.assertEqual(200, answer.status, str(answer.body))
        return json.loads(answer.body)

    def seen(self) -> Any:
        """Give what a Nova alone lists; with the filter it is the same."""
        wanted = self.listed(self.plain)
        self.assertEqual(wanted, self.listed(self.filtered))
        return {
            one['name']: (one['availability_zone'], sorted(one['hosts']))
            for one in wanted
        }

    def test_changes_of_many(self) -> None:
        new = [
            {
                'op': 'create',
                'name': name,
                'availability_zone': 'z1',
                'hosts': {'add': [rack]},
            }
            for name, rack in (
                ('left', 'cmp-a[01-03]'),
                ('joined', 'cmp-a04'),
            )
        ]
        self.change(201, *new)
        left = {'left': ('z1', list(HOSTS[:3])), 'joined': ('z1', [HOSTS[3]])}
        self.assertEqual(left, self.seen())
        # Instances that keep their zone do not mind where else it comes from.
        self.hosts.add_instances(HOSTS[0], 2)
        moved = (
            {'aggregate': {'name': 'left'}, 'hosts': {'remove': [HOSTS[0]]}},
            {'aggregate': {'name': 'joined'}, 'hosts': {'add': [HOSTS[0]]}},
        )
        plan = self.change(200, *moved, query='?dry_run=true')['change']
        self.assertEqual(left, self.seen())
        digest = plan['digest']
        self.change(201, *moved, strict=True, expect_digest=digest)
        there = {
            'left': ('z1', list(HOSTS[1:3])),
            'joined': ('z1', [HOSTS[0], HOSTS[3]]),
        }
        self.assertEqual(there, self.seen())
        away = {'aggregate': {'name': 'joined'}, 'availability_zone': 'z2'}
        (error,) = self.change(409, away)['errors']
        self.assertEqual('host-aggregate.zone.instances', error['code'])
        self.assertEqual((HOSTS[0], 2), (error['host'], error['instances']))
        self.assertEqual(there, self.seen())

    def test_reads(self) -> None:
        hosts = self.get('/hosts?name=glob:cmp-*')['hosts']
        self.assertEqual(list(HOSTS), [one['name'] for one in hosts])
        for path in ('', '/aggregates', '/changes'):
            self.get(path)

    def test_nova_has_no_such_api(self) -> None:
        """Without the filter there is nothing at its address."""
        answer = self.call(self.plain, 'GET', OWN)
        self.assertEqual(404, answer.status)
