# SPDX-License-Identifier: Apache-2.0
"""What can be seen of the outbox: Prometheus metrics."""

import contextlib
from collections.abc import Iterator
from collections.abc import Mapping

import prometheus_client
from prometheus_client import core
from prometheus_client import multiprocess
from prometheus_client import registry

from nova_aggext import exception
from nova_aggext.db import database as db_database
from nova_aggext.db import looks
from nova_aggext.db import outbox
from nova_aggext.db import streams


# Of the environment: where processes of one server keep what they count.
_MULTIPROCESS = 'PROMETHEUS_MULTIPROC_DIR'


class Counters:
    """What relays did."""

    def __init__(self) -> None:
        self.registry = prometheus_client.CollectorRegistry()
        self._told = prometheus_client.Counter(
            'aggext_outbox_told',
            'Messages delivered by this process.',
            ['kind'],
            registry=self.registry,
        )
        self._refused = prometheus_client.Counter(
            'aggext_outbox_refused',
            'Attempts of this process that were refused.',
            ['kind'],
            registry=self.registry,
        )

    def told(self, kind: str, number: int = 1) -> None:
        """Count messages that were told."""
        self._told.labels(kind).inc(number)

    def refused(self, kind: str) -> None:
        """Count an attempt that was refused."""
        self._refused.labels(kind).inc()


# What the relays of this process did, whatever application they belong to:
# Prometheus knows processes. With PROMETHEUS_MULTIPROC_DIR it is also kept in
# files, from which every process can show what all of them did.
OF_PROCESS = Counters()


def shown(
    database: db_database.Database, environ: Mapping[str, str]
) -> prometheus_client.CollectorRegistry:
    """Give what a server shows: what waits, and what its processes did."""
    made = prometheus_client.CollectorRegistry()
    made.register(Waiting(database))
    if _MULTIPROCESS in environ:
        multiprocess.MultiProcessCollector(made)  # type: ignore[no-untyped-call]
    else:
        made.register(OF_PROCESS.registry)
    return made


class Waiting(registry.Collector):
    """What waits, whoever is to tell it; read when it is asked for.

    A database that does not tell it within ``looks.SECONDS`` takes nothing
    from the other metrics of a scrape: the gauges are left out.
    """

    def __init__(self, database: db_database.Database) -> None:
        self._look = looks.Look(database, outbox.waiting)

    def collect(self) -> Iterator[core.Metric]:
        """Give the gauges."""
        found: outbox.Waiting | None = None
        with contextlib.suppress(exception.ServiceUnavailable):
            found = self._look.take()
        yield core.GaugeMetricFamily(
            'aggext_database_up',
            'Whether the database told what waits.',
            found is not None,
        )
        if found is not None:
            yield from _gauges(found)


def _gauges(found: outbox.Waiting) -> Iterator[core.Metric]:
    age = 0.0
    if found.oldest is not None:
        age = max(0.0, (streams.now() - found.oldest).total_seconds())
    yield core.GaugeMetricFamily(
        'aggext_outbox_messages',
        'Messages that wait to be delivered.',
        found.messages,
    )
    yield core.GaugeMetricFamily(
        'aggext_outbox_parked_messages',
        'Messages that were refused too often.',
        found.parked,
    )
    yield core.GaugeMetricFamily(
        'aggext_outbox_oldest_seconds',
        'Age of the oldest message that waits.',
        age,
    )
