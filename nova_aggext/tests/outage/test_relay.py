# SPDX-License-Identifier: Apache-2.0
"""The relay, when those it tells do not answer as they should."""

import dataclasses
import threading
import time
import uuid
from collections.abc import Callable
from collections.abc import Sequence

import fixtures
from oslo_config import cfg

from nova_aggext.metrics import meters as metrics_meters
from nova_aggext import conf as aggext_conf
from nova_aggext import exception
from nova_aggext import messaging
from nova_aggext.compute import steps
from nova_aggext.db import changes
from nova_aggext.db import outbox
from nova_aggext.db import streams
from nova_aggext.outbox import held
from nova_aggext.outbox import relay
from nova_aggext.outbox import sweep
from nova_aggext.outbox import types
from nova_aggext.scheduler import channel as scheduler_channel
from nova_aggext.outbox import channels
from nova_aggext.tests import base
from nova_aggext.tests.functional import databases
from nova_aggext.tests.functional import server
from nova_aggext.tests.race import tables
from nova_aggext.tests.unit import stubs

STREAM = 'host:host1'
SETTINGS = relay.Settings(
    lease=60, poll_interval=5, max_backoff=0.4, max_attempts=3
)


class Channel:
    """A channel that does what it is told when it tells.

    :ivar told: the ids of the messages it got
    """

    kinds = frozenset(('kind',))
    lanes = frozenset((types.HOSTS,))

    def __init__(self, act: Callable[[], None] = lambda: None) -> None:
        self.act = act
        self.told: list[str] = []

    def compose(self, *_arguments: object) -> list[types.Draft]:
        """Give nothing."""
        return []

    def compose_whole(self, done: steps.Done) -> list[types.Draft]:
        """Give nothing."""
        return []

    def compose_refusal(self, refusal: steps.Refusal) -> list[types.Draft]:
        """Give nothing."""
        return []

    def tell(self, message: types.Draft, until: float | None) -> None:
        """Keep what is told, and act."""
        self.told.append(message.message_id)
        self.act()

    def close(self) -> None:
        """Do nothing."""


class RelayTest(base.TestCase):
    """One relay on SQLite."""

    def setUp(self) -> None:
        super().setUp()
        self.db = self.useFixture(databases.Database())
        self.database = self.db.database

    def make(self, channel: Channel, **changed: float) -> relay.Relay:
        """Make a relay of hosts that uses a channel."""
        settings = dataclasses.replace(SETTINGS, **changed)  # type: ignore[arg-type]
        made = relay.Relay(
            types.HOSTS,
            self.database,
            [channel],
            settings,
            metrics_meters.Meters(),
        )
        self.addCleanup(made.stop)
        return made

    def append(self, count: int = 1) -> list[str]:
        """Store messages; give their ids."""
        ids = [str(uuid.uuid4()) for _ in range(count)]
        drafts = [types.Draft(STREAM, 'kind', one, {}) for one in ids]
        self.database.write(lambda s: outbox.append(s, drafts))
        return ids

    def waiting(self) -> list[types.Message]:
        """Give what waits."""
        return self.database.read(lambda s: outbox.select(s, 100))

    def test_database_away(self) -> None:
        """A database that goes away while something is told refuses none."""
        self.append()

        def fail() -> None:
            raise exception.DatabaseUnavailable(reason='it went', option='x')

        one = self.make(Channel(fail))
        self.assertRaises(exception.DatabaseUnavailable, one.run_once)
        (message,) = self.waiting()
        self.assertEqual((0, False), (message.attempts, message.parked))

    def test_hurry(self) -> None:
        """What a request told is gone."""
        self.append()
        channel = Channel()
        self.assertTrue(self.make(channel).hurry(STREAM, _soon(5)))
        self.assertEqual([], self.waiting())

    def test_hurry_leftover(self) -> None:
        """What was stored while a request told its own is told as well."""
        channel = Channel()

        def append() -> None:
            if len(channel.told) < 2:
                self.append()

        channel.act = append
        one = self.make(channel)
        one.start()
        time.sleep(0.2)
        self.append()
        self.assertTrue(one.hurry(STREAM, _soon(5)))
        self.assert_soon(lambda: len(channel.told) == 2)

    def test_hurry_hanging(self) -> None:
        """A request waits no longer than told, whatever hangs."""
        released = threading.Event()
        self.addCleanup(released.set)
        self.append()

        def hang() -> None:
            released.wait(30)

        one = self.make(Channel(hang))
        began = time.monotonic()
        self.assertFalse(one.hurry(STREAM, _soon(0.3)))
        self.assertTrue(time.monotonic() - began < 0.5)

    def test_hurry_error(self) -> None:
        """A request does not learn of an error of a channel."""
        self.append()

        def fail() -> None:
            raise KeyError('x')

        self.assertFalse(self.make(Channel(fail)).hurry(STREAM, _soon(5)))
        (message,) = self.waiting()
        self.assertEqual(1, message.attempts)

    def test_hurry_away(self) -> None:
        """After one request waited in vain others do not wait."""
        self.append()

        def fail() -> None:
            time.sleep(0.05)
            raise types.Away('nobody there')

        channel = Channel(fail)
        one = self.make(channel)
        self.assertFalse(one.hurry(STREAM, _soon(5)))
        self.assertFalse(one.hurry(STREAM, _soon(5)))
        self.assertEqual(1, len(channel.told))

    def test_lease_lives(self) -> None:
        """What hangs longer than the lease is not told by others."""
        self.append()
        slow = self.make(Channel(lambda: time.sleep(1.5)), lease=0.6)
        slow.start()
        time.sleep(0.3)
        self.assert_told_by_nobody_else()

    def test_lease_of_a_prefetch(self) -> None:
        """What hangs that was never read is not told by others either."""
        slow = self.make(Channel(lambda: time.sleep(1.5)), lease=0.6)
        slow.start()
        lanes = frozenset((types.HOSTS,))
        claim = streams.Claim('me.1', 'me.', 0.6, lanes)
        drafts = [types.Draft(STREAM, 'kind', 'x', {})]
        (position,) = self.database.write(
            lambda s: outbox.append(s, drafts, claim)
        )
        since = time.monotonic()
        slow.nudge(held.Held(position, since, drafts, prefetched=True))
        self.assert_told_by_nobody_else()

    def test_released(self) -> None:
        """A lease that was given back is not renewed."""
        self.append()
        hold = streams.Hold(STREAM, str(uuid.uuid4()))
        database = self.database
        database.write(lambda s: streams.claim(s, hold, 60))
        self.assertTrue(database.write(lambda s: streams.renew(s, [hold], 60)))
        database.write(lambda s: streams.release(s, [hold]))
        self.assertFalse(
            database.write(lambda s: streams.renew(s, [hold], 60))
        )

    def test_back_soon(self) -> None:
        """What was put off is tried again well before the next poll."""
        gone = [types.Away('nobody there'), types.TryAgain('not now')]

        def act() -> None:
            if gone:
                raise gone.pop()

        (message_id,) = self.append()
        channel = Channel(act)
        self.make(channel).start()
        self.assert_soon(lambda: len(channel.told) == 3)
        self.assertEqual({message_id}, set(channel.told))

    def test_one_that_waits(self) -> None:
        """One stream that nobody listens to is tried less and less often."""
        log = self.useFixture(fixtures.FakeLogger())
        self.append()

        def fail() -> None:
            raise types.Away('nobody there')

        channel = Channel(fail)
        one = self.make(channel, max_backoff=10)
        one.start()
        time.sleep(4)
        self.assertTrue(2 <= len(channel.told) <= 5, str(channel.told))
        self.assertEqual(1, log.output.count('nobody there'), log.output)
        channel.act = lambda: None
        deadline = time.monotonic() + 12
        while self.waiting() and time.monotonic() < deadline:
            time.sleep(0.05)
        self.assertEqual([], self.waiting())
        self.assertEqual(1, log.output.count('goes on'), log.output)

    def assert_told_by_nobody_else(self) -> None:
        """Let another relay try until nothing waits; it gets nothing."""
        other = Channel()
        another = self.make(other)
        deadline = time.monotonic() + 5
        while self.waiting() and time.monotonic() < deadline:
            another.run_once()
            time.sleep(0.05)
        self.assertEqual([], self.waiting())
        self.assertEqual([], other.told)

    def assert_soon(self, true: Callable[[], bool]) -> None:
        """Wait for something, for less than a poll."""
        deadline = time.monotonic() + 2.4
        while not true():
            self.assertTrue(time.monotonic() < deadline, 'too late')
            time.sleep(0.01)


class BusTest(base.TestCase):
    """Channels on a message bus that cannot be reached."""

    def setUp(self) -> None:
        super().setUp()
        self.db = self.useFixture(databases.Database())

    def conf(self, options: str) -> cfg.ConfigOpts:
        """Read a configuration with more options."""
        with open(self.db.conf_file, 'a') as conf_file:
            conf_file.write(options)
        return aggext_conf.load([self.db.conf_file])

    def test_never_reached(self) -> None:
        """A bus that was never reached is away; it refuses nothing."""
        url = f'rabbit://guest:guest@127.0.0.1:{server.free_port()}/'
        conf = self.conf(f'[DEFAULT]\ntransport_url = {url}\n')
        services = channels.Services(conf, self.db.database, stubs.Inventory())
        casts = scheduler_channel.SchedulerCasts(services)
        self.addCleanup(casts.close)
        body: dict[str, object] = {'context': {}, 'aggregate': {}}
        draft = types.Draft('aggregate:1', 'delete_aggregate', 'x', body)
        self.db.database.write(lambda s: outbox.append(s, [draft]))
        (message,) = self.db.database.read(lambda s: outbox.select(s, 1))
        self.assertRaises(types.Away, casts.tell, message, None)

    def test_heartbeats(self) -> None:
        """A silent broker is given up well within the lease."""
        for asked, lease, expected in (
            (60, 60, 10),
            (0, 60, 10),
            (5, 60, 5),
            (60, 2, 1),
        ):
            conf = self.conf(
                f'[oslo_messaging_rabbit]\n'
                f'heartbeat_timeout_threshold = {asked}\n'
                f'[aggext_outbox]\nlease = {lease}\n'
            )
            messaging.register(conf)
            found = conf.oslo_messaging_rabbit.heartbeat_timeout_threshold
            self.assertEqual(expected, found)


class Recasts:
    """Makes messages instead of casts."""

    def recast(self, aggregate_ids: Sequence[int]) -> list[types.Draft]:
        """Make one for each aggregate."""
        return [
            types.Draft(types.stream_of_aggregate(one), 'kind', str(one), {})
            for one in aggregate_ids
        ]

    def recast_deleted(
        self, gone: Sequence[changes.Change]
    ) -> list[types.Draft]:
        """Make none."""
        return []


class SweepTest(base.TestCase):
    """A sweep while nobody listens."""

    def test_bounded(self) -> None:
        """Casts that wait are not stored again by each sweep."""
        database = self.useFixture(databases.Database()).database
        tables.prepare(database, tables.Prepared('a'), tables.Prepared('b'))
        one = sweep.Sweep(
            database, Recasts(), interval=0.01, rate=10000, lease=1
        )
        for _ in range(20):
            one.step()
            time.sleep(0.02)
        found = database.read(lambda s: outbox.select(s, 100))
        # One sweep may come before that of the last one counts as waiting.
        self.assertTrue(2 <= len(found) <= 2 * 3, str(found))


def _soon(seconds: float) -> float:
    return time.monotonic() + seconds
