# SPDX-License-Identifier: Apache-2.0
"""Health check and metrics of a database that is frozen, or does not fit."""

import concurrent.futures
import http.client
import threading
import time

import sqlalchemy as sa
import testscenarios
import webob

from nova_aggext import deploy
from nova_aggext.db import looks
from nova_aggext.tests import base
from nova_aggext.tests.functional import databases
from nova_aggext.tests.functional import server
from nova_aggext.tests.functional.db import proxy

load_tests = testscenarios.load_tests_apply_scenarios

# Of each; more than a server has threads by default.
MANY = 12
PATIENCE = 60
MENDED = 'The database cannot be used until an operator mends it.'


class Monitored(base.TestCase):
    """The standalone server, in this process."""

    def load(self, db: databases.Database) -> None:
        """Load it on a database."""
        self.app = deploy.load([db.conf_file])

    def get(self, path: str) -> webob.Response:
        """Give the answer to a monitor."""
        return webob.Request.blank(path).get_response(self.app)

    def check_shown(self, shown: webob.Response) -> None:
        """Check metrics without those of the database."""
        self.assertEqual(200, shown.status_int)
        self.assertEqual('text/plain', shown.content_type)
        self.assertIn('aggext_database_up 0.0', shown.text)
        self.assertIn('# TYPE aggext_outbox_told_total counter', shown.text)
        self.assertNotIn('aggext_outbox_messages', shown.text)


class MissingTableTest(Monitored):
    """A database without the table of the outbox."""

    scenarios = [(kind, {'kind': kind}) for kind in databases.KINDS]
    kind: str

    def test_missing(self) -> None:
        db = self.useFixture(databases.Database(self.kind))
        self.load(db)
        self.assertEqual(200, self.get('/healthcheck').status_int)
        drop = sa.text('DROP TABLE aggext_outbox')
        db.database.write(lambda session: session.execute(drop))
        checked = self.get('/healthcheck')
        self.assertEqual(503, checked.status_int)
        self.assertEqual('text/plain', checked.content_type)
        self.assertIn(MENDED, checked.text)
        self.assertIn('[api_database] connection', checked.text)
        self.check_shown(self.get('/metrics'))
        self.assertIn('aggext_outbox', self.log.output)
        self.assertNotIn('Traceback', self.log.output)


class FrozenTest(Monitored):
    """A server that takes connections and bytes, and answers nothing."""

    scenarios = [(kind, {'kind': kind}) for kind in databases.SERVERS]
    kind: str

    def setUp(self) -> None:
        super().setUp()
        self.way = self.useFixture(proxy.Proxy(self.kind))
        db = self.useFixture(
            databases.Database(self.kind, server=self.way.url)
        )
        self.load(db)

    def test_frozen(self) -> None:
        """Monitors are answered in time, and take no thread each."""
        self.assertEqual(200, self.get('/healthcheck').status_int)
        self.assertIn('aggext_database_up 1.0', self.get('/metrics').text)
        self.way.freeze()
        # The database is dropped by the same way.
        self.addCleanup(self.way.open)
        self.addCleanup(self.way.cut)
        monitors = concurrent.futures.ThreadPoolExecutor(2 * MANY)
        self.addCleanup(monitors.shutdown)
        begun = time.monotonic()
        checks, scrapes = (
            [monitors.submit(self.get, path) for _ in range(MANY)]
            for path in ('/healthcheck', '/metrics')
        )
        for one in checks:
            checked = one.result(PATIENCE)
            self.assertEqual(503, checked.status_int)
            self.assertIn('[api_database] connection', checked.text)
            self.assertNotIn('openstack_citest', checked.text)
        for one in scrapes:
            self.check_shown(one.result(PATIENCE))
        # Who comes later does not wait at all.
        for _ in range(MANY):
            self.assertEqual(503, self.get('/healthcheck').status_int)
        self.assertLess(time.monotonic() - begun, 3 * looks.SECONDS)
        names = [one.name for one in threading.enumerate()]
        self.assertEqual(2, names.count('aggext-look'))
        self.way.cut()
        self.way.open()
        self._await_health()

    def _await_health(self) -> None:
        """Be told that it is back, at the latest by the next look."""
        until = time.monotonic() + PATIENCE
        while self.get('/healthcheck').status_int != 200:
            self.assertTrue(time.monotonic() < until)
            time.sleep(0.05)


class ServerTest(base.TestCase):
    """A server as a process, whose database is frozen from the start."""

    def test_frozen(self) -> None:
        """Monitors are told so in time, and others are served."""
        way = self.useFixture(proxy.Proxy('postgresql'))
        db = self.useFixture(databases.Database('postgresql', server=way.url))
        one = self.useFixture(server.Server(conf_file=db.conf_file))
        way.freeze()
        # The database is dropped by the same way.
        self.addCleanup(way.open)
        self.addCleanup(way.cut)
        # What takes longer fails.
        client = http.client.HTTPConnection(
            '127.0.0.1', one.port, timeout=3 * looks.SECONDS
        )
        self.addCleanup(client.close)
        expected = {'/healthcheck': 503, '/metrics': 200, '/v2.1/': 200}
        for path, status in expected.items():
            client.request('GET', path)
            answer = client.getresponse()
            answer.read()
            self.assertEqual(status, answer.status)
