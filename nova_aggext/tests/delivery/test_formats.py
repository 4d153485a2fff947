# SPDX-License-Identifier: Apache-2.0
"""Formats, drivers and topics of notifications, and the form of messages."""

from collections.abc import Mapping
import json
import subprocess
import sys
import threading
from typing import Any, ClassVar

from oslo_config import cfg
import oslo_messaging
import testscenarios

from nova_aggext import conf as aggext_conf
from nova_aggext import services
from nova_aggext import exception
from nova_aggext.tests.delivery import base
from nova_aggext.tests.delivery import broker
from nova_aggext.tests.delivery import cases
from nova_aggext.tests.delivery import normalise
from nova_aggext.tests.delivery import tap
from nova_aggext.tests.delivery import world
from nova_aggext.tests.unit import stubs

load_tests = testscenarios.load_tests_apply_scenarios

DRIVER = '[oslo_messaging_notifications] driver'
FORMAT = '[notifications] notification_format'
DEFAULTS = {DRIVER: 'messagingv2', FORMAT: 'both'}

# What a cast to the schedulers does not carry: it would be kept in the
# outbox, and no scheduler uses it.
KEPT_OUT: dict[str, Any] = {
    '_context_auth_token': None,
    '_context_remote_address': None,
    '_context_service_catalog': [],
}
IDENTITY = {
    'user_id': 'admin',
    'user_name': 'admin',
    'project_id': 'admin',
    'project_name': 'admin',
    'roles': ['admin', 'manager', 'member', 'reader'],
    'auth_token': 'sometoken',
    'remote_address': '127.0.0.1',
    'catalog': json.dumps([{'type': 'image'}]),
}
PROCESS_SECONDS = 60
REQUEST_ID = 'req-0f1c6f3e-6a5f-4ed0-8a4e-0a2c0d3f6b01'


class FormatTest(base.DeliveryTest):
    """Applications in this process, on one message bus."""

    bus: ClassVar[broker.VirtualHost]

    @classmethod
    def setUpClass(cls) -> None:
        """Bring the bus up."""
        super().setUpClass()
        cls.bus = cls.use_for_class(broker.VirtualHost())

    def setUp(self) -> None:
        """Make hosts, and listen."""
        super().setUp()
        self.world = self.useFixture(world.World('registered'))
        self.tap = self.useFixture(tap.Tap(self.bus.amqp))

    def configure(self, options: Mapping[str, str]) -> None:
        """Add options, by their names with their groups."""
        with open(self.world.conf_file, 'a') as conf_file:
            for name, value in options.items():
                group, _, option = name.partition(' ')
                conf_file.write(f'{group}\n{option} = {value}\n')

    def start(self, options: Mapping[str, str]) -> services.Services:
        """Start an application that tells the bus."""
        self.configure({**DEFAULTS, **options})
        self.configure(
            {
                '[DEFAULT] host': 'api1',
                '[DEFAULT] transport_url': self.bus.url,
                '[aggext_outbox] recast_interval': '0',
            }
        )
        conf = aggext_conf.load([self.world.conf_file])
        app = services.Services(conf)
        self.addCleanup(app.close)
        app.delivery.start()
        return app

    def take(self) -> list[tap.Message]:
        """Give what was published."""
        self.world.wait()
        return self.tap.take()


class VariantsTest(FormatTest):
    """The captured variants of options."""

    name: str
    fact: Mapping[str, Any]

    scenarios = [
        (name, {'name': name, 'fact': fact})
        for name, fact in cases.facts('format_and_driver_variants').items()
    ]

    def test_variant(self) -> None:
        """The same messages go to the same places in the same form."""
        app = self.start(self.fact['options'])
        api, who = app.aggregate_api, stubs.caller(**IDENTITY)
        made = api.create_aggregate(who, 'agg-a', 'az1')
        found = {'create': self.take()}
        try:
            api.create_aggregate(who, 'agg-a', 'az1')
        except exception.AggregateNameExists:
            found['create_name_exists'] = self.take()
        api.add_host_to_aggregate(who, made.id, 'cmp00000')
        found['add_host'] = self.take()
        observed = self.fact['observed']
        for operation, messages in found.items():
            if operation in observed:
                self.assertEqual(
                    observed[operation], [_shown(one) for one in messages]
                )
            raw = observed.get(f'{operation}_raw_example')
            if raw:
                self.assertEqual(list(raw[0]), _own_keys(messages[0].message))

    def test_driver_without_a_bus(self) -> None:
        """Nobody is told, and nothing waits to be told."""
        self.configure({**DEFAULTS, **self.fact['options']})
        app = services.Services(aggext_conf.load([self.world.conf_file]))
        self.addCleanup(app.close)
        self.assertEqual({}, dict(app.delivery.channels))


class OwnBusTest(FormatTest):
    """A message bus for notifications alone."""

    def test_notifications_only(self) -> None:
        """Without a bus of the services there are no casts."""
        self.configure(DEFAULTS)
        name = '[oslo_messaging_notifications] transport_url'
        self.configure({name: self.bus.url})
        app = services.Services(aggext_conf.load([self.world.conf_file]))
        self.addCleanup(app.close)
        app.delivery.start()
        app.aggregate_api.create_aggregate(stubs.caller(), 'agg-a', None)
        self.assertEqual(
            ['aggregate.create.start'] * 2 + ['aggregate.create.end'] * 2,
            [one.what for one in self.take()],
        )

    def test_two_buses(self) -> None:
        """Casts and notifications each go to their own."""
        other = self.useFixture(broker.VirtualHost())
        other_tap = self.useFixture(tap.Tap(other.amqp))
        name = '[oslo_messaging_notifications] transport_url'
        app = self.start({name: other.url})
        app.aggregate_api.create_aggregate(stubs.caller(), 'agg-a', None)
        self.assertEqual(
            ['update_aggregates'], [one.what for one in self.take()]
        )
        self.assertEqual(4, len(other_tap.take()))


class EnvelopesTest(FormatTest):
    """Properties, envelope, keys and context of each kind of message."""

    def setUp(self) -> None:
        """Send one of each kind."""
        super().setUp()
        app = self.start({})
        who = stubs.caller(**IDENTITY, request_id=REQUEST_ID)
        made = app.aggregate_api.create_aggregate(who, 'agg-a', None)
        self.known = {str(made.uuid): '<uuid:agg-a>'}
        self.found = {
            'legacy_notification': 0,
            'versioned_notification': 1,
            'rpc_cast': 4,
        }
        self.messages = self.take()

    def test_as_captured(self) -> None:
        """All is as captured, but what casts do not carry."""
        for kind, index in self.found.items():
            fact = cases.facts('message_envelopes')[kind]
            message = self.messages[index]
            wanted = fact['oslo_message']
            if kind == 'rpc_cast':
                wanted = {**wanted, **KEPT_OUT}
            self.assertEqual(
                fact['message_keys_in_order'], list(message.message)
            )
            self.assertEqual(
                wanted, normalise.words(message.message, self.known)
            )
            self.assertEqual(fact['properties'], message.properties)
            self.assertEqual(fact['envelope'], message.envelope)
            self.assertEqual(fact['routing_key'], message.routing_key)
            self.assertEqual(fact['exchange'], message.exchange)


class Endpoint:
    """What a consumer of notifications has."""

    def __init__(self) -> None:
        self.heard: list[tuple[str, str, str, Any]] = []
        self.news = threading.Event()

    def _hear(self, priority: str, *message: Any) -> None:
        _, publisher_id, event_type, payload, _ = message
        self.heard.append((priority, publisher_id, event_type, payload))
        if priority == 'error' and event_type == 'compute.exception':
            self.news.set()

    def info(self, *message: Any) -> None:
        """Hear of something that happened."""
        self._hear('info', *message)

    def error(self, *message: Any) -> None:
        """Hear of something that failed."""
        self._hear('error', *message)


class ListenerTest(FormatTest):
    """A plain listener of oslo.messaging."""

    scenarios = [
        (name, {'driver': name}) for name in ('messaging', 'messagingv2')
    ]
    driver: str

    def test_listener(self) -> None:
        """It gets and decodes both formats."""
        endpoint = self.listen('notifications', 'versioned_notifications')
        app = self.start({DRIVER: self.driver})
        api, who = app.aggregate_api, stubs.caller(**IDENTITY)
        made = api.create_aggregate(who, 'agg-a', None)
        try:
            api.create_aggregate(who, 'agg-a', None)
        except exception.AggregateNameExists:
            self.assertTrue(endpoint.news.wait(tap.PATIENCE))
        self.assertIn(
            (
                'info',
                f'aggregate.{made.id}',
                'aggregate.create.end',
                {'name': 'agg-a', 'aggregate_id': made.id},
            ),
            endpoint.heard,
        )
        payloads = {
            event: payload['nova_object.name']
            for _, publisher, event, payload in endpoint.heard
            if publisher == 'nova-api:api1'
        }
        self.assertEqual(
            {
                'aggregate.create.start': 'AggregatePayload',
                'aggregate.create.end': 'AggregatePayload',
                'compute.exception': 'ExceptionPayload',
            },
            payloads,
        )

    def listen(self, *topics: str) -> Endpoint:
        """Listen as ceilometer does."""
        conf = cfg.ConfigOpts()
        conf([], project='listener', default_config_files=[])
        transport = oslo_messaging.get_notification_transport(
            conf, url=self.bus.url
        )
        endpoint = Endpoint()
        listener = oslo_messaging.get_notification_listener(
            transport,
            [
                oslo_messaging.Target(topic=topic, exchange='nova')
                for topic in topics
            ],
            [endpoint],
            executor='threading',
        )
        listener.start()
        self.addCleanup(transport.cleanup)
        self.addCleanup(listener.wait)
        self.addCleanup(listener.stop)
        return endpoint


class QuietTest(base.DeliveryTest):
    """A configuration that asks for nobody to be told."""

    def test_costs_nothing(self) -> None:
        """No rows, no threads, and libraries are not even imported."""
        hosts = self.useFixture(world.World('registered'))
        with open(hosts.conf_file, 'a') as conf_file:
            conf_file.write('[oslo_messaging_notifications]\ndriver = noop\n')
        done = subprocess.run(
            [
                sys.executable,
                '-m',
                'nova_aggext.tests.delivery.quiet',
                hosts.conf_file,
            ],
            check=True,
            stdout=subprocess.PIPE,
            timeout=PROCESS_SECONDS,
        )
        self.assertEqual(
            {
                'refused': 'InvalidAggregateActionDelete',
                'rows': 0,
                'threads': [],
                'libraries': [],
            },
            json.loads(done.stdout),
        )


def _shown(message: tap.Message) -> dict[str, Any]:
    """Give a message as the facts on variants show it."""
    publisher = message.message.get('publisher_id')
    return {
        'exchange': message.exchange,
        'routing_key': message.routing_key,
        'envelope': message.envelope,
        'what': message.what,
        'publisher_id': normalise.words(publisher, {}, 'publisher_id'),
    }


def _own_keys(message: Mapping[str, Any]) -> list[str]:
    return [name for name in message if not name.startswith('_context_')]
