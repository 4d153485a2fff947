# SPDX-License-Identifier: Apache-2.0
"""What the database holds, whoever is asked for it: Prometheus metrics."""

import contextlib
import dataclasses
import datetime
from collections.abc import Iterator
from collections.abc import Mapping
from collections.abc import Sequence

from prometheus_client import core
from prometheus_client import registry

from nova_aggext import exception
from nova_aggext.db import claims
from nova_aggext.db import database as db_database
from nova_aggext.db import feed
from nova_aggext.db import looks
from nova_aggext.db import managers
from nova_aggext.db import outbox
from nova_aggext.db import streams


class Stored(registry.Collector):
    """What the database holds, read when somebody asks for it.

    A database that does not tell it within ``looks.SECONDS`` takes nothing
    from the other metrics of a scrape: the gauges are left out.
    """

    def __init__(self, database: db_database.Database) -> None:
        self._look = looks.Look(database, _read)

    def collect(self) -> Iterator[core.Metric]:
        """Give the gauges."""
        found: _Found | None = None
        with contextlib.suppress(exception.ServiceUnavailable):
            found = self._look.take()
        yield core.GaugeMetricFamily(
            'aggext_database_up',
            'Whether the database told what it holds.',
            found is not None,
        )
        if found is not None:
            yield from _of_outbox(found.waiting)
            yield _of_streams(found.lanes)
            yield from _of_feed(found)
            yield from _of_managers(found)


@dataclasses.dataclass(frozen=True, slots=True)
class _Found:
    """What the database holds."""

    waiting: outbox.Waiting
    lanes: Mapping[str, streams.Counts]
    newest: int
    oldest: int
    managers: Sequence[managers.Manager]
    claims: Mapping[str, int]


def _read(session: db_database.Session) -> _Found:
    return _Found(
        outbox.waiting(session),
        streams.count(session),
        feed.head(session),
        feed.oldest(session),
        managers.every(session),
        claims.count(session),
    )


def _of_outbox(found: outbox.Waiting) -> Iterator[core.Metric]:
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


def _of_streams(lanes: Mapping[str, streams.Counts]) -> core.Metric:
    made = core.GaugeMetricFamily(
        'aggext_outbox_streams',
        'Streams of the outbox.',
        labels=['lane', 'state'],
    )
    for lane, counts in lanes.items():
        made.add_metric([lane, 'due'], counts.due)
        made.add_metric([lane, 'held'], counts.held)
        made.add_metric([lane, 'put_off'], counts.put_off)
    return made


def _of_feed(found: _Found) -> Iterator[core.Metric]:
    yield core.GaugeMetricFamily(
        'aggext_feed_newest_position',
        'Position of the newest change that has one.',
        found.newest,
    )
    yield core.GaugeMetricFamily(
        'aggext_feed_oldest_position',
        'Position up to which changes are forgotten.',
        found.oldest,
    )


def _of_managers(found: _Found) -> Iterator[core.Metric]:
    applied = core.GaugeMetricFamily(
        'aggext_manager_applied_timestamp_seconds',
        'When a manager applied a document last.',
        labels=['manager'],
    )
    claimed = core.GaugeMetricFamily(
        'aggext_manager_aggregates',
        'Aggregates of which a manager claims something.',
        labels=['manager'],
    )
    for one in found.managers:
        if one.applied_at is not None:
            moment = one.applied_at.replace(tzinfo=datetime.UTC)
            applied.add_metric([one.name], moment.timestamp())
        claimed.add_metric([one.name], found.claims.get(one.name, 0))
    yield applied
    yield claimed
