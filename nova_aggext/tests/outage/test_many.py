# SPDX-License-Identifier: Apache-2.0
"""A change of many aggregates by a process that dies before all is told."""

import collections
import time
from collections.abc import Iterator
from collections.abc import Sequence

from nova_aggext.db import outbox
from nova_aggext.hosts import registered
from nova_aggext.notifications import bulk
from nova_aggext.tests import base
from nova_aggext.tests.delivery import tap
from nova_aggext.tests.functional import databases
from nova_aggext.tests.outage import cloud as outage_cloud
from nova_aggext.tests.outage import heard
from nova_aggext.tests.outage import settings
from nova_aggext.tests.race import sides
from nova_aggext.tests.race import tables
from nova_aggext.tests.race import workers

# Of each aggregate.
HOSTS = 100
AGGREGATES = 3
# So many notifications were told of a message when its process is killed.
BEGUN = HOSTS // 2
# Seconds after the lease until another process must have told all.
SOON = 10

# A notification by its id, of a stream in one format.
Ids = dict[str, list[str]]


class ManyTest(base.TestCase):
    """A process that changes and tells, and the relay of another one."""

    def setUp(self) -> None:
        super().setUp()
        self.bus = self.useFixture(outage_cloud.Bus())
        made = self.useFixture(databases.Database('mysql'))
        self.database = made.database
        self.hosts = [
            [f'host-{aggregate}-{number:02}' for number in range(HOSTS)]
            for aggregate in range(AGGREGATES)
        ]
        inventory = registered.RegisteredHosts(made.conf, made.database)
        for several in self.hosts:
            inventory.add_host(*several)
        with open(made.conf_file, 'a') as conf_file:
            conf_file.write(outage_cloud.options(self.bus.transport_url))
        self.worker = self.useFixture(workers.Worker(made.conf_file))
        self.relay = self.useFixture(outage_cloud.Relay(made.conf_file))
        self.messages: list[tap.Message] = []

    def change(self) -> list[outbox.Message]:
        """Let the process change all; give what it stored, and has not told.

        It has taken all of it; whatever it sends goes nowhere yet.
        """
        names = ('a', 'b', 'c')
        start = tables.prepare(
            self.database, *(tables.Prepared(name) for name in names)
        )
        self.bus.link.freeze()
        items = (
            sides.Item(one.id, add=tuple(several))
            for one, several in zip(start, self.hosts, strict=True)
        )
        self.worker.send(sides.of(*items), time.monotonic())
        self.assertEqual(200, self.worker.answer().code)
        stored = self.database.read(lambda s: outbox.select(s, 1000))
        self.assertEqual(3 * AGGREGATES, len(stored))
        return stored

    def listen(self) -> None:
        """Keep what has been heard until now."""
        self.messages += self.bus.tap.take()

    def settle(self, killed: float) -> None:
        """Wait until another process has told all; check how long it took."""
        left = outage_cloud.settle(self.database)
        took = time.monotonic() - killed
        self.listen()
        settings.report(
            f'{self.id()}: all told {took:.1f} s after the kill, in '
            f'{len(self.messages)} messages, '
            f'{heard.duplicates(self.messages)} twice'
        )
        self.assertEqual(0, left.parked)
        self.assertTrue(took < outage_cloud.LEASE + SOON, f'{took} s')

    def check(self, stored: Sequence[outbox.Message]) -> None:
        """Check that all was heard, each with its id, in its order."""
        expected = dict(_expected(stored))
        found: Ids = collections.defaultdict(list)
        contents: dict[str, set[str]] = collections.defaultdict(set)
        of_id = {one: way for way, ids in expected.items() for one in ids}
        for message in self.messages:
            if 'event_type' in message.message:
                one = message.message['message_id']
                self.assertIn(one, of_id)
                found[of_id[one]].append(one)
                contents[one].add(_content(message))
        for way, ids in expected.items():
            self.assertEqual(ids, [*dict.fromkeys(found[way])], way)
        self.assertEqual({1}, {len(texts) for texts in contents.values()})
        self.check_hosts()
        casts = [
            one.message['args']['aggregates']
            for one in self.messages
            if one.what == heard.CAST
        ]
        self.assertEqual(AGGREGATES, len(casts[-1]))

    def check_hosts(self) -> None:
        """Check that each host was told of, in both formats."""
        told = collections.Counter(
            message.message['payload']['host_name']
            for message in {
                one.message['message_id']: one
                for one in self.messages
                if one.what.startswith('aggregate.addhost')
            }.values()
        )
        self.assertEqual(
            {host: 2 for several in self.hosts for host in several},
            dict(told),
        )

    def test_nothing_told(self) -> None:
        """It is killed after the commit, before anything is told."""
        stored = self.change()
        self.worker.kill()
        killed = time.monotonic()
        self.bus.link.cut()
        self.assertEqual([], self.bus.tap.take())
        self.bus.link.thaw()
        self.settle(killed)
        self.check(stored)

    def test_half_told(self) -> None:
        """It is killed while it tells of one host after the other."""
        stored = self.change()
        self.bus.link.thaw()
        while len(self.messages) < BEGUN:
            self.listen()
        self.worker.kill()
        killed = time.monotonic()
        self.listen()
        before = len(self.messages)
        self.settle(killed)
        self.check(stored)
        self.assertTrue(before < 4 * HOSTS * AGGREGATES, str(before))
        self.assertTrue(heard.duplicates(self.messages) >= BEGUN - 1)


def _expected(
    stored: Sequence[outbox.Message],
) -> Iterator[tuple[str, list[str]]]:
    """Give the ids of all notifications, by stream and format."""
    for one in stored:
        if 'bulk' in one.body:
            ids = [
                bulk.identify(one.message_id, number)
                for number in range(2 * HOSTS)
            ]
            yield f'{one.stream} {one.kind}', ids


def _content(message: tap.Message) -> str:
    """Give what must be the same each time."""
    told = message.message
    return f'{message.routing_key} {told["event_type"]} {told["payload"]}'
