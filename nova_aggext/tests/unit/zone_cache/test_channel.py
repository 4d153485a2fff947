# SPDX-License-Identifier: Apache-2.0
"""Whose cached zones are purged, and what if that cannot be done."""

import dataclasses
import types
from typing import Any

from oslo_cache import exception as cache_exc

from nova_aggext import conf as aggext_conf
from nova_aggext import exception
from nova_aggext.compute import steps
from nova_aggext.db import outbox
from nova_aggext.db import streams
from nova_aggext.db import records
from nova_aggext.outbox import channels
from nova_aggext.outbox import types as outbox_types
from nova_aggext.tests import base
from nova_aggext.tests.functional import databases
from nova_aggext.tests.unit import stubs
from nova_aggext.zone_cache import channel

BARE = records.Aggregate(
    id=7,
    uuid='0f1c6f3e-6a5f-4ed0-8a4e-0a2c0d3f6b01',
    name='a',
    hosts=('h1', 'h2'),
    metadata={},
    created_at=None,
    updated_at=None,
)
ZONED = dataclasses.replace(BARE, metadata={'availability_zone': 'z'})


class ZoneCacheTest(base.TestCase):
    """A cache in the memory of this process."""

    def setUp(self) -> None:
        super().setUp()
        db = self.useFixture(databases.Database(synced=False))
        with open(db.conf_file, 'a') as conf_file:
            conf_file.write(
                '[cache]\nenabled = true\nbackend = dogpile.cache.memory\n'
            )
        conf = aggext_conf.load([db.conf_file])
        services = channels.Services(conf, db.database, stubs.Inventory())
        self.channel = channel.ZoneCache(services)

    def composed(self, step: steps.Step) -> list[tuple[str, Any]]:
        """Give stream and hosts of what is to be told."""
        done = stubs.done(ZONED, step)
        drafts = self.channel.compose_whole(done)
        return [(one.stream, one.body['hosts']) for one in drafts]

    def test_hosts(self) -> None:
        """A host that joins or leaves a zone, in a lane of its own."""
        for kind in (steps.AddingHost, steps.RemovingHost):
            self.assertEqual(
                [('zone:7', ['h1'])],
                self.composed(kind('h1', ZONED, ZONED)),
            )
            self.assertEqual([], self.composed(kind('h1', BARE, BARE)))

    def test_zone(self) -> None:
        """All hosts, when the zone is set."""
        asked = {'availability_zone': 'y'}
        step = steps.SettingMetadata(ZONED, asked, ZONED)
        self.assertEqual([('zone:7', ['h1', 'h2'])], self.composed(step))
        step = steps.SettingMetadata(ZONED, {'k': 'v'}, ZONED)
        self.assertEqual([], self.composed(step))

    def test_others(self) -> None:
        """No other step changes a zone."""
        step = steps.Renaming(ZONED, 'b', ZONED)
        self.assertEqual([], self.composed(step))

    def tell(self, error: Exception) -> None:
        """Tell of a host, to a cache that fails."""

        def fail(_keys: list[str]) -> None:
            raise error

        self.patch(self.channel._region, 'delete_multi', fail)
        message = outbox.Message(
            id=1,
            stream='zone:7',
            kind=channel.KIND,
            message_id='m',
            created_at=streams.now(),
            attempts=0,
            parked=False,
            error=None,
            body={'hosts': ['h1']},
        )
        self.channel.tell(message, None)

    def test_away(self) -> None:
        """A cache that cannot be used is waited for."""

        class RedisError(Exception):
            """What the client of Redis derives its errors from."""

        # These are not the errors of Python of the same names.
        lost = type('ConnectionError', (RedisError,), {})
        busy = type('BusyLoadingError', (lost,), {})
        for error in (OSError(), lost(), busy(), cache_exc.QueueEmpty()):
            self.assertRaises(outbox_types.Away, self.tell, error)

    def test_refused(self) -> None:
        """What is not known is held against the message."""
        for error in (ValueError('key'), KeyError('x'), TypeError()):
            self.assertRaises(type(error), self.tell, error)


class ClientTest(base.TestCase):
    """Clients of memcached that are not installed."""

    def check(self, missing: str | None, backend: str, **more: Any) -> None:
        """This one is asked for, and none where nothing is missing."""
        options = {'memcache_sasl_enabled': False, 'tls_enabled': False}
        conf = types.SimpleNamespace(backend=backend, **{**options, **more})
        channel.require_client(conf, lambda _library: True)
        if missing is None:
            channel.require_client(conf, lambda _library: False)
            return
        error = self.assertRaises(
            exception.ExtraMissing,
            channel.require_client,
            conf,
            lambda library: library != missing,
        )
        self.assertIn('[cache] backend', str(error))
        self.assertIn('nova-aggext[memcached]', str(error))

    def test_clients(self) -> None:
        pool = 'oslo_cache.memcache_pool'
        self.check('memcache', 'dogpile.cache.memcached')
        self.check('memcache', pool)
        self.check('bmemcached', pool, tls_enabled=True)
        self.check('bmemcached', pool, memcache_sasl_enabled=True)
        self.check('bmemcached', 'dogpile.cache.bmemcached')
        self.check('pymemcache', 'dogpile.cache.pymemcache')
        self.check(None, 'dogpile.cache.redis')

    def test_backend_that_cannot_be_made(self) -> None:
        """One whose library is in no extra, and is not installed here."""
        db = self.useFixture(databases.Database(synced=False))
        with open(db.conf_file, 'a') as conf_file:
            conf_file.write(
                '[cache]\nenabled = true\nbackend = dogpile.cache.pylibmc\n'
            )
        conf = aggext_conf.load([db.conf_file])
        services = channels.Services(conf, db.database, stubs.Inventory())
        error = self.assertRaises(
            exception.ConfigurationError, channel.ZoneCache, services
        )
        self.assertIn('pylibmc', str(error))
        self.assertIn('[cache]', str(error))
