# SPDX-License-Identifier: Apache-2.0
"""The tests of databases that are away, or that let wait too long."""

import contextlib
import threading
from collections.abc import Callable
from collections.abc import Iterator
from concurrent import futures
from typing import ClassVar

import sqlalchemy as sa

from nova_aggext.db import database as db_database
from nova_aggext.db import locks
from nova_aggext.tests.functional import server
from nova_aggext.tests.functional.db import proxy
from nova_aggext.tests.race import calls
from nova_aggext.tests.race import contract
from nova_aggext.tests.race import tables
from nova_aggext.tests.race import workload

# Seconds that the database is away.
AWAY = 2
# Seconds within which a request must be answered, whatever happens.
BOUND = 15
# Seconds after which a database that is back must be in use again.
RECOVERY = 2


class LockWaitTest(contract.RaceTest):
    """Races, and a lock that is not given back.

    :cvar impatience: what to add to the URL so that a session waits for a
        lock for one second
    """

    impatience: ClassVar[dict[str, str]] = {}

    def test_lock_wait(self) -> None:
        """Who waits too long for a lock is told to come again."""
        (one,) = tables.prepare(self.database, tables.Prepared('a'))
        url = sa.make_url(self.cloud.urls[0])
        impatient = url.update_query_dict(self.impatience)
        conf_file = self.cloud.write_conf(
            impatient.render_as_string(hide_password=False)
        )
        target = self.useFixture(server.Server(conf_file=conf_file))
        caller = calls.Caller(target.port)
        call = calls.set_metadata(one.id, k='1')
        with _held(self.database, one.id):
            refused = caller.send(call)
        self.assertEqual(503, refused.status, refused.body)
        self.assertIn('Retry-After', refused.headers)
        self.assertTrue(refused.received - refused.sent < BOUND)
        self.assertEqual((one,), tables.read(self.database))
        self.assertEqual(200, caller.send(call).status)
        caller.close()


class OutageTest(LockWaitTest):
    """Races, and a database that cannot be reached for a while."""

    def test_outage(self) -> None:
        """Requests get 503 then; what was answered is there afterwards."""
        way = self.useFixture(proxy.Proxy(self.kind))
        name = sa.make_url(self.cloud.urls[0]).database
        url = sa.make_url(way.url).set(database=name)
        text = url.render_as_string(hide_password=False)
        confs = [self.cloud.write_conf(text) for _ in range(2)]
        servers = [
            self.useFixture(server.Server(conf_file=conf)) for conf in confs
        ]
        mix = workload.Mix(servers, clients=8)
        moments: list[float] = []
        mix.run(lambda: interrupt(way.cut, way.open, moments))
        self.check_outage(mix, self.database, *moments)

    def check_outage(
        self,
        mix: workload.Mix,
        database: db_database.Database,
        gone: float,
        back: float,
    ) -> None:
        """Check what was answered before, during, and after an outage."""
        refused = [e.answer for e in mix.events if e.answer.status == 503]
        longest = max(e.answer.received - e.answer.sent for e in mix.events)
        self.report(mix, f'{longest:.1f} s at most')
        found = workload.wrong(database, mix.events, [503])
        self.assertEqual([], found)
        self.assertNotEqual([], refused)
        self.assertTrue(longest < BOUND)
        late = back + RECOVERY
        early = [a for a in refused if not gone < a.received < late]
        self.assertEqual([], early)


def interrupt(
    stop: Callable[[], None], start: Callable[[], None], moments: list[float]
) -> None:
    """Take something away for a while; note from when to when."""
    workload.wait(1)
    moments.append(workload.now())
    stop()
    workload.wait(AWAY)
    start()
    moments.append(workload.now())
    workload.wait(RECOVERY + 1)


@contextlib.contextmanager
def _held(database: db_database.Database, aggregate_id: int) -> Iterator[None]:
    """Hold the lock on an aggregate."""
    taken, over = threading.Event(), threading.Event()

    def hold(session: db_database.Session) -> None:
        locks.take(session, aggregates=[aggregate_id])
        taken.set()
        over.wait(calls.PATIENCE)

    with futures.ThreadPoolExecutor(1) as pool:
        holding = pool.submit(database.write, hold)
        taken.wait(calls.PATIENCE)
        try:
            yield
        finally:
            over.set()
        holding.result()
