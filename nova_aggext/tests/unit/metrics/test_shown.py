# SPDX-License-Identifier: Apache-2.0
"""What a process shows of itself."""

import threading

import prometheus_client

from nova_aggext import version
from nova_aggext.db import pools
from nova_aggext.metrics import meters as metrics_meters
from nova_aggext.metrics import shown
from nova_aggext.metrics import state
from nova_aggext.tests import base

HELD = state.State(
    pools=(
        pools.Pool('api_database', used=1, idle=2, most=15),
        pools.Pool('cell: one', used=0, idle=0, most=None),
    ),
    lanes=(
        state.Lane('aggregate', True, 3, frozenset()),
        state.Lane('host', False, 0, frozenset({'placement'})),
    ),
    channels=('placement', 'scheduler'),
)


class ShownTest(base.TestCase):
    """A process that shares with nobody."""

    def setUp(self) -> None:
        super().setUp()
        self.meters = metrics_meters.Meters()
        self.registry = prometheus_client.CollectorRegistry()
        self.registry.register(
            shown.Shown(self.meters, lambda: self.meters.holds(HELD), {})
        )

    def value(self, metric: str, /, **labels: str) -> float | None:
        """Scrape one value; None where there is none."""
        return self.registry.get_sample_value(metric, labels)

    def test_requests(self) -> None:
        """Requests are counted by what was asked and answered."""
        for status, seconds in ((200, 0.02), (200, 0.2), (409, 0.01)):
            self.meters.answered('os-aggregates:add_host', status, seconds)
        labels = {'operation': 'os-aggregates:add_host', 'status': '200'}
        name = 'aggext_request_seconds'
        self.assertEqual(2, self.value(f'{name}_count', **labels))
        self.assertAlmostEqual(
            0.22, self.value(f'{name}_sum', **labels) or 0, places=6
        )
        self.assertEqual(1, self.value(f'{name}_bucket', le='0.025', **labels))
        labels['status'] = '409'
        self.assertEqual(1, self.value(f'{name}_count', **labels))

    def test_cells(self) -> None:
        """A cell is up that answered when it was last asked."""
        for outcome, expected in (('answered', 1), ('silent', 0)):
            self.meters.asked_cell('cell1', outcome)
            self.assertEqual(
                expected, self.value('aggext_cell_up', cell='cell1')
            )
        self.meters.asked_cell('cell1', 'answered')
        self.assertEqual(1, self.value('aggext_cell_up', cell='cell1'))
        self.assertEqual(
            2,
            self.value(
                'aggext_cell_answers_total', cell='cell1', outcome='answered'
            ),
        )

    def test_state(self) -> None:
        """What is held is looked at when it is asked for."""
        for expected, name, labels in (
            (1, 'aggext_pool_connections', ('api_database', 'used')),
            (2, 'aggext_pool_connections', ('api_database', 'idle')),
        ):
            pool, held = labels
            self.assertEqual(expected, self.value(name, pool=pool, state=held))
        limit = 'aggext_pool_limit'
        self.assertEqual(15, self.value(limit, pool='api_database'))
        self.assertIsNone(self.value(limit, pool='cell: one'))
        running = 'aggext_relay_running'
        self.assertEqual(1, self.value(running, lane='aggregate'))
        self.assertEqual(0, self.value(running, lane='host'))
        self.assertEqual(
            3, self.value('aggext_relay_streams', lane='aggregate')
        )
        self.assertEqual(
            0, self.value('aggext_channel_up', channel='placement')
        )
        self.assertEqual(
            1, self.value('aggext_channel_up', channel='scheduler')
        )
        self.assertEqual(1, self.value('aggext_processes'))
        self.assertGreater(self.value('aggext_resident_bytes') or 0, 2**20)
        self.assertEqual(
            1, self.value('aggext_build_info', version=version.release())
        )

    def test_threads(self) -> None:
        """Threads are counted by name, and none that is gone."""
        ended = threading.Event()
        thread = threading.Thread(target=ended.wait, name='aggext-test')
        thread.start()
        try:
            self.assertEqual(
                1, self.value('aggext_threads', name='aggext-test')
            )
        finally:
            ended.set()
            thread.join()
        self.assertEqual(0, self.value('aggext_threads', name='aggext-test'))
        self.assertGreater(self.value('aggext_threads', name='other') or 0, 0)
