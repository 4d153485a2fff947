# SPDX-License-Identifier: Apache-2.0
"""Names of zones that Nova keeps in a shared cache."""

from oslo_cache import core

from nova_aggext import conf as aggext_conf
from nova_aggext import services
from nova_aggext.tests.delivery import base
from nova_aggext.tests.delivery import memcached
from nova_aggext.tests.delivery import world
from nova_aggext.tests.unit import stubs


class ZoneCacheTest(base.DeliveryTest):
    """A memcached, with what a Nova has written there of two hosts."""

    def setUp(self) -> None:
        """Fill the cache as Nova does."""
        super().setUp()
        self.world = self.useFixture(world.World('registered'))
        cache = self.useFixture(memcached.Memcached())
        with open(self.world.conf_file, 'a') as conf_file:
            conf_file.write(cache.options)
        self.nova = memcached.region(self.world.conf_file)
        conf = aggext_conf.load([self.world.conf_file])
        app = services.Services(conf)
        self.addCleanup(app.close)
        app.delivery.start()
        self.api, self.who = app.aggregate_api, stubs.caller()
        self.made = self.api.create_aggregate(self.who, 'agg-a', 'az1')
        self.bare = self.api.create_aggregate(self.who, 'agg-b', None)
        self.fill()

    def fill(self) -> None:
        """Let Nova write what it believes."""
        self.world.wait()
        for host in ('cmp00000', 'cmp00001'):
            self.nova.set(f'azcache-{host}', 'old')

    def check(self, *purged: str) -> None:
        """Only these entries are gone."""
        self.world.wait()
        gone = [
            host
            for host in ('cmp00000', 'cmp00001')
            if self.nova.get(f'azcache-{host}') is core.NO_VALUE
        ]
        self.assertEqual(list(purged), gone)

    def test_host_joins_and_leaves(self) -> None:
        """A host that joins or leaves a zone is forgotten."""
        key = self.made.id
        self.api.add_host_to_aggregate(self.who, key, 'cmp00000')
        self.check('cmp00000')
        self.fill()
        self.api.remove_host_from_aggregate(self.who, key, 'cmp00000')
        self.check('cmp00000')

    def test_zone_changes(self) -> None:
        """All hosts are forgotten whose zone was set, by either way."""
        key = self.made.id
        for host in ('cmp00000', 'cmp00001'):
            self.api.add_host_to_aggregate(self.who, key, host)
        self.fill()
        zone = {'availability_zone': 'az2'}
        self.api.update_aggregate(self.who, key, zone)
        self.check('cmp00000', 'cmp00001')
        self.fill()
        zone = {'availability_zone': 'az3'}
        self.api.update_aggregate_metadata(self.who, key, zone)
        self.check('cmp00000', 'cmp00001')

    def test_zone_stays(self) -> None:
        """What changes no zone forgets nothing."""
        self.api.add_host_to_aggregate(self.who, self.bare.id, 'cmp00000')
        self.api.update_aggregate(self.who, self.bare.id, {'name': 'agg-c'})
        self.api.update_aggregate_metadata(
            self.who, self.bare.id, {'ssd': 'true'}
        )
        self.check()
