# SPDX-License-Identifier: Apache-2.0
"""The health check and the metrics of the standalone server."""

from oslo_config import cfg

from nova_aggext import deploy
from nova_aggext import health
from nova_aggext.db import outbox
from nova_aggext.tests import base
from nova_aggext.tests.functional import databases
from nova_aggext.tests.unit.outbox import channel


class HealthTest(base.TestCase):
    """A database with one message that waits."""

    def setUp(self) -> None:
        super().setUp()
        self.db = self.useFixture(databases.Database())
        drafts = [channel.draft('aggregate:7', 'one')]
        self.db.database.write(lambda s: outbox.append(s, drafts))

    def check(self) -> health.OutboxHealth:
        """Make the check as oslo.middleware does."""
        return health.OutboxHealth(
            cfg.ConfigOpts(), {'config_file': self.db.conf_file}
        )

    def test_available(self) -> None:
        """It is healthy, and says what waits."""
        found = self.check().healthcheck(0)
        self.assertTrue(found.available)
        self.assertRegex(
            str(found.details),
            r'^1 waiting, 0 parked, the oldest for \d+\.\d s$',
        )

    def test_empty(self) -> None:
        """Nothing is old where nothing waits."""
        self.db.database.write(lambda s: outbox.drop(s, [1]))
        found = self.check().healthcheck(0)
        self.assertEqual('0 waiting, 0 parked', found.details)

    def test_many(self) -> None:
        """It counts no more than it can at any time."""
        drafts = [
            channel.draft('aggregate:7', 'more') for _ in range(health.MOST)
        ]
        self.db.database.write(lambda s: outbox.append(s, drafts))
        found = self.check().healthcheck(0)
        self.assertRegex(
            str(found.details),
            r'^at least 1000 waiting, 0 parked, the oldest for \d+\.\d s$',
        )

    def test_database_away(self) -> None:
        """It is not healthy without its database."""
        with open(self.db.conf_file, 'a') as conf_file:
            conf_file.write(
                '[api_database]\n'
                'connection = postgresql+psycopg2://u:p@127.0.0.1:9/x\n'
            )
        found = self.check().healthcheck(0)
        self.assertFalse(found.available)
        self.assertEqual(
            'The database cannot be used at present; see [api_database] '
            'connection.',
            found.reason,
        )
        self.assertIn('127.0.0.1:9', str(found.details))
        self.assertNotIn('u:p', str(found.details) + self.log.output)
        # It never was there, and nobody else has to say so.
        self.assertIn('127.0.0.1:9', self.log.output)

    def test_metrics(self) -> None:
        """What waits can be scraped."""
        app = deploy.metrics_factory({}, config_file=self.db.conf_file)
        environ = {
            'REQUEST_METHOD': 'GET',
            'PATH_INFO': '/',
            'QUERY_STRING': '',
        }
        text = b''.join(app(environ, lambda *_: lambda _: None))
        self.assertIn(b'aggext_outbox_messages 1.0', text)
        self.assertIn(b'aggext_database_up 1.0', text)
        self.assertIn(b'aggext_threads{name="other"}', text)
