# SPDX-License-Identifier: Apache-2.0
"""Many memberships in one change: what it asks the database, and stores."""

import collections
import contextlib
import tracemalloc
from collections.abc import Callable
from collections.abc import Iterator
from typing import Any

import testscenarios

from nova_aggext import conf as aggext_conf
from nova_aggext import exception
from nova_aggext.compute import api
from nova_aggext.compute import change as compute_change
from nova_aggext.compute import inventory
from nova_aggext.compute import ports
from nova_aggext.compute import requests
from nova_aggext.compute import runner
from nova_aggext.db import outbox
from nova_aggext.notifications import channel as notifications
from nova_aggext.outbox import channels
from nova_aggext.outbox import stored
from nova_aggext.outbox import types
from nova_aggext.placement import channel as placement
from nova_aggext.scheduler import channel as scheduler
from nova_aggext.tests import base
from nova_aggext.tests import record
from nova_aggext.tests.functional import databases
from nova_aggext.tests.functional import test_round_trips
from nova_aggext.tests.unit import stubs
from nova_aggext.tests.unit.compute import clouds

load_tests = testscenarios.load_tests_apply_scenarios

Item = requests.Item

OPTIONS = """
[DEFAULT]
transport_url = fake://
[notifications]
notification_format = both
[oslo_messaging_notifications]
driver = messagingv2
[placement]
auth_type = none
endpoint_override = http://127.0.0.1:9
"""
AGGREGATES = 10
# The most statements of a change: the reads of the plan and those under
# locks, one for each kind of row that is written, and one more for every 500.
FEW = 50
MANY = 1000
STATEMENTS = {
    'sqlite': {FEW: 14, MANY: 15},
    'mysql': {FEW: 11, MANY: 12},
    'postgresql': {FEW: 11, MANY: 13},
}


class Racks(stubs.Inventory):
    """An inventory that knows every host, and no instances."""

    def get_hosts(self, names: Any) -> dict[str, inventory.Host]:
        """Find all of them."""
        return {name: inventory.Host(name) for name in names}


class Senders:
    """What publishes on a bus, and counts."""

    def __init__(self) -> None:
        self.transport = self
        self.others: dict[str, tuple[Any, ...]] = collections.defaultdict(
            tuple
        )
        self.ids: list[str] = []
        self.last: dict[str, Any] = {}
        self.act: Callable[[], None] = ports.nothing

    @contextlib.contextmanager
    def sending(self) -> Iterator['Senders']:
        """Lend itself."""
        yield self

    def _send_notification(
        self, target: Any, who: Any, message: dict[str, Any], **_more: Any
    ) -> None:
        self.ids.append(message['message_id'])
        self.last = message
        self.act()

    def close(self) -> None:
        """Do nothing."""


class BulkTestCase(base.TestCase):
    """Aggregates on a database, with all that is told."""

    scenarios = [(kind, {'kind': kind}) for kind in databases.KINDS]
    kind: str = 'sqlite'

    def setUp(self) -> None:
        super().setUp()
        made = self.useFixture(databases.Database(self.kind))
        with open(made.conf_file, 'a') as conf_file:
            conf_file.write(OPTIONS)
        self.database = made.database
        services = channels.Services(
            aggext_conf.load([made.conf_file]), made.database, Racks()
        )
        self.notifications = notifications.Notifications(services)
        self.outbox = stored.StoredOutbox(
            made.database,
            [
                self.notifications,
                scheduler.SchedulerCasts(services),
                placement.PlacementMirror(services),
            ],
            [],
            0,
        )
        self.addCleanup(self.outbox.close)
        self.runner = runner.Runner(made.database, Racks(), self.outbox)
        self.api = api.AggregateAPI(made.database, Racks(), ports.Silent())
        self.who = stubs.caller()

    def run_(self, *items: Item) -> tuple[compute_change.Change, ...]:
        """Make a change."""
        asked = clouds.request(*items)
        return self.runner.run(asked, runner.NovaCase(asked))

    def make(self, number: int) -> list[int]:
        """Make aggregates in one zone; give their ids."""
        return [
            self.api.create_aggregate(self.who, f'a{one}', 'z1').id
            for one in range(number)
        ]

    def waiting(self) -> list[outbox.Message]:
        """Give what is to be told."""
        return self.database.read(lambda s: outbox.select(s, 10_000))


class StatementsTest(BulkTestCase):
    """What is sent to the database."""

    def test_however_many_aggregates(self) -> None:
        """They grow with batches of rows, and with nothing else."""
        events = self.useFixture(test_round_trips.Events())
        ids = self.make(AGGREGATES)
        for size, most in STATEMENTS[self.kind].items():
            for number in (2, AGGREGATES):
                hosts = [f'{size}-{number}-{one}' for one in range(size)]
                each = size // number
                items = (
                    Item(one, add=tuple(hosts[at * each : (at + 1) * each]))
                    for at, one in enumerate(ids[:number])
                )
                before = events.statements
                self.run_(*items)
                self.assertLessEqual(events.statements - before, most)


class WrittenTest(BulkTestCase):
    """What a change leaves, and what is stored to be told of it."""

    def test_ten_thousand_memberships(self) -> None:
        ids = self.make(AGGREGATES)
        hosts = tuple(f'compute-{number:04}' for number in range(1000))
        made = self.run_(*(Item(one, add=hosts) for one in ids))
        found = self.api.get_aggregate_list(self.who)
        self.assertEqual([one.after for one in made], found)
        self.assertEqual({hosts}, {one.hosts for one in found})
        kinds = collections.Counter(one.kind for one in self.waiting())
        self.assertEqual(
            {
                notifications.LEGACY: AGGREGATES,
                notifications.VERSIONED: AGGREGATES,
                scheduler.UPDATE: AGGREGATES,
                placement.KIND: len(hosts),
            },
            kinds,
        )
        recorded = [
            one
            for one in self.database.read(record.every)
            if one.aggregate_id == ids[0]
        ]
        self.assertEqual(list(hosts), recorded[-1].after['hosts'])

    def test_everything_at_once(self) -> None:
        one, two, three = self.make(3)
        self.run_(Item(one, add=('h1', 'h2')), Item(three, add=('h1',)))
        self.run_(
            Item(
                one,
                name='a1',
                metadata={'k': 'v', 'availability_zone': 'z2'},
                remove=('h1',),
            ),
            Item(two, name='a0', add=('h1',)),
            Item(three, remove=('h1',), delete=True),
            Item(
                None,
                uuid='0f1c6f3e-6a5f-4ed0-8a4e-0a2c0d3f6b01',
                name='a2',
                metadata={'availability_zone': 'z2'},
                add=('h2',),
            ),
        )
        found = {
            each.name: (each.hosts, dict(each.metadata))
            for each in self.api.get_aggregate_list(self.who)
        }
        zone = {'availability_zone': 'z2'}
        self.assertEqual(
            {
                'a1': (('h2',), {**zone, 'k': 'v'}),
                'a0': (('h1',), {'availability_zone': 'z1'}),
                'a2': (('h2',), zone),
            },
            found,
        )

    def test_refused(self) -> None:
        """Nothing is changed, though all but one could be."""
        one, two = self.make(2)
        before = self.api.get_aggregate_list(self.who)
        self.assertRaises(
            exception.AggregateNameExists,
            self.run_,
            Item(one, add=('h1',)),
            Item(two, name='A0'),
        )
        self.assertEqual(before, self.api.get_aggregate_list(self.who))


class ToldTest(BulkTestCase):
    """Notifications of many hosts, made when they are told."""

    scenarios = [('sqlite', {'kind': 'sqlite'})]
    hosts = tuple(f'compute-{number:04}' for number in range(600))

    def setUp(self) -> None:
        super().setUp()
        (one,) = self.make(1)
        self.run_(Item(one, add=self.hosts[:300]))
        self.database.write(
            lambda s: outbox.drop(s, [each.id for each in self.waiting_(s)])
        )
        self.run_(Item(one, add=self.hosts[300:]))
        self.senders = Senders()
        self.patch(self.notifications, '_bus', self.senders)

    def waiting_(self, session: Any) -> list[outbox.Message]:
        """Give what is to be told, in a transaction."""
        return outbox.select(session, 10_000)

    def told_of(self, kind: str) -> types.Draft:
        """Give the one message of a kind."""
        (found,) = (one for one in self.waiting() if one.kind == kind)
        return found

    def test_size(self) -> None:
        """Each host is named once in each message."""
        for kind in (notifications.VERSIONED, notifications.LEGACY):
            text = str(self.told_of(kind).body)
            self.assertEqual(len(self.hosts), text.count('compute-'))

    def test_each_pair_is_told(self) -> None:
        message = self.told_of(notifications.VERSIONED)
        self.notifications.tell(message, None)
        self.assertEqual(len(self.hosts), len({*self.senders.ids}))
        self.assertEqual(
            'aggregate.add_host.end', self.senders.last['event_type']
        )
        payload = self.senders.last['payload']['nova_object.data']
        self.assertEqual(list(self.hosts), payload['hosts'])

    def test_told_again(self) -> None:
        """What comes twice has the id that it had."""
        message = self.told_of(notifications.VERSIONED)

        def fail() -> None:
            if len(self.senders.ids) == 100:
                raise ConnectionError

        self.senders.act = fail
        self.assertRaises(
            ConnectionError, self.notifications.tell, message, None
        )
        first = self.senders.ids[:100]
        self.senders.ids.clear()
        self.senders.act = ports.nothing
        self.notifications.tell(message, None)
        self.assertEqual(first, self.senders.ids[:100])

    def test_memory(self) -> None:
        """It holds what one of them names, not what all of them do."""
        message = self.told_of(notifications.VERSIONED)
        tracemalloc.start()
        self.addCleanup(tracemalloc.stop)
        self.notifications.tell(message, None)
        _size, peak = tracemalloc.get_traced_memory()
        self.assertLess(peak, 1_000_000)
