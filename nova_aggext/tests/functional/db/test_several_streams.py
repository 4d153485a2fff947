# SPDX-License-Identifier: Apache-2.0
"""What one change stores in several streams is told at once."""

import time
from collections.abc import Callable

import testscenarios

from nova_aggext.db import outbox
from nova_aggext.metrics import meters as metrics_meters
from nova_aggext.outbox import relay
from nova_aggext.outbox import stored
from nova_aggext.outbox import types
from nova_aggext.tests import base
from nova_aggext.tests.functional import databases
from nova_aggext.tests.unit.outbox import channel

load_tests = testscenarios.load_tests_apply_scenarios

NAMES = ('7', '8', '9')
# Seconds in which all is told, well before others' streams are looked for.
SOON = 1
LEASE = 60.0
SHORT = 0.6
DEADLINE = 0.5


class Channel(channel.Channel):
    """A channel that can be held up.

    :ivar hang: seconds that each message takes
    """

    hang = 0.0

    def tell(self, message: types.Draft, until: float | None) -> None:
        """Take some time for it."""
        time.sleep(self.hang)
        super().tell(message, until)


class SeveralStreamsTest(base.TestCase):
    """A relay, and an outbox that stores for it."""

    scenarios = [(kind, {'kind': kind}) for kind in databases.KINDS]
    kind: str

    def setUp(self) -> None:
        super().setUp()
        made = self.useFixture(databases.Database(self.kind))
        self.database = made.database

    def start(self, lane: str, lease: float = LEASE) -> None:
        """Start a relay."""
        self.lane = lane
        self.channel = Channel(lane)
        one = self.make(self.channel, lease)
        self.outbox = stored.StoredOutbox(
            self.database, [self.channel], [one], DEADLINE, lease
        )
        self.addCleanup(self.outbox.close)
        one.start()
        deadline = time.monotonic() + SOON
        while not one.takes and time.monotonic() < deadline:
            time.sleep(0.01)
        # Nothing is looked for by itself any more.
        time.sleep(0.1)

    def make(self, told_by: channel.Channel, lease: float) -> relay.Relay:
        """Make a relay."""
        settings = relay.Settings(
            lease=lease, poll_interval=60, max_backoff=10, max_attempts=3
        )
        return relay.Relay(
            self.lane,
            self.database,
            [told_by],
            settings,
            metrics_meters.Meters(),
        )

    def drafts(self, *texts: str) -> list[types.Draft]:
        """Make messages, each text in each stream."""
        return [
            types.Draft(
                f'{self.lane}:{name}',
                channel.KIND,
                f'{name} {text}',
                {'text': f'{name} {text}'},
            )
            for text in texts
            for name in NAMES
        ]

    def store(self) -> None:
        """Store two messages in each stream, by one transaction."""
        drafts = self.drafts('one', 'two')
        self.database.write(lambda s: self.outbox._store(s, drafts))()

    def store_one(self, text: str) -> None:
        """Store a message of the first stream, as another process does."""
        drafts = self.drafts(text)[:1]
        self.database.write(lambda s: outbox.append(s, drafts))

    def wait(self, true: Callable[[], bool], seconds: float = SOON) -> None:
        """Wait for something."""
        deadline = time.monotonic() + seconds
        while not true():
            self.assertTrue(time.monotonic() < deadline, self.channel.told)
            time.sleep(0.01)

    def is_empty(self) -> bool:
        """Say whether all was told and deleted."""
        return not self.database.ask(outbox.waiting).messages

    def require(self, *texts: str) -> None:
        """Require that of each stream these were told, in this order."""
        for name in NAMES:
            told = [str(one) for one in self.channel.told]
            self.assertEqual(
                [f'{name} {text}' for text in texts],
                [one for one in told if one.startswith(name)],
            )

    def test_told(self) -> None:
        """All streams are told soon, of aggregates and of hosts."""
        for lane in (types.AGGREGATES, types.HOSTS):
            self.start(lane)
            self.store()
            self.wait(self.is_empty)
            self.require('one', 'two')

    def test_waiting(self) -> None:
        """So are they where something waits in one of them."""
        for lane in (types.AGGREGATES, types.HOSTS):
            self.start(lane)
            self.store_one('waits')
            self.store()
            self.wait(self.is_empty)
            told = [str(one) for one in self.channel.told]
            self.assertEqual(
                ['7 waits', '7 one', '7 two'],
                [one for one in told if one.startswith('7')],
            )
            self.assertEqual(7, len(told))

    def test_again(self) -> None:
        """So are they when a later change comes before that is settled."""
        self.start(types.AGGREGATES)
        self.store()
        self.store()
        self.wait(self.is_empty)
        self.require('one', 'two', 'one', 'two')

    def test_leases(self) -> None:
        """While one of them takes long, nobody else tells any."""
        self.start(types.AGGREGATES, SHORT)
        self.channel.hang = SHORT / 2
        self.store()
        other = channel.Channel(types.AGGREGATES)
        another = self.make(other, SHORT)
        self.addCleanup(another.stop)
        deadline = time.monotonic() + 10
        while not self.is_empty() and time.monotonic() < deadline:
            another.run_once()
            time.sleep(0.05)
        self.assertEqual([], other.told)
        self.require('one', 'two')

    def test_deadline(self) -> None:
        """A request waits no longer for three hosts than for one."""
        self.start(types.HOSTS)
        self.channel.hang = DEADLINE
        began = time.monotonic()
        self.store()
        self.assertTrue(time.monotonic() - began < 2 * DEADLINE)
        self.wait(self.is_empty, 10)
        self.require('one', 'two')
