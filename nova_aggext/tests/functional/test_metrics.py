# SPDX-License-Identifier: Apache-2.0
"""What a server of several processes shows to Prometheus."""

import os
import pathlib
import re
import signal
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Callable

import fixtures

from nova_aggext.tests import base
from nova_aggext.tests.functional import server

PATIENCE = 60
REQUESTS = 12
WORKERS = 3
BUS = '[DEFAULT]\ntransport_url = fake://\n'

_DIRECT = urllib.request.build_opener(urllib.request.ProxyHandler({}))
_GUNICORN = os.path.join(os.path.dirname(sys.executable), 'gunicorn')
# Pipelines like those of a Nova, of which one is not found by anybody.
_PASTE = """
[composite:main]
use = egg:Paste#urlmap
/v2.1 = current
/v2 = legacy
/metrics = metrics

[pipeline:current]
pipeline = noauth aggregates beneath

[pipeline:legacy]
pipeline = noauth aggregates beneath

[filter:noauth]
use = egg:nova-aggext#noauth

[filter:aggregates]
use = egg:nova-aggext#aggregates

[app:beneath]
use = egg:nova-aggext#versions

[app:metrics]
use = egg:nova-aggext#metrics
"""


class Workers(base.TestCase):
    """A server of several workers, each of which delivers."""

    def serve(self, *application: str) -> None:
        """Start it."""
        folder = self.useFixture(fixtures.TempDir()).path
        self.server = self.useFixture(
            server.Server(
                command=[
                    'env',
                    f'PROMETHEUS_MULTIPROC_DIR={folder}',
                    _GUNICORN,
                    f'--workers={WORKERS}',
                    '--bind=127.0.0.1:{port}',
                    *application,
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

    def value(self, pattern: str) -> float:
        """Scrape; give the sum of what a pattern finds."""
        line = re.compile(rf'^{pattern} (\S+)$', re.MULTILINE)
        return sum(map(float, line.findall(self.send('/metrics'))))

    def await_value(self, expected: float, pattern: str) -> None:
        """Wait until it is shown."""
        self.wait(lambda: self.value(pattern) == expected)

    def wait(self, holds: Callable[[], bool]) -> None:
        """Wait until something holds."""
        until = time.monotonic() + PATIENCE
        while not holds():
            if time.monotonic() > until:
                self.fail(self.send('/metrics'))
            time.sleep(0.05)

    def check_together(self) -> None:
        """Check that whoever is asked says what all processes did."""
        for number in range(REQUESTS):
            body = b'{"aggregate": {"name": "a%d"}}' % number
            self.send('/v2.1/os-aggregates', body)
        with self.assertRaises(urllib.error.HTTPError):
            self.send('/v2.1/os-aggregates/999')
        self.wait(self.all_work)
        self.await_value(0, 'aggext_outbox_messages')
        for _ in range(REQUESTS):
            self.assertEqual(
                REQUESTS, self.answers('os-aggregates:create', 200)
            )
            self.assertEqual(1, self.answers('os-aggregates:show', 404))
            told = self.value(r'aggext_outbox_told_total\{[^}]*\}')
            self.assertGreaterEqual(told, REQUESTS)

    def answers(self, operation: str, status: int) -> float:
        """Scrape how often an operation was answered so."""
        labels = rf'\{{operation="{operation}",status="{status}"\}}'
        return self.value(f'aggext_request_seconds_count{labels}')

    def all_work(self) -> bool:
        """Send a request; say whether every worker has had one by now."""
        self.send('/v2.1/os-aggregates')
        return self.value('aggext_processes') == WORKERS

    def workers(self) -> list[int]:
        """Give the ids of the worker processes."""
        pid = self.server.process.pid
        children = pathlib.Path(f'/proc/{pid}/task/{pid}/children')
        return [int(one) for one in children.read_text().split()]


class StandaloneTest(Workers):
    """The standalone server."""

    def setUp(self) -> None:
        super().setUp()
        self.serve('nova_aggext.server:application')

    def test_together(self) -> None:
        """Whoever is asked says what all did; also those that are gone."""
        self.check_together()
        lanes = r'aggext_relay_running\{lane="aggregate"\}'
        self.await_value(WORKERS, lanes)
        gone, *_others = self.workers()
        os.kill(gone, signal.SIGKILL)
        self.wait(lambda: gone not in self.workers())
        self.assertEqual(WORKERS - 1, self.value(lanes))
        self.assertEqual(REQUESTS, self.answers('os-aggregates:create', 200))
        # The one in its place takes part.
        self.wait(self.all_work)


class FilterTest(Workers):
    """The filter in pipelines like those of a Nova."""

    def test_together(self) -> None:
        """Whoever is asked says what all did."""
        folder = self.useFixture(fixtures.TempDir()).path
        paste = pathlib.Path(folder) / 'api-paste.ini'
        paste.write_text(_PASTE)
        self.serve('--preload', f'--paste={paste}')
        self.check_together()
