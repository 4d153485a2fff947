# SPDX-License-Identifier: Apache-2.0
"""A real Prometheus scrapes real processes; each alert fires and clears."""

import contextlib
import json
import subprocess
import sys
import threading
import time
import urllib.error
import urllib.request
from collections.abc import Callable
from collections.abc import Iterator
from typing import Any

import sqlalchemy as sa

from nova_aggext.tests import base
from nova_aggext.tests.delivery import proxy
from nova_aggext.tests.outage import monitored
from nova_aggext.tests.unit.metrics import shipped

_PATH = '/v2.1/os-aggregates'
_DIRECT = urllib.request.build_opener(urllib.request.ProxyHandler({}))
_SECONDS = 30
_EVER = 10**9
# Requests that wait for a lock together; more than there are connections.
_MANY = 6
# Seconds for which a lock is held each time.
_HELD = 2.5
_MANAGE = (
    'import sys; from nova_aggext.cmd import manage; sys.exit(manage.main())'
)


class AlertsTest(base.TestCase):
    """Faults one after the other; in the end each alert was there."""

    def setUp(self) -> None:
        super().setUp()
        self.parts = self.useFixture(monitored.Monitored())
        self.prometheus = self.parts.prometheus
        body = {'aggregate': {'name': 'a', 'availability_zone': 'one'}}
        made = json.loads(self.send('POST', _PATH, body)[1])
        self.action = f'{_PATH}/{made["aggregate"]["id"]}/action'

    def send(
        self, method: str, path: str, body: Any = None
    ) -> tuple[int, bytes]:
        """Send a request; give status and body."""
        asked = urllib.request.Request(
            self.parts.server.url + path,
            None if body is None else json.dumps(body).encode(),
            {'Content-Type': 'application/json'},
            method=method,
        )
        try:
            with _DIRECT.open(asked, timeout=_SECONDS) as answer:
                return answer.status, answer.read()
        except urllib.error.HTTPError as error:
            return error.code, error.read()

    def set_metadata(self) -> int:
        """Change an aggregate; give the status."""
        body = {'set_metadata': {'metadata': {'time': str(time.time())}}}
        return self.send('POST', self.action, body)[0]

    def move_host(self) -> int:
        """Add a host, and remove it; give the status of the first."""
        name = monitored.HOSTS[0]
        status, _ = self.send(
            'POST', self.action, {'add_host': {'host': name}}
        )
        self.send('POST', self.action, {'remove_host': {'host': name}})
        return status

    @contextlib.contextmanager
    def traffic(self, send: Callable[[], object]) -> Iterator[None]:
        """Have requests sent one after the other all the time."""
        ended = threading.Event()

        def work() -> None:
            while not ended.wait(0.05):
                with contextlib.suppress(OSError):
                    send()

        thread = threading.Thread(target=work)
        thread.start()
        try:
            yield
        finally:
            ended.set()
            thread.join()

    def test_alerts(self) -> None:
        """Each fires while there is a reason, and no longer."""
        self.prometheus.await_none()
        with self.traffic(self.move_host):
            self._others_away()
            self._database_away()
            self._relay_killed()
            self._refused()
        self._connections_break()
        self._waiting()
        shipped_ones = {rule['alert'] for rule in shipped.alerts()}
        self.assertEqual(shipped_ones, self.prometheus.fired)

    def _others_away(self) -> None:
        """Message bus and placement, and then a cell."""
        placement = self.parts.placement.proxy
        self.parts.bus.link.close()
        placement.refuse()
        self.prometheus.await_firing(
            'AggextChannelDown notifications',
            'AggextChannelDown placement',
            'AggextOutboxOld',
        )
        self.parts.cell.freeze()
        self.prometheus.await_firing('AggextCellDown', 'AggextErrors')
        self.parts.cell.cut()
        self.parts.cell.open()
        self.parts.bus.link.open()
        placement.serve()
        self.prometheus.await_none()

    def _database_away(self) -> None:
        self.parts.database.cut()
        self.prometheus.await_firing(
            f'AggextDatabaseDown {monitored.SERVER}',
            f'AggextDatabaseDown {monitored.RELAY}',
        )
        self.parts.database.open()
        self.prometheus.await_none()

    def _relay_killed(self) -> None:
        self.parts.relay.kill()
        self.prometheus.await_firing(
            f'AggextProcessDown {monitored.RELAY}', 'AggextNobodyDelivers'
        )
        self.parts.relay.start()
        self.prometheus.await_none()

    def _refused(self) -> None:
        """Placement takes offence at what it is told."""
        placement = self.parts.placement.proxy
        fault = proxy.Fault(
            lambda call: call.method == 'PUT', times=_EVER, status=400
        )
        placement.faults.append(fault)
        self.prometheus.await_firing('AggextMessagesParked')
        placement.release()
        parked = json.loads(
            self._manage('list', '--parked', '--format', 'json')
        )
        self._manage('retry', *(str(one['id']) for one in parked))
        self.prometheus.await_none()

    def _manage(self, *arguments: str) -> bytes:
        ended = subprocess.run(
            [
                sys.executable,
                '-c',
                _MANAGE,
                '--config-file',
                self.parts.conf_file,
                'outbox',
                *arguments,
            ],
            check=True,
            capture_output=True,
            timeout=_SECONDS,
        )
        return ended.stdout

    def _connections_break(self) -> None:
        """Something between closes connections all the time."""

        def breaking() -> None:
            self.parts.database.cut()
            self.parts.database.open()

        with self.traffic(self.set_metadata), self.traffic(breaking):
            self.prometheus.await_firing('AggextTriedAgain broken')
        self.prometheus.await_none()

    def _waiting(self) -> None:
        """Somebody holds a lock, and all connections wait for it."""
        lock = sa.text('SELECT * FROM aggext_locks FOR UPDATE')

        def hold() -> None:
            with self.parts.engine.begin() as connection:
                connection.execute(lock).all()
                time.sleep(_HELD)

        with contextlib.ExitStack() as everything:
            for send in [hold, *[self.set_metadata] * _MANY]:
                everything.enter_context(self.traffic(send))
            self.prometheus.await_firing(
                f'AggextPoolFull {monitored.SERVER}', 'AggextSlow'
            )
        self.prometheus.await_none()
