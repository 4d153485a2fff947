# SPDX-License-Identifier: Apache-2.0
"""What is told while a request waits, and what then happens to others."""

import threading
import time

from nova_aggext.metrics import meters as metrics_meters
from nova_aggext import threads as aggext_threads
from nova_aggext.db import outbox
from nova_aggext.db import streams
from nova_aggext.outbox import held
from nova_aggext.outbox import relay
from nova_aggext.outbox import types
from nova_aggext.tests import base
from nova_aggext.tests.functional import databases
from nova_aggext.tests.unit.outbox import channel
from nova_aggext.tests.unit.outbox import scarce

PATIENCE = 10
LEASE = 60
SETTINGS = relay.Settings(
    lease=LEASE, poll_interval=0.05, max_backoff=0.05, max_attempts=2
)


class Channel(channel.Channel):
    """Tells of hosts; one of them takes as long as it is not let go.

    :ivar begun: set when that one is being told
    """

    def __init__(self) -> None:
        super().__init__(types.HOSTS)
        self.begun = threading.Event()
        self.let = threading.Event()

    def tell(self, message: types.Draft, until: float | None) -> None:
        """Wait, if it is of that host."""
        if message.stream == types.stream_of_host('slow'):
            self.begun.set()
            self.let.wait(PATIENCE)
        super().tell(message, until)


class HurryTest(base.TestCase):
    """A relay of hosts; each message is the first one of its stream."""

    def setUp(self) -> None:
        super().setUp()
        self.database = self.useFixture(databases.Database()).database
        self.channel = Channel()
        self.addCleanup(self.channel.let.set)

    def make(
        self, threads: aggext_threads.Factory = threading.Thread
    ) -> relay.Relay:
        """Make a relay, not started yet."""
        made = relay.Relay(
            types.HOSTS,
            self.database,
            [self.channel],
            SETTINGS,
            metrics_meters.Meters(),
            threads,
        )
        self.addCleanup(made.stop)
        return made

    def store(self, host: str) -> held.Held:
        """Store a message in a stream that the relay takes."""
        stream = types.stream_of_host(host)
        claim = streams.Claim(host, '', LEASE, frozenset((types.HOSTS,)))
        drafts = [channel.draft(stream, host)]
        (position,) = self.database.write(
            lambda s: outbox.append(s, drafts, claim)
        )
        return held.Held(position, time.monotonic(), drafts, prefetched=True)

    def hurry(self, one: relay.Relay, host: str) -> bool:
        """Tell a message while the caller waits."""
        prefetch = self.store(host)
        until = time.monotonic() + PATIENCE
        return one.hurry(prefetch.hold.stream, until, prefetch)

    def wait_until_told(self, hosts: list[str]) -> None:
        """Wait until nothing is stored any more."""
        until = time.monotonic() + PATIENCE
        while self.database.ask(outbox.waiting).messages:
            self.assertTrue(time.monotonic() < until, self.channel.told)
            time.sleep(0.01)
        self.assertEqual(hosts, sorted(map(str, self.channel.told)))

    def test_another_one_waits(self) -> None:
        """A request waits only for what it tells itself."""
        one = self.make()
        slow = threading.Thread(target=self.hurry, args=(one, 'slow'))
        slow.start()
        self.assertTrue(self.channel.begun.wait(PATIENCE))
        self.assertTrue(self.hurry(one, 'quick'))
        self.assertEqual(['quick'], self.channel.told)
        self.channel.let.set()
        slow.join(PATIENCE)
        self.wait_until_told(['quick', 'slow'])

    def test_no_thread(self) -> None:
        """It is told later, by a thread that a later request starts."""
        threads = scarce.Threads(lacking=1000)
        one = self.make(threads)
        one.start()
        self.assertFalse(one.takes)
        # More than may be told at once.
        hosts = [f'host{number:02}' for number in range(10)]
        for host in hosts:
            self.assertFalse(self.hurry(one, host))
        self.assertEqual([], self.channel.told)
        threads.lacking = 0
        one.start()
        self.assertTrue(one.takes)
        self.wait_until_told(hosts)
        self.assertTrue(self.hurry(one, 'last'))

    def test_no_thread_for_a_request(self) -> None:
        """A relay that has its threads tells it."""
        threads = scarce.Threads()
        one = self.make(threads)
        one.start()
        self.assertTrue(self.hurry(one, 'first'))
        threads.lacking = 1000
        # More than may be told at once.
        hosts = [f'host{number:02}' for number in range(10)]
        for host in hosts:
            self.assertFalse(self.hurry(one, host))
        self.wait_until_told(['first', *hosts])
