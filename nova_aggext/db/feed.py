# SPDX-License-Identifier: Apache-2.0
"""The record of changes as a feed: whole changes by their positions.

Promised is that who has seen a position never sees a smaller one appear
later, and that the changes of one aggregate have the order they were made in.

The sequence of a row cannot promise it: it is given at the insert, and
another transaction may commit first. On a Galera cluster each node gives
sequences of its own. So a position is given after the commit, by ``number``:

* It takes the lock row ``feed`` before it reads anything. So each of its
  transactions begins after the one before was committed, sees the head that
  one left, and gives greater positions than all before. That holds at READ
  COMMITTED, where each statement sees what is committed, and at REPEATABLE
  READ on MariaDB, where the snapshot is taken by the first read, after the
  lock. On a cluster both write the lock row, so of two that overlap on
  different nodes one fails, and is run again.
* A snapshot with a position has all that were given in the same transaction,
  and all that were given in those before, as each began after the commit of
  the one before; nodes of a cluster apply transactions in one order.
* A row that is committed after the numbering has read, or has not come to its
  node yet, gets a greater position by the next one.
* Rows of one aggregate are numbered by sequence. Who inserts one holds the
  aggregate's lock from before the insert until the commit. So of two such
  rows the first was committed, and applied on the node of the second, before
  the second got its sequence, which is greater; and who sees the second sees
  the first. A change of several aggregates takes all of its locks before its
  first row, so its rows lie all after, or all before, those of any other
  change that it shares an aggregate with: one position for all of them fits.

Nobody who writes a change waits for any of that: only rows that are committed
are touched, by their primary key.
"""

import datetime
import itertools
from collections.abc import Mapping
from collections.abc import Sequence
from typing import TypeAlias, TypeVar

import sqlalchemy as sa

from nova_aggext.db import batches
from nova_aggext.db import database as db_database
from nova_aggext.db import keyed
from nova_aggext.db import locks
from nova_aggext.db import marks
from nova_aggext.db import models

T = TypeVar('T')

CHANGES = models.changes
SETS = models.change_sets

# Rows that are numbered, or forgotten, in one transaction.
BATCH = 1000
# Batches that a reader numbers at most before it reads.
BATCHES = 5

_LOCK = 'feed'
_HEAD = 'head'
_OLDEST = 'oldest'

# Sequence, change id.
_Row: TypeAlias = tuple[int, str | None]

_DELETE = keyed.Deletion(CHANGES.c.sequence)
# Where it may choose, MariaDB reads all rows for many keys, and locks them and
# the end of the table, where others insert.
_NUMBER = sa.update(CHANGES).with_hint(
    'FORCE INDEX (PRIMARY)', dialect_name='mysql'
)


def read(database: db_database.Database, work: db_database.Work[T]) -> T:
    """Run ``work`` on a snapshot in which every change has a position.

    Where many have none yet, as after an upgrade, only some of them get one
    here: the others come later, with greater ones.

    :raises DatabaseUnavailable: when the database is away
    """

    def try_it(session: db_database.Session) -> tuple[T] | None:
        return None if is_behind(session) else (work(session),)

    for _ in range(BATCHES):
        found = database.read(try_it)
        if found is not None:
            return found[0]
        database.write(number)
    return database.read(work)


def is_behind(session: sa.Connection) -> bool:
    """Say whether there are rows without a position, by one statement."""
    return bool(_lacking(session, 1))


def number(session: sa.Connection) -> int:
    """Give positions to rows that have none, not too many at once.

    Takes the lock of the feed, so it is called before anything else in the
    transaction. Gives how many rows got one; 0 when none is left.
    """
    locks.take(session, first=_LOCK)
    lacking = _lacking(session, BATCH)
    if not lacking:
        return 0
    given = itertools.count(head(session) + 1)
    own: dict[str, int] = {}
    rows: dict[int, int] = {}
    for sequence, change_id in lacking:
        if change_id is None:
            rows[sequence] = next(given)
        elif change_id not in own:
            own[change_id] = next(given)
    # The batch may end within a change.
    for ids in batches.of(own, batches.VALUES):
        found = sa.select(CHANGES.c.sequence, CHANGES.c.change_id).where(
            CHANGES.c.change_id.in_(ids)
        )
        for sequence, change_id in session.execute(found):
            rows[sequence] = own[change_id]
    _store(session, rows)
    marks.write(session, _HEAD, next(given) - 1)
    return len(rows)


def head(session: sa.Connection) -> int:
    """Give the last position that was given; 0 where none was.

    Changes that this snapshot shows may still get later ones.
    """
    return marks.read(session, _HEAD)


def oldest(session: sa.Connection) -> int:
    """Give the position after which nothing was forgotten."""
    return marks.read(session, _OLDEST)


def forget(session: sa.Connection, moment: datetime.datetime) -> int:
    """Forget changes before a moment, not too many at once.

    A change is forgotten as a whole, with what was asked for, and the feed
    begins after it. Those without a position are kept, so that nobody who
    follows misses them unawares. Takes the lock of the feed, as ``number``
    does. Gives how many rows were deleted; 0 when none are left.
    """
    locks.take(session, first=_LOCK)
    old = (
        sa.select(CHANGES.c.position)
        .where(CHANGES.c.changed_at < moment, CHANGES.c.position.is_not(None))
        .order_by(CHANGES.c.sequence)
        .limit(BATCH)
    )
    positions = sorted(set(session.scalars(old)))
    _forget_sets(session, moment, positions)
    if not positions:
        return 0
    marks.write(session, _OLDEST, max(positions[-1], oldest(session)))
    # By their keys: to look for positions would lock where others insert.
    going = sa.select(CHANGES.c.sequence).where(
        CHANGES.c.position.in_(positions)
    )
    sequences = list(session.scalars(going))
    _DELETE.execute(session, [(one,) for one in sequences])
    return len(sequences)


def _lacking(session: sa.Connection, most: int) -> list[_Row]:
    """Read the first rows that have no position: sequence, change id."""
    found = (
        sa.select(CHANGES.c.sequence, CHANGES.c.change_id)
        .where(CHANGES.c.position.is_(None))
        .order_by(CHANGES.c.sequence)
        .limit(most)
    )
    return [(row.sequence, row.change_id) for row in session.execute(found)]


def _store(session: sa.Connection, positions: Mapping[int, int]) -> None:
    """Store positions by sequences."""
    sequence = CHANGES.c.sequence
    for batch in batches.of(positions.items(), batches.ROWS):
        given = dict(batch)
        leaps = {position - number for number, position in batch}
        position: sa.ColumnElement[int] = sa.case(given, value=sequence)
        if len(leaps) == 1:
            # To choose among so many takes long.
            position = sequence + leaps.pop()
        session.execute(
            _NUMBER.where(sequence.in_(given)).values(position=position)
        )


def _forget_sets(
    session: sa.Connection,
    moment: datetime.datetime,
    positions: Sequence[int],
) -> None:
    """Delete what was asked for, of changes that go or never had a row."""
    going = sa.select(CHANGES.c.change_id).where(
        CHANGES.c.position.in_(positions), CHANGES.c.change_id.is_not(None)
    )
    ids = set(session.scalars(going)) if positions else set()
    effect = sa.exists().where(CHANGES.c.change_id == SETS.c.id)
    without = (
        sa.select(SETS.c.id)
        .where(SETS.c.changed_at < moment, ~effect)
        .limit(BATCH)
    )
    ids.update(session.scalars(without))
    for some in batches.of(sorted(ids), batches.VALUES):
        session.execute(sa.delete(SETS).where(SETS.c.id.in_(some)))
