# SPDX-License-Identifier: Apache-2.0
"""What a server of several processes shows to Prometheus."""

import os
import re
import sys
import time
import urllib.request

import fixtures

from nova_aggext.tests import base
from nova_aggext.tests.functional import server

PATIENCE = 60
REQUESTS = 10
BUS = '[DEFAULT]\ntransport_url = fake://\n'

_DIRECT = urllib.request.build_opener(urllib.request.ProxyHandler({}))
_TOLD = re.compile(r'^aggext_outbox_told_total\{[^}]*\} (\S+)$', re.MULTILINE)


class MetricsTest(base.TestCase):
    """A server of two workers, each of which delivers."""

    def setUp(self) -> None:
        super().setUp()
        folder = self.useFixture(fixtures.TempDir()).path
        gunicorn = os.path.join(os.path.dirname(sys.executable), 'gunicorn')
        self.server = self.useFixture(
            server.Server(
                command=[
                    'env',
                    f'PROMETHEUS_MULTIPROC_DIR={folder}',
                    gunicorn,
                    '--workers=2',
                    '--bind=127.0.0.1:{port}',
                    'nova_aggext.server:application',
                ],
                options=BUS,
            )
        )

    def send(self, path: str, body: bytes | None = None) -> str:
        """Send a request on a connection of its own."""
        asked = urllib.request.Request(
            self.server.url + path, body, {'Content-Type': 'application/json'}
        )
        with _DIRECT.open(asked, timeout=PATIENCE) as answer:
            return str(answer.read().decode())

    def test_told(self) -> None:
        """Whoever is asked says what all processes did."""
        for number in range(REQUESTS):
            body = b'{"aggregate": {"name": "a%d"}}' % number
            self.send('/v2.1/os-aggregates', body)
        until = time.monotonic() + PATIENCE
        while 'aggext_outbox_messages 0.0' not in self.send('/metrics'):
            self.assertTrue(time.monotonic() < until)
            time.sleep(0.05)
        for _ in range(REQUESTS):
            told = _TOLD.findall(self.send('/metrics'))
            self.assertTrue(sum(map(float, told)) >= REQUESTS, told)
