# SPDX-License-Identifier: Apache-2.0
"""What is kept of a message that is parked, and how it is counted."""

import testscenarios

from nova_aggext.cmd import manage
from nova_aggext.db import outbox
from nova_aggext.metrics import meters as metrics_meters
from nova_aggext.outbox import relay
from nova_aggext.outbox import types
from nova_aggext.tests import base
from nova_aggext.tests.functional import databases
from nova_aggext.tests.unit.cmd import commands
from nova_aggext.tests.unit.outbox import channel

load_tests = testscenarios.load_tests_apply_scenarios

STREAM = 'aggregate:7'
SETTINGS = relay.Settings(
    lease=60, poll_interval=5, max_backoff=0.000001, max_attempts=2
)


class Confiding(channel.Channel):
    """A channel that keeps nothing of what is parked."""

    def strip(self, message: types.Draft) -> dict[str, str]:
        """Say why it cannot be told."""
        return {outbox.UNABLE: f'{message.kind} was a secret'}


class ConfidingTest(base.TestCase):
    """A message that is not to be kept for long."""

    scenarios = [(kind, {'kind': kind}) for kind in databases.KINDS]
    kind: str

    def setUp(self) -> None:
        super().setUp()
        self.db = self.useFixture(databases.Database(self.kind))
        self.channel = Confiding()
        self.relay = relay.Relay(
            types.AGGREGATES,
            self.db.database,
            [self.channel],
            SETTINGS,
            metrics_meters.Meters(),
        )
        drafts = [channel.draft(STREAM, 'secret')]
        self.db.database.write(lambda s: outbox.append(s, drafts))

    def bodies(self) -> list[object]:
        """Give the bodies of what is stored."""
        found = self.db.database.read(lambda s: outbox.select(s, 100))
        return [one.body for one in found]

    def test_parked(self) -> None:
        """It is kept while it may be told; then retry says why it is not."""
        self.channel.errors.extend([ValueError('no'), ValueError('no')])
        self.relay.run_once()
        self.assertEqual([{'text': 'secret'}], self.bodies())
        self.relay.run_once()
        self.assertEqual([{'unable': 'kind was a secret'}], self.bodies())
        ended = commands.run(
            manage.main,
            '--config-file',
            self.db.conf_file,
            'outbox',
            'retry',
            '1',
        )
        self.assertEqual(1, ended.status)
        self.assertIn('Message 1 cannot be told: kind was a', ended.err)
        self.relay.run_once()
        self.assertEqual([], self.channel.told)

    def test_limit(self) -> None:
        """No more messages are counted than is asked for."""
        drafts = [channel.draft(STREAM, 'more')] * 4
        self.db.database.write(lambda s: outbox.append(s, drafts))
        ask = self.db.database.ask
        some = ask(lambda s: outbox.waiting(s, 3))
        every = ask(lambda s: outbox.waiting(s, 9))
        self.assertEqual((3, 5), (some.messages, every.messages))
        self.assertEqual(every.oldest, some.oldest)
