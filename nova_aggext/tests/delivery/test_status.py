# SPDX-License-Identifier: Apache-2.0
"""nova-aggext-status upgrade check, with a real broker and a real cache."""

import subprocess
from typing import Any

from nova_aggext.cmd import status
from nova_aggext.tests.delivery import base
from nova_aggext.tests.delivery import broker
from nova_aggext.tests.delivery import memcached
from nova_aggext.tests.functional import databases
from nova_aggext.tests.unit.cmd import commands


class UpgradeCheckTest(base.DeliveryTest):
    """Those who are told of changes."""

    def check(self, options: str, expected: int) -> str:
        """Run the command with some options; give what it prints."""
        db = self.useFixture(databases.Database())
        with open(db.conf_file, 'a') as conf_file:
            conf_file.write(options)
        ended = commands.run(
            status.main, '--config-file', db.conf_file, 'upgrade', 'check'
        )
        self.assertEqual(expected, ended.status, ended.out)
        return ended.out

    def test_broker(self) -> None:
        """It takes a message, which stays in no queue."""
        bus = self.useFixture(broker.VirtualHost())
        self.check(base.OPTIONS.format(url=bus.url), 0)
        self.assertEqual([], self._queues(bus.name))

    def test_password_that_is_wrong(self) -> None:
        bus = self.useFixture(broker.VirtualHost())
        user, _, rest = bus.url.partition('@')
        url = f'{user.rpartition(":")[0]}:sekret@{rest}'
        told = self.check(base.OPTIONS.format(url=url), 2)
        self.assertIn('transport_url', told)
        self.assertNotIn('sekret', told)

    def test_cache(self) -> None:
        """Every client that the extra has, on a real one."""
        for backend in (
            'dogpile.cache.bmemcached',
            'dogpile.cache.memcached',
            'dogpile.cache.pymemcache',
            'oslo_cache.memcache_pool',
        ):
            with memcached.Memcached(backend) as cache:
                self.check(cache.options, 0)
            self.assertIn('[cache]', self.check(cache.options, 2), backend)

    def _queues(self, vhost: str) -> list[Any]:
        told = subprocess.run(
            ['rabbitmqctl', '-q', 'list_queues', '-p', vhost, 'name'],
            check=True,
            capture_output=True,
            text=True,
            timeout=60,
        )
        return [one for one in told.stdout.split() if one != 'name']
