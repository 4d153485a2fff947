# SPDX-License-Identifier: Apache-2.0
"""A broker that refuses, and takes everything once that is put right."""

import dataclasses
import os
import time
import urllib.parse

import fixtures
import kombu
import testscenarios

from nova_aggext.metrics import meters as metrics_meters
from nova_aggext import conf as aggext_conf
from nova_aggext.db import outbox
from nova_aggext.notifications import channel as notifications
from nova_aggext.outbox import channels
from nova_aggext.outbox import relay
from nova_aggext.outbox import types
from nova_aggext.scheduler import channel as scheduler
from nova_aggext.tests.delivery import base
from nova_aggext.tests.delivery import broker
from nova_aggext.tests.delivery import tap
from nova_aggext.tests.functional import databases
from nova_aggext.tests.unit import stubs

load_tests = testscenarios.load_tests_apply_scenarios

OPTIONS = """
[DEFAULT]
transport_url = {url}
[oslo_messaging_notifications]
driver = messagingv2
[oslo_messaging_rabbit]
amqp_durable_queues = {durable}
"""
BACKOFF = 0.5
# Seconds beyond the longest pause for all else that a slow machine does.
SLACK = 10
QUEUE = 'notifications.info'
CASTS = 'scheduler_fanout'
NOVA = 'nova'


@dataclasses.dataclass(frozen=True)
class Exchange:
    """An exchange, or a queue, that is not as it should be."""

    name: str
    type: str
    durable: bool = False
    auto_delete: bool = False

    def declare(self, channel: kombu.Connection) -> None:
        """Let it be there."""
        if self.type == 'queue':
            channel.queue_declare(
                self.name, durable=self.durable, auto_delete=False
            )
        else:
            channel.exchange_declare(
                self.name,
                self.type,
                durable=self.durable,
                auto_delete=self.auto_delete,
            )

    def delete(self, channel: kombu.Connection) -> None:
        """Let it be gone."""
        if self.type == 'queue':
            channel.queue_delete(self.name)
        else:
            channel.exchange_delete(self.name)


class BrokerTest(base.DeliveryTest):
    """A relay of this process, on a virtual host of its own."""

    durable = False
    vhost: broker.VirtualHost

    @classmethod
    def setUpClass(cls) -> None:
        super().setUpClass()
        cls.vhost = cls.use_for_class(broker.VirtualHost())

    def setUp(self) -> None:
        super().setUp()
        self.log = self.useFixture(fixtures.FakeLogger())
        self.connection = kombu.Connection(self.vhost.amqp)
        self.addCleanup(self.connection.release)
        self.channel = self.connection.channel()
        self.clean()
        self.addCleanup(self.clean)
        db = self.useFixture(databases.Database())
        self.database = db.database
        with open(db.conf_file, 'a') as conf_file:
            conf_file.write(
                OPTIONS.format(url=self.vhost.url, durable=self.durable)
            )
        services = channels.Services(
            aggext_conf.load([db.conf_file]), self.database, stubs.Inventory()
        )
        tellers: list[types.Channel] = [
            notifications.Notifications(services),
            scheduler.SchedulerCasts(services),
        ]
        for one in tellers:
            self.addCleanup(one.close)
        self.relay = relay.Relay(
            types.AGGREGATES,
            self.database,
            tellers,
            relay.Settings(60, 0.2, BACKOFF, 3),
            metrics_meters.Meters(),
        )
        self.addCleanup(self.relay.stop)

    def clean(self) -> None:
        """Leave nothing in the virtual host."""
        with kombu.Connection(self.vhost.amqp) as connection:
            channel = connection.channel()
            channel.queue_delete(QUEUE)
            for name in (NOVA, CASTS):
                channel.exchange_delete(name)

    def append(self, text: str) -> None:
        """Store a notification and a cast."""
        stream = types.stream_of_aggregate(text)
        message = {'priority': 'INFO', 'event_type': text, 'payload': {}}
        drafts = [
            types.Draft(stream, kind, text, body)
            for kind, body in (
                ('legacy', {'context': {}, 'message': message}),
                ('delete_aggregate', {'context': {}, 'aggregate': {}}),
            )
        ]
        self.database.write(lambda s: outbox.append(s, drafts))
        self.relay.nudge()

    def waiting(self) -> list[types.Message]:
        """Give what waits, as it is shown."""
        return self.database.read(lambda s: outbox.select_tried(s, 100))

    def wait_until_refused(self, said: str) -> None:
        """Wait until the state says why, after several attempts."""

        def refused() -> bool:
            return any(
                one.attempts > 2 and said in (one.error or '')
                for one in self.waiting()
            )

        tap.wait_until(refused, SLACK)
        self.assertIn(said, self.log.output)
        password = urllib.parse.urlsplit(self.vhost.url).password or ''
        said_by_us = [
            line
            for line in self.log.output.splitlines()
            if line.startswith('The outbox')
        ]
        self.assertEqual([], [one for one in said_by_us if password in one])
        self.assertFalse(any(one.parked for one in self.waiting()))

    def assert_told(self) -> None:
        """All is told before long."""
        began = time.monotonic()
        tap.wait_until(lambda: not self.waiting(), BACKOFF + SLACK)
        took = time.monotonic() - began
        self.assertTrue(took < BACKOFF + SLACK, took)

    def heard(self) -> list[str]:
        """Give the notifications that are in the queue."""
        found = []
        while message := self.channel.basic_get(QUEUE, no_ack=True):
            found.append(message.body)
        return found


class DeclaredTest(BrokerTest):
    """Exchanges and queues that are there and not as they should be."""

    scenarios = [
        (name, {'wrong': wrong, 'durable': durable})
        for name, wrong, durable in (
            ('type', Exchange(NOVA, 'direct'), False),
            ('durable', Exchange(NOVA, 'topic', durable=True), False),
            ('not_durable', Exchange(NOVA, 'direct'), True),
            ('queue', Exchange(QUEUE, 'queue', durable=True), False),
            ('casts', Exchange(CASTS, 'topic'), False),
        )
    ]
    wrong: Exchange

    def test_put_right(self) -> None:
        """Once they are gone, all is told."""
        self.wrong.declare(self.channel)
        self.relay.start()
        self.append('one')
        self.wait_until_refused('PRECONDITION_FAILED')
        self.wrong.delete(self.channel)
        self.assert_told()
        self.assertEqual(1, len(self.heard()))


class RightsTest(BrokerTest):
    """Rights that are taken for a while."""

    scenarios = [
        ('configure', {'rights': ('', '.*', '.*')}),
        ('write', {'rights': ('.*', '', '.*')}),
    ]
    rights: tuple[str, str, str]

    def grant(self, *rights: str) -> None:
        """Let the user have rights."""
        server = os.environ.get(broker.VARIABLE) or broker.DEFAULT
        user = urllib.parse.urlsplit(server).username or 'guest'
        name = self.vhost.name
        broker.control('set_permissions', '-p', name, user, *rights)

    def test_given_back(self) -> None:
        """Once they are given back, all is told."""
        self.grant(*self.rights)
        self.addCleanup(self.grant, '.*', '.*', '.*')
        self.relay.start()
        self.append('one')
        self.wait_until_refused('ACCESS_REFUSED')
        self.grant('.*', '.*', '.*')
        self.assert_told()
        self.assertEqual(1, len(self.heard()))


class BrokenTest(BrokerTest):
    """What breaks while it is used."""

    def setUp(self) -> None:
        super().setUp()
        self.relay.start()
        self.append('one')
        self.assert_told()
        self.assertEqual(1, len(self.heard()))

    def assert_heard(self, count: int) -> None:
        """What is told from now on arrives."""
        self.append('two')
        self.append('three')
        self.assert_told()
        self.assertEqual(count, len(self.heard()))

    def test_connections(self) -> None:
        """The broker closes every connection."""
        name = self.vhost.name
        broker.control('close_all_connections', '-p', name, 'for a test')
        self.connection = kombu.Connection(self.vhost.amqp)
        self.addCleanup(self.connection.release)
        self.channel = self.connection.channel()
        self.assert_heard(2)

    def test_exchanges(self) -> None:
        """Exchanges are deleted; what is published closes the channel."""
        for name in (NOVA, CASTS):
            self.channel.exchange_delete(name)
        self.assert_heard(2)

    def test_all(self) -> None:
        """All is deleted, as by a broker that was set up anew."""
        self.clean()
        self.assert_heard(2)

    def test_queue(self) -> None:
        """A queue is deleted.

        The broker takes what is published then, and says nothing; consumers
        declare their queues.
        """
        self.channel.queue_delete(QUEUE)
        self.append('two')
        self.assert_told()
        self.channel.queue_declare(QUEUE, auto_delete=False)
        self.channel.queue_bind(QUEUE, NOVA, QUEUE)
        self.assert_heard(2)
