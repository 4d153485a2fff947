# SPDX-License-Identifier: Apache-2.0
"""Messages that are refused too often are parked, and can be seen."""

import prometheus_client

from nova_aggext.cmd import manage
from nova_aggext.db import outbox
from nova_aggext.metrics import meters as metrics_meters
from nova_aggext.metrics import stored
from nova_aggext.outbox import relay
from nova_aggext.outbox import types
from nova_aggext.tests import base
from nova_aggext.tests.functional import databases
from nova_aggext.tests.unit.cmd import commands
from nova_aggext.tests.unit.outbox import channel

STREAM = 'aggregate:7'
SETTINGS = relay.Settings(
    lease=60, poll_interval=5, max_backoff=0.000001, max_attempts=2
)


class ParkedTest(base.TestCase):
    """A relay that takes turns when it is told."""

    def setUp(self) -> None:
        super().setUp()
        self.db = self.useFixture(databases.Database())
        self.database = self.db.database
        self.channel = channel.Channel()
        self.meters = metrics_meters.Meters()
        self.relay = relay.Relay(
            types.AGGREGATES,
            self.database,
            [self.channel],
            SETTINGS,
            self.meters,
        )
        drafts = [channel.draft(STREAM, text) for text in ('one', 'two')]
        self.database.write(lambda s: outbox.append(s, drafts))

    def turn(self, *errors: Exception) -> None:
        """Let the relay take turns until the errors are used up."""
        self.channel.errors.extend(errors)
        for _ in range(len(errors) + 1):
            self.relay.run_once()

    def command(self, *arguments: str) -> commands.Ended:
        """Run ``nova-aggext-manage outbox``."""
        return commands.run(
            manage.main,
            '--config-file',
            self.db.conf_file,
            'outbox',
            *arguments,
        )

    def waiting(self) -> tuple[int, int]:
        """Give how many messages wait, and how many are parked."""
        found = self.database.read(outbox.waiting)
        return found.messages, found.parked

    def test_parked(self) -> None:
        """After the last attempt, the next message has its turn."""
        self.turn(ValueError('no'), ValueError('never'))
        self.assertEqual(['two'], self.channel.told)
        self.assertEqual((0, 1), self.waiting())
        (row,) = self.command('list', '--format', 'json').json
        self.assertEqual(
            (STREAM, 'kind', 'an id', 2, True, 'ValueError: never'),
            tuple(
                row[name]
                for name in (
                    'stream',
                    'kind',
                    'message_id',
                    'attempts',
                    'parked',
                    'error',
                )
            ),
        )

    def test_try_again_is_no_refusal(self) -> None:
        """What waits for others is never parked."""
        self.turn(*[types.TryAgain('busy')] * 5)
        self.assertEqual(['one', 'two'], self.channel.told)

    def test_away(self) -> None:
        """What waits because nobody is there shows that, refused by none."""
        other = channel.draft('aggregate:8', 'three')
        self.database.write(lambda s: outbox.append(s, [other]))
        self.channel.errors = [types.Away('nobody there')]
        self.assertRaises(types.Away, self.relay.run_once)
        self.assertEqual((3, 0), self.waiting())
        found = self.command('list', '--format', 'json').json
        self.assertEqual(
            [(1, False, 'nobody there')] * 3,
            [(row['attempts'], row['parked'], row['error']) for row in found],
        )
        (stored, *_) = self.database.read(lambda s: outbox.select(s, 9))
        self.assertEqual(0, stored.attempts)

    def test_parked_then_away(self) -> None:
        """The error of a parked message stays its own."""
        self.channel.errors = [ValueError('no'), ValueError('never')]
        self.relay.run_once()
        self.relay.run_once()
        self.channel.errors = [types.Away('nobody there')]
        self.assertRaises(types.Away, self.relay.run_once)
        found = self.command('list', '--format', 'json').json
        self.assertEqual(
            ['ValueError: never', 'nobody there'],
            [row['error'] for row in found],
        )

    def test_retry(self) -> None:
        """A parked message is told once it is let."""
        self.turn(ValueError('no'), ValueError('no'))
        self.assertEqual(0, self.command('retry', '1').status)
        self.assertEqual((1, 0), self.waiting())
        self.turn()
        self.assertEqual(['two', 'one'], self.channel.told)
        self.assertEqual((0, 0), self.waiting())

    def test_drop(self) -> None:
        """What is dropped is never told."""
        self.assertEqual(0, self.command('drop', '1').status)
        self.turn()
        self.assertEqual(['two'], self.channel.told)

    def test_unknown(self) -> None:
        """An id that does not exist is named; the others are dealt with."""
        for name in ('retry', 'drop'):
            ended = self.command(name, '1', '99')
            self.assertEqual(1, ended.status)
            self.assertIn('99', ended.err)
        self.assertEqual((1, 0), self.waiting())

    def test_limit(self) -> None:
        """No more is listed than is asked for."""
        ended = self.command('list', '--limit', '1', '--format', 'json')
        self.assertEqual([1], [row['id'] for row in ended.json])

    def test_list_of_parked_ones(self) -> None:
        """Those that wait do not hide those that need a hand."""
        ended = self.command('list', '--parked', '--format', 'json')
        self.assertEqual([], ended.json)
        self.turn(ValueError('no'), ValueError('no'))
        ended = self.command('list', '--parked', '--format', 'json')
        self.assertEqual([1], [row['id'] for row in ended.json])

    def test_metrics(self) -> None:
        """What was done, and what waits, can be scraped."""
        self.turn(ValueError('no'), ValueError('no'))
        registry = self.meters.registry
        registry.register(stored.Stored(self.database))
        text = prometheus_client.generate_latest(registry).decode()
        for line in (
            'aggext_outbox_told_total{kind="kind"} 1.0',
            'aggext_outbox_refused_total{kind="kind"} 2.0',
            'aggext_outbox_messages 0.0',
            'aggext_outbox_parked_messages 1.0',
            'aggext_outbox_oldest_seconds 0.0',
        ):
            self.assertIn(line, text.splitlines())

    def test_age(self) -> None:
        """The age is that of the oldest message that waits."""
        registry = prometheus_client.CollectorRegistry()
        registry.register(stored.Stored(self.database))
        age = registry.get_sample_value('aggext_outbox_oldest_seconds')
        self.assertIsNotNone(age)
        self.assertTrue(0 < (age or 0) < 60, age)
