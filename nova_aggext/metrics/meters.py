# SPDX-License-Identifier: Apache-2.0
"""What one process did and holds, as Prometheus metrics."""

import os
from collections.abc import Mapping

import prometheus_client

from nova_aggext.metrics import state as metrics_state

# Of the environment: where processes of one server keep what they count.
MULTIPROCESS = 'PROMETHEUS_MULTIPROC_DIR'

# Seconds of a request.
_BOUNDS = (0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 10)


class Meters:
    """What a process did and holds.

    Where the environment names a folder, it is also kept in files there, from
    which every process shows what all of them did. Then a process has one
    object of this kind: two would overwrite what the other one counted.

    :ivar are_shared: whether other processes can show what this one counts
    """

    def __init__(self) -> None:
        self.are_shared = MULTIPROCESS in os.environ
        self.registry = made = prometheus_client.CollectorRegistry()
        self._requests = prometheus_client.Histogram(
            'aggext_request_seconds',
            'Time from a request to its answer.',
            ['operation', 'status'],
            buckets=_BOUNDS,
            registry=made,
        )
        self._answers: dict[tuple[str, int], prometheus_client.Histogram] = {}
        self._told = _counter(
            made, 'aggext_outbox_told', 'Messages delivered.', 'kind'
        )
        self._refused = _counter(
            made, 'aggext_outbox_refused', 'Attempts refused.', 'kind'
        )
        self._again = _counter(
            made,
            'aggext_transactions_again',
            'Transactions and questions that were tried again.',
            'reason',
        )
        self._cells = _counter(
            made,
            'aggext_cell_answers',
            'Questions to cell databases.',
            'cell',
            'outcome',
        )
        self._cell_up = prometheus_client.Gauge(
            'aggext_cell_up',
            'Whether a cell database answered when it was last asked.',
            ['cell'],
            registry=made,
            multiprocess_mode='livemostrecent',
        )
        self._gauges = _Gauges(made)

    def answered(self, operation: str, status: int, seconds: float) -> None:
        """Count a request that was answered."""
        key = operation, status
        if key not in self._answers:
            self._answers[key] = self._requests.labels(operation, str(status))
        self._answers[key].observe(seconds)

    def told(self, kind: str, number: int = 1) -> None:
        """Count messages that were told."""
        self._told.labels(kind).inc(number)

    def refused(self, kind: str) -> None:
        """Count an attempt that was refused."""
        self._refused.labels(kind).inc()

    def tried_again(self, reason: str) -> None:
        """Count a transaction that is tried again."""
        self._again.labels(reason).inc()

    def asked_cell(self, cell: str, outcome: str) -> None:
        """Count a question to a cell, when it is known what became of it.

        :param outcome: ``answered``, or what became of it else
        """
        self._cells.labels(cell, outcome).inc()
        self._cell_up.labels(cell).set(outcome == 'answered')

    def holds(self, state: metrics_state.State) -> None:
        """Learn what the process holds at present."""
        self._gauges.show(state)


class _Gauges:
    """What is seen only when somebody looks."""

    def __init__(self, made: prometheus_client.CollectorRegistry) -> None:
        self._processes = _gauge(
            made, 'aggext_processes', 'Processes that are counted together.'
        )
        self._resident = _gauge(
            made, 'aggext_resident_bytes', 'Memory that processes hold.'
        )
        self._threads = _gauge(made, 'aggext_threads', 'Threads.', 'name')
        self._connections = _gauge(
            made,
            'aggext_pool_connections',
            'Connections of pools.',
            'pool',
            'state',
        )
        self._most = _gauge(
            made,
            'aggext_pool_limit',
            'Connections that pools may have.',
            'pool',
        )
        self._running = _gauge(
            made,
            'aggext_relay_running',
            'Relays with a thread that delivers.',
            'lane',
        )
        self._held = _gauge(
            made, 'aggext_relay_streams', 'Streams held by relays.', 'lane'
        )
        self._up = prometheus_client.Gauge(
            'aggext_channel_up',
            'Whether whom a channel tells can be reached.',
            ['channel'],
            registry=made,
            multiprocess_mode='livemin',
        )

    def show(self, state: metrics_state.State) -> None:
        """Take over what is held."""
        self._processes.set(1)
        self._resident.set(metrics_state.resident_bytes())
        _replace(self._threads, metrics_state.threads())
        for pool in state.pools:
            self._connections.labels(pool.name, 'used').set(pool.used)
            self._connections.labels(pool.name, 'idle').set(pool.idle)
            if pool.most is not None:
                self._most.labels(pool.name).set(pool.most)
        for lane in state.lanes:
            self._running.labels(lane.name).set(lane.running)
            self._held.labels(lane.name).set(lane.held)
        for channel in state.channels:
            self._up.labels(channel).set(channel not in state.away)


def _counter(
    registry: prometheus_client.CollectorRegistry,
    name: str,
    text: str,
    *labels: str,
) -> prometheus_client.Counter:
    return prometheus_client.Counter(name, text, labels, registry=registry)


def _gauge(
    registry: prometheus_client.CollectorRegistry,
    name: str,
    text: str,
    *labels: str,
) -> prometheus_client.Gauge:
    """Make a gauge that is the sum over the processes that live."""
    return prometheus_client.Gauge(
        name, text, labels, registry=registry, multiprocess_mode='livesum'
    )


def _replace(
    gauge: prometheus_client.Gauge, values: Mapping[str, int]
) -> None:
    """Set the values of a gauge, and 0 for all others that it had."""
    for metric in gauge.collect():
        for sample in metric.samples:
            gauge.labels(**sample.labels).set(0)
    for name, value in values.items():
        gauge.labels(name).set(value)
