# SPDX-License-Identifier: Apache-2.0
"""Statements on streams: in which messages of the outbox are told in order.

The row of a stream is there as long as messages wait in it. Who tells them
holds it: it has an owner then, and is due when the lease is over. Times are
those of the machines, which are taken to agree to a fraction of a lease.
"""

import dataclasses
import datetime
from collections.abc import Collection
from collections.abc import Iterable
from typing import Any

import sqlalchemy as sa

from nova_aggext.db import models
from nova_aggext.db import upserts

STREAMS = models.streams

_NAMES: sa.BindParameter[list[str]] = sa.bindparam('names', expanding=True)
_OWNERS: sa.BindParameter[list[str]] = sa.bindparam('owners', expanding=True)
_HELD = sa.and_(STREAMS.c.name.in_(_NAMES), STREAMS.c.owner.in_(_OWNERS))
_CLOSE = sa.delete(STREAMS).where(
    _HELD, STREAMS.c.appended == sa.bindparam('number')
)
_CHANGE = sa.update(STREAMS).where(_HELD)
_POSITIONS = sa.select(
    STREAMS.c.name, STREAMS.c.owner, STREAMS.c.appended, STREAMS.c.failures
).where(STREAMS.c.name.in_(_NAMES), STREAMS.c.owner.is_not(None))


@dataclasses.dataclass(frozen=True, slots=True)
class Claim:
    """Who takes streams that nobody else tells, and for how long.

    :ivar owner: another one for each transaction, so that a stream made anew
        is never taken for the old one
    :ivar family: what all owners of one process begin with
    :ivar seconds: the lease
    :ivar lanes: of the streams that are taken
    """

    owner: str
    family: str
    seconds: float
    lanes: frozenset[str]


@dataclasses.dataclass(frozen=True, slots=True)
class Hold:
    """That somebody holds a stream.

    :ivar owner: another one each time that a stream is taken
    """

    stream: str
    owner: str


@dataclasses.dataclass(frozen=True, slots=True)
class Position:
    """How far a stream that somebody holds has come.

    :ivar number: how often something was appended since it was made; 0 where
        that is not known
    :ivar failures: how often in a row it was put off
    """

    hold: Hold
    number: int
    failures: int = 0


@dataclasses.dataclass(frozen=True, slots=True)
class Counts:
    """How many streams of a lane are in which state.

    :ivar due: somebody should tell them
    :ivar held: somebody does
    :ivar put_off: they wait for their time
    """

    due: int
    held: int
    put_off: int


def now() -> datetime.datetime:
    """Give the time as the tables hold it: UTC, naive, microseconds."""
    return datetime.datetime.now(datetime.UTC).replace(tzinfo=None)


def lane_of(stream: str) -> str:
    """Give the lane of a stream."""
    return stream.partition(':')[0]


def lock(
    session: sa.Connection,
    names: Iterable[str],
    moment: datetime.datetime,
    claim: Claim | None = None,
) -> list[Position]:
    """Lock streams, making those that are not there, due at a moment.

    Those that are made are taken for the claim. Gives the positions of all
    that its family holds.
    """
    rows = [_row(name, moment, claim) for name in sorted(names)]
    if not rows:
        return []
    made = upserts.insert_or_count(session, STREAMS.c.appended, rows)
    claimed = [row['name'] for row in rows if row['owner'] is not None]
    if claim is None or not claimed:
        return []
    if made == len(rows):
        return [Position(Hold(name, claim.owner), 1) for name in claimed]
    return [
        one
        for one in positions(session, claimed)
        if one.hold.owner.startswith(claim.family)
    ]


def positions(
    session: sa.Connection, names: Collection[str]
) -> list[Position]:
    """Give how far those of the streams have come that somebody holds."""
    return [
        Position(Hold(name, owner), appended, failed)
        for name, owner, appended, failed in session.execute(
            _POSITIONS, {'names': list(names)}
        )
    ]


def ensure(session: sa.Connection, stream: str, seconds: float) -> None:
    """Make a stream that is never empty, due for the first time later."""
    present = sa.select(STREAMS.c.name).where(STREAMS.c.name == stream)
    if session.scalar(present) is None:
        lock(session, [stream], now() + datetime.timedelta(seconds=seconds))


def due(session: sa.Connection, lane: str, limit: int) -> list[str]:
    """Give streams of a lane that somebody should tell."""
    statement = (
        sa.select(STREAMS.c.name)
        .where(STREAMS.c.lane == lane, STREAMS.c.due_at <= now())
        .order_by(STREAMS.c.due_at)
        .limit(limit)
    )
    return list(session.scalars(statement))


def next_due(session: sa.Connection, lane: str) -> datetime.datetime | None:
    """Give when the next stream of a lane is due, if there is one."""
    statement = sa.select(sa.func.min(STREAMS.c.due_at)).where(
        STREAMS.c.lane == lane
    )
    due_at: datetime.datetime | None = session.scalar(statement)
    return due_at


def count(session: sa.Connection) -> dict[str, Counts]:
    """Count the streams of each lane that has any, by their states."""
    is_due = STREAMS.c.due_at <= now()
    is_free = STREAMS.c.owner.is_(None)
    statement = sa.select(
        STREAMS.c.lane,
        _number(is_due),
        _number(~is_due, ~is_free),
        _number(~is_due, is_free),
    ).group_by(STREAMS.c.lane)
    return {
        lane: Counts(int(due), int(held), int(put_off))
        for lane, due, held, put_off in session.execute(statement)
    }


def claim(session: sa.Connection, hold: Hold, seconds: float) -> bool:
    """Take a stream that is due, or one held already, for some time.

    False when another one holds it or it waits.
    """
    moment = now()
    statement = (
        sa.update(STREAMS)
        .where(
            STREAMS.c.name == hold.stream,
            sa.or_(STREAMS.c.due_at <= moment, STREAMS.c.owner == hold.owner),
        )
        .values(
            owner=hold.owner,
            due_at=moment + datetime.timedelta(seconds=seconds),
        )
    )
    return _matched(session, statement)


def renew(
    session: sa.Connection, holds: Collection[Hold], seconds: float
) -> bool:
    """Hold streams for some more time; False when none is held any more."""
    due_at = now() + datetime.timedelta(seconds=seconds)
    return _change(session, holds, due_at=due_at)


def close(
    session: sa.Connection, reached: Collection[Position]
) -> frozenset[Hold]:
    """Delete streams that have come no further than to these positions.

    Gives the holds on the others, but those that were lost.
    """
    holds: dict[int, list[Hold]] = {}
    for one in reached:
        holds.setdefault(one.number, []).append(one.hold)
    closed = 0
    for number, several in holds.items():
        held = {**_held(several), 'number': number}
        result: sa.CursorResult[Any] = session.execute(_CLOSE, held)
        closed += result.rowcount
    if closed == len(reached):
        return frozenset()
    asked = {one.hold for one in reached}
    found = positions(session, {one.stream for one in asked})
    return frozenset(one.hold for one in found) & asked


def release(
    session: sa.Connection, holds: Collection[Hold], seconds: float = 0
) -> bool:
    """Let go of streams, which are due again after some seconds.

    False when none of them is held any more.

    :param seconds: unless 0 they were put off, which is counted
    """
    return _change(
        session,
        holds,
        owner=None,
        due_at=now() + datetime.timedelta(seconds=seconds),
        failures=STREAMS.c.failures + 1 if seconds else 0,
    )


def all_failures(
    session: sa.Connection, names: Collection[str]
) -> dict[str, int]:
    """Give how often in a row each stream was put off."""
    statement = sa.select(STREAMS.c.name, STREAMS.c.failures).where(
        STREAMS.c.name.in_(names)
    )
    return {row.name: row.failures for row in session.execute(statement)}


def count_failure(session: sa.Connection, names: Collection[str]) -> None:
    """Count that streams nobody holds could not be told."""
    session.execute(
        sa.update(STREAMS)
        .where(STREAMS.c.name.in_(names), STREAMS.c.owner.is_(None))
        .values(failures=STREAMS.c.failures + 1)
    )


def touch(session: sa.Connection, stream: str) -> None:
    """Write a stream as it is.

    What is read after that in the transaction is read where it is written,
    whoever has questions answered elsewhere.
    """
    session.execute(
        sa.update(STREAMS)
        .where(STREAMS.c.name == stream)
        .values(failures=STREAMS.c.failures)
    )


def hasten(session: sa.Connection, names: Collection[str]) -> None:
    """Make streams due now that nobody holds, as if never put off."""
    lock(session, names, now())
    session.execute(
        sa.update(STREAMS)
        .where(STREAMS.c.name.in_(names), STREAMS.c.owner.is_(None))
        .values(due_at=now(), failures=0)
    )


def _row(
    name: str, moment: datetime.datetime, claim: Claim | None
) -> dict[str, Any]:
    owner = None
    if claim is not None and lane_of(name) in claim.lanes:
        owner = claim.owner
        moment += datetime.timedelta(seconds=claim.seconds)
    return {
        'name': name,
        'lane': lane_of(name),
        'due_at': moment,
        'owner': owner,
        'failures': 0,
        'appended': 1,
    }


def _held(holds: Iterable[Hold]) -> dict[str, Any]:
    """Give the values of ``_HELD``.

    An owner takes streams at one moment only, so that names and owners need
    not be compared pair by pair, for which MariaDB would use no index.
    """
    several = list(holds)
    return {
        'names': [one.stream for one in several],
        'owners': sorted({one.owner for one in several}),
    }


def _change(
    session: sa.Connection, holds: Collection[Hold], **values: Any
) -> bool:
    """Change streams that are held so; False when there are none."""
    if not holds:
        return False
    return _matched(session, _CHANGE.values(values), _held(holds))


def _matched(
    session: sa.Connection,
    statement: sa.Update,
    values: dict[str, Any] | None = None,
) -> bool:
    result: sa.CursorResult[Any] = session.execute(statement, values)
    return result.rowcount > 0


def _number(*conditions: sa.ColumnElement[bool]) -> sa.ColumnElement[int]:
    """Count the rows that meet all conditions."""
    return sa.func.sum(sa.case((sa.and_(*conditions), 1), else_=0))
