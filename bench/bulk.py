# SPDX-License-Identifier: Apache-2.0
"""One change of many memberships: what it takes, stores and lets be told.

No HTTP: the change is handed to the core, in this process, on MariaDB. What
would go to the message bus is counted, and goes nowhere.
"""

from collections.abc import Callable
from collections.abc import Iterator
import contextlib
import dataclasses
import statistics
import time
import tracemalloc
from typing import Any
import uuid

import sqlalchemy as sa

from bench import machine
from nova_aggext.metrics import meters as metrics_meters
from nova_aggext import conf as aggext_conf
from nova_aggext import context
from nova_aggext.compute import requests
from nova_aggext.compute import runner
from nova_aggext.db import models
from nova_aggext.db import queries
from nova_aggext.hosts import registered
from nova_aggext.notifications import channel as notifications
from nova_aggext.outbox import channels
from nova_aggext.outbox import relay
from nova_aggext.outbox import stored
from nova_aggext.outbox import types
from nova_aggext.placement import channel as placement
from nova_aggext.scheduler import channel as scheduler
from nova_aggext.tests.functional import databases

AGGREGATES = 10
HOSTS = 100
ROUNDS = 5

_OPTIONS = """
[DEFAULT]
transport_url = fake://
[notifications]
notification_format = both
[oslo_messaging_notifications]
driver = messagingv2
[placement]
auth_type = none
endpoint_override = http://127.0.0.1:9
"""
_SETTINGS = relay.Settings(
    lease=60, poll_interval=5, max_backoff=1, max_attempts=3
)
_TOLD = (models.outbox, models.streams)

Items = list[requests.Item]


@dataclasses.dataclass(frozen=True)
class Cost:
    """What one change took.

    :ivar stored: the bytes of its messages
    :ivar telling: seconds until the relay has sent and settled them
    :ivar sent: how many notifications and casts came of them
    :ivar peak: the most bytes of Python that telling held at a time; 0 where
        that was not measured, as it takes time
    """

    seconds: float
    statements: int
    messages: int
    stored: int
    telling: float
    sent: int
    peak: int


class Bus:
    """Takes what is sent, and counts it."""

    def __init__(self) -> None:
        self.sent = 0
        self.transport = self
        kinds = (notifications.LEGACY, notifications.VERSIONED)
        self.others: dict[str, tuple[Any, ...]] = dict.fromkeys(kinds, ())

    @contextlib.contextmanager
    def sending(self) -> Iterator['Bus']:
        """Lend itself."""
        yield self

    def _send_notification(self, *_told: Any, **_how: Any) -> None:
        self.sent += 1

    def cast(self, *_told: Any, **_how: Any) -> None:
        """Take a cast."""
        self.sent += 1

    def close(self) -> None:
        """Do nothing."""


class Bench:
    """The core on a database, with all that is told."""

    def __init__(self, made: databases.Database) -> None:
        """Fill the database with aggregates of zones of their own."""
        with open(made.conf_file, 'a') as conf_file:
            conf_file.write(_OPTIONS)
        self.database = made.database
        hosts = registered.RegisteredHosts(made.conf, made.database)
        services = channels.Services(
            aggext_conf.load([made.conf_file]), made.database, hosts
        )
        self.bus = Bus()
        told = notifications.Notifications(services)
        casts = scheduler.SchedulerCasts(services)
        for channel in (told, casts):
            channel._bus.close()
            channel._bus = self.bus  # type: ignore[assignment]
        several: list[types.Channel] = [told, casts]
        mirror = placement.PlacementMirror(services)
        outbox = stored.StoredOutbox(made.database, [*several, mirror], [], 0)
        self.relay = relay.Relay(
            types.AGGREGATES,
            made.database,
            several,
            _SETTINGS,
            metrics_meters.Meters(),
        )
        self.runner = runner.Runner(made.database, hosts, outbox)
        self.statements = 0
        sa.event.listen(sa.Engine, 'before_cursor_execute', self._count)
        self.database.write(_fill)

    def close(self) -> None:
        """Give back what it holds."""
        sa.event.remove(sa.Engine, 'before_cursor_execute', self._count)
        self.relay.stop()

    def measure(self, items: Items, *, memory: bool = False) -> Cost:
        """Make a change, and tell it."""
        self.database.write(_forget)
        self.statements = self.bus.sent = 0
        seconds = _timed(lambda: self._run(items))
        statements = self.statements
        messages, size = self.database.read(_stored)
        if memory:
            tracemalloc.start()
        telling = _timed(self._tell)
        peak = tracemalloc.get_traced_memory()[1] if memory else 0
        tracemalloc.stop()
        return Cost(
            seconds, statements, messages, size, telling, self.bus.sent, peak
        )

    def _run(self, items: Items) -> None:
        request = requests.Request(
            context.RequestContext(policy=context.Unrestricted),
            tuple(items),
            'change_aggregates',
            judging=requests.Judging.ALTERED,
            strict=False,
        )
        self.runner.run(request, runner.NovaCase(request))

    def _tell(self) -> None:
        while self.relay.run_once():
            pass

    def _count(self, *_arguments: Any) -> None:
        self.statements += 1


def run() -> None:
    """Measure and print; hosts are added, and then taken out again."""
    print(machine.describe())
    with databases.Database('mysql') as made:
        bench = Bench(made)
        try:
            for name, items in (('add', _adding()), ('remove', _removing())):
                print(f'{name:8} {_of_rounds(bench, name, items)}')
        finally:
            bench.close()


def _of_rounds(bench: Bench, name: str, items: Items) -> str:
    """Measure a change several times, and undo it each time."""
    back = _removing() if name == 'add' else _adding()
    if name == 'remove':
        bench.measure(back)
    costs = []
    for number in range(ROUNDS + 1):
        costs.append(bench.measure(items, memory=number == ROUNDS))
        bench.measure(back)
    last = costs.pop()
    seconds = statistics.median(one.seconds for one in costs)
    telling = statistics.median(one.telling for one in costs)
    return (
        f'change of {AGGREGATES * HOSTS:,} memberships: {seconds:.3f} s, '
        f'{last.statements} statements, {last.messages:,} messages of '
        f'{last.stored / 1024:.0f} KiB; {last.sent:,} sent in '
        f'{telling:.2f} s, {last.peak / 2**20:.1f} MiB at most'
    )


def _timed(work: Callable[[], None]) -> float:
    started = time.perf_counter()
    work()
    return time.perf_counter() - started


def _members() -> Iterator[tuple[int, tuple[str, ...]]]:
    for one in range(1, AGGREGATES + 1):
        yield one, tuple(f'host-{one}-{number}' for number in range(HOSTS))


def _adding() -> Items:
    return [requests.Item(one, add=hosts) for one, hosts in _members()]


def _removing() -> Items:
    return [requests.Item(one, remove=hosts) for one, hosts in _members()]


def _fill(session: sa.Connection) -> None:
    moment = queries.now()
    for one, hosts in _members():
        key = str(uuid.uuid4())
        row = {'id': one, 'uuid': key, 'name': f'aggregate-{one}'}
        session.execute(sa.insert(models.aggregates).values(row))
        zone = {'key': 'availability_zone', 'value': f'zone-{one}'}
        session.execute(
            sa.insert(models.aggregate_metadata).values(
                {'aggregate_id': one, **zone}
            )
        )
        session.execute(
            sa.insert(models.hosts),
            [
                {'name': host, 'instances': 0, 'created_at': moment}
                for host in hosts
            ],
        )


def _forget(session: sa.Connection) -> None:
    for table in _TOLD:
        session.execute(sa.delete(table))


def _stored(session: sa.Connection) -> tuple[int, int]:
    """Give the number of messages, and their bytes."""
    body = sa.func.octet_length(models.outbox.c.body)
    counted = sa.select(sa.func.count(), sa.func.sum(body))
    number, size = session.execute(counted).one()
    return int(number), int(size)
