# SPDX-License-Identifier: Apache-2.0
"""Clients that send a random mix of calls, and what must hold of it."""

import collections
import random
import threading
import time
from collections.abc import Callable
from collections.abc import Sequence
from concurrent import futures

from nova_aggext.db import database as db_database
from nova_aggext.tests import record
from nova_aggext.tests.functional import server
from nova_aggext.tests.race import calls
from nova_aggext.tests.race import linear
from nova_aggext.tests.race import model
from nova_aggext.tests.race import tables

# No answer at all.
NOTHING = 0

NAMES = ('n1', 'N1', 'n2', 'n3', 'n4', 'n5', 'n6', 'n7')
ZONES = ('z1', 'z2')
KEYS = ('k', 'K', 'm')
VALUES = ('1', '2', None)


class Mix:
    """A number of clients, each of which keeps to one server.

    :ivar events: what was sent and answered
    """

    def __init__(
        self,
        servers: Sequence[server.Server],
        clients: int = 16,
        names: Sequence[str] = NAMES,
    ) -> None:
        self.servers = servers
        self.clients = clients
        self.names = names
        self.events: list[linear.Event] = []
        self._ids: list[int] = []
        self._lock = threading.Lock()
        self._over = threading.Event()

    def run(self, during: Callable[[], None]) -> None:
        """Send calls as long as something else goes on."""
        with futures.ThreadPoolExecutor(self.clients) as pool:
            pending = [
                pool.submit(self._client, self.servers[n % len(self.servers)])
                for n in range(self.clients)
            ]
            try:
                during()
            finally:
                self._over.set()
        for one in pending:
            one.result()

    def _client(self, target: server.Server) -> None:
        caller = calls.Caller(target.port)
        while not self._over.is_set():
            call = self._choose()
            answer = caller.send(call)
            self._keep(linear.Event(call, answer))
            if answer.status in (NOTHING, 503):
                self._over.wait(0.1)
        caller.close()

    def _choose(self) -> calls.Call:
        with self._lock:
            ids = list(self._ids)
        few = len(ids) < len(self.names) / 2
        if not ids or random.random() < (0.3 if few else 0.05):
            return calls.create(
                random.choice(self.names), random.choice((None, *ZONES))
            )
        return _random_change(random.choice(ids), self.names)

    def _keep(self, event: linear.Event) -> None:
        call, answer = event.call, event.answer
        with self._lock:
            self.events.append(event)
            if answer.status != 200:
                return
            if call.verb == 'create':
                self._ids.append(answer.body['aggregate']['id'])
            elif call.verb == 'delete' and call.aggregate in self._ids:
                self._ids.remove(call.aggregate)


def _random_change(one: int, names: Sequence[str]) -> calls.Call:
    host = random.choice(server.HOSTS)
    zone = random.choice(ZONES)
    name = random.choice(names)
    keys = random.sample(KEYS, random.randint(1, 2))
    metadata = {key: random.choice(VALUES) for key in keys}
    choices = {
        calls.add(one, host): 5,
        calls.remove(one, host): 5,
        calls.set_metadata(one, **metadata): 4,
        calls.set_metadata(one, availability_zone=zone): 1,
        calls.move(one, zone): 2,
        calls.rename(one, name): 2,
        calls.update(one, name, zone): 1,
        calls.delete(one): 1,
        calls.show(one): 2,
        calls.list_all(): 1,
    }
    return random.choices(list(choices), list(choices.values()))[0]


class Reader:
    """Looks at the tables all the time, as each process sees them.

    :ivar found: rules that were broken, in words
    :ivar looks: how often it looked
    """

    def __init__(self, databases: Sequence[db_database.Database]) -> None:
        self.databases = databases
        self.found: list[str] = []
        self.looks = 0

    def during(self, work: Callable[[], None]) -> None:
        """Look while something else goes on."""
        over = threading.Event()
        with futures.ThreadPoolExecutor(1) as pool:
            looking = pool.submit(self._look, over)
            try:
                work()
            finally:
                over.set()
            looking.result()

    def _look(self, over: threading.Event) -> None:
        while not over.wait(0.01):
            database = self.databases[self.looks % len(self.databases)]
            self.found.extend(tables.broken(tables.read(database)))
            self.looks += 1


def wait(seconds: float) -> None:
    """Let others work."""
    time.sleep(seconds)


def now() -> float:
    """Give the time on the clock of ``calls.Answer``."""
    return time.monotonic()


def summary(events: Sequence[linear.Event]) -> str:
    """Count the answers by status."""
    counts = collections.Counter(event.answer.status for event in events)
    return f'{len(events)} calls, by status {dict(sorted(counts.items()))}'


def wrong(
    database: db_database.Database,
    events: Sequence[linear.Event],
    tolerated: Sequence[int] = (),
) -> list[str]:
    """Compare what was answered with the record and the tables.

    :param tolerated: statuses that leave open whether the change was made:
        503, or ``NOTHING``
    """
    rows = database.read(record.every)
    try:
        after = tables.replay(rows)
    except AssertionError as error:
        return [str(error)]
    found = [
        text
        for event in events
        if (text := _wrong(event, after, tolerated)) is not None
    ]
    final = tables.read(database)
    if after[''] != final:
        found.append(f'the record gives {after[""]}, the tables {final}')
    sent = {event.answer.key for event in events}
    unknown = set(after) - sent - {''}
    if unknown:
        found.append(f'nobody asked for the changes {unknown}')
    if len(after) - 1 != len(rows):
        found.append('a request made more than one change')
    return [*found, *tables.broken(final)]


def _wrong(
    event: linear.Event,
    after: dict[str, model.State],
    tolerated: Sequence[int],
) -> str | None:
    call, answer = event.call, event.answer
    if answer.status in tolerated:
        return _wrong_refusal(answer)
    if answer.status == NOTHING or answer.status >= 500:
        return f'{call} got {answer.status} {answer.body}'
    changed = answer.key in after
    if changed != (call.changes and answer.status == 200):
        return f'{call} got {answer.status}; in the record: {changed}'
    if changed and call.verb not in ('create', 'delete'):
        shown = model.shown(call, answer.body)
        if shown != after[answer.key]:
            return f'{call} showed {shown}, not {after[answer.key]}'
    return None


def _wrong_refusal(answer: calls.Answer) -> str | None:
    if answer.status == 503 and 'Retry-After' not in answer.headers:
        return f'503 without Retry-After: {answer}'
    return None
