# SPDX-License-Identifier: Apache-2.0
"""Writers that commit in odd orders, and followers of the feed."""

import contextlib
import dataclasses
import functools
import datetime
import random
import threading
import time
import uuid
from collections.abc import Callable
from collections.abc import Iterable
from collections.abc import Iterator
from collections.abc import Mapping
from collections.abc import Sequence
from typing import Any

import sqlalchemy as sa

from nova_aggext.compute import feed as compute_feed
from nova_aggext.db import changes
from nova_aggext.db import database as db_database
from nova_aggext.db import entries
from nova_aggext.db import feed
from nova_aggext.db import locks
from nova_aggext.db import models
from nova_aggext.db import reading
from nova_aggext.db import records
from nova_aggext.db import writing
from nova_aggext.tests.unit import stubs

Database = db_database.Database
# Of each aggregate its hosts, and what is said of it.
Content = tuple[frozenset[str], tuple[tuple[str, Any], ...]]
State = dict[int, Content]

AGGREGATES = tuple(range(1, 7))
HOSTS = ('h1', 'h2', 'h3', 'h4')
# Seconds after which a follower has to have come to the end.
PATIENCE = 60
MOMENT = datetime.datetime(2026, 1, 1)


def prepare(database: Database) -> None:
    """Make the aggregates, which nobody has recorded."""
    rows = [(str(uuid.uuid4()), f'a{one}') for one in AGGREGATES]
    database.write(lambda s: _insert(s, rows))


def _insert(session: sa.Connection, rows: list[tuple[str, str]]) -> None:
    session.execute(
        sa.insert(models.aggregates),
        [
            {'id': number, 'uuid': one, 'name': name}
            for number, (one, name) in zip(AGGREGATES, rows, strict=True)
        ],
    )


def tables(database: Database) -> State:
    """Read which hosts are where, and what is said of each aggregate."""
    return database.read(_read)


def _read(session: sa.Connection) -> State:
    found = reading.some(session, AGGREGATES, annotated=True)
    return {one.id: _content(one.hosts, _said(one)) for one in found}


def _said(one: records.Aggregate) -> dict[str, Any]:
    return {name: getattr(one, name) for name in records.ANNOTATIONS}


def _content(hosts: Iterable[str], said: Mapping[str, Any]) -> Content:
    return frozenset(hosts), tuple(sorted(said.items()))


def change(
    database: Database,
    ids: Sequence[int],
    host: str,
    before_commit: Callable[[], None],
    said: str | None = None,
) -> None:
    """Put a host into aggregates where it is not, and out of where it is.

    :param said: what describes each of them afterwards
    """
    change_id = str(uuid.uuid4()) if len(ids) > 1 else None

    def work(session: sa.Connection) -> None:
        locks.take(session, aggregates=ids)
        made: list[changes.Made] = []
        for one in reading.some(session, ids, annotated=True):
            left = tuple(name for name in one.hosts if name != host)
            if left == one.hosts:
                writing.insert_hosts(session, [(one.id, host)], MOMENT)
                left = (*one.hosts, host)
            else:
                writing.delete_hosts(session, [(one.id, host)])
            after = dataclasses.replace(one, hosts=left, description=said)
            if said is not None:
                writing.write_annotations(session, [after])
            elif one.is_annotated:
                writing.delete_annotations(session, [one.id])
            made.append((one, after, host))
        who = stubs.caller(user_id='me')
        changes.append(session, who, 'test', made, change_id)
        before_commit()

    database.write(work)


class Writer(threading.Thread):
    """Makes random changes; some are committed long after they were made."""

    def __init__(self, database: Database, seed: int, count: int) -> None:
        super().__init__()
        self._database = database
        self._random = random.Random(seed)
        self._count = count

    def run(self) -> None:
        """Make them."""
        for _ in range(self._count):
            size = self._random.choice((1, 1, 2, 3))
            ids = sorted(self._random.sample(AGGREGATES, size))
            pause = self._random.choice((0, 0, 0.005, 0.05))
            host = self._random.choice(HOSTS)
            wait = functools.partial(time.sleep, pause)
            said = self._random.choice((None, 'd', '\U0001f3e2'))
            change(self._database, ids, host, wait, said)


class Follower(threading.Thread):
    """Keeps a copy of the tables by the feed.

    :ivar seen: the ids of the changes, in the order in which they were told
    :ivar state: the copy
    :ivar lists: how often it had to list what there is
    :ivar wrong: what must not be
    """

    def __init__(self, database: Database, seed: int) -> None:
        super().__init__()
        self._database = database
        self._random = random.Random(seed)
        self._feed = compute_feed.Feed(database)
        self.listed = threading.Event()
        self.ended = threading.Event()
        self.seen: list[str] = []
        self.state: State = {}
        self.lists = 0
        self.wrong: list[str] = []

    def run(self) -> None:
        """Follow until nothing comes after the writers have ended."""
        position = self._list()
        self.listed.set()
        deadline = time.monotonic() + PATIENCE
        while time.monotonic() < deadline:
            is_over = self.ended.is_set()
            limit = self._random.randint(1, 5)
            part = self._feed.after(position, limit, entries.Filters())
            if not part.reaches(position):
                position = self._list()
                continue
            for told in part.changes:
                self._take(position, told)
            if part.position < position:
                self.wrong.append(f'{part.position} came after {position}')
            position = part.position
            if is_over and not part.changes:
                return
        self.wrong.append('the feed has no end')

    def _list(self) -> int:
        self.lists += 1
        position, self.state = self._database.read(
            lambda s: (feed.head(s), _read(s))
        )
        return position

    def _take(self, position: int, told: compute_feed.Told) -> None:
        found = told.entry.position
        if found is None or found <= position:
            self.wrong.append(f'{found} came after {position}')
        if told.entry.id in self.seen:
            self.wrong.append(f'{told.entry.id} came twice')
        self.seen.append(told.entry.id)
        for effect in told.effects:
            number = effect['aggregate']['id']
            hosts = effect.get('hosts', {})
            before, said = self.state[number]
            changed = {
                name: effect[name]
                for name in records.ANNOTATIONS
                if name in effect
            }
            self.state[number] = _content(
                before.union(hosts.get('add', ())).difference(
                    hosts.get('remove', ())
                ),
                {**dict(said), **changed},
            )


@contextlib.contextmanager
def retention(database: Database, age: float) -> Iterator[list[int]]:
    """Forget what is older than some seconds meanwhile; give how much."""
    ended = threading.Event()
    counts: list[int] = []

    def forget(session: sa.Connection) -> int:
        now = datetime.datetime.now(datetime.UTC).replace(tzinfo=None)
        past = datetime.timedelta(seconds=age)
        return feed.forget(session, now - past)

    def run() -> None:
        while not ended.wait(0.02):
            counts.append(database.write(forget))

    thread = threading.Thread(target=run)
    thread.start()
    try:
        yield counts
    finally:
        ended.set()
        thread.join()


def run(writers: Sequence[Writer], followers: Sequence[Follower]) -> None:
    """Let writers write and followers follow, to the end."""
    for follower in followers:
        follower.start()
    # What is there when they list is not told once more.
    for follower in followers:
        follower.listed.wait(PATIENCE)
    for writer in writers:
        writer.start()
    for writer in writers:
        writer.join()
    for follower in followers:
        follower.ended.set()
    for follower in followers:
        follower.join()
