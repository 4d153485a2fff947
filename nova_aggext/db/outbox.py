# SPDX-License-Identifier: Apache-2.0
"""Statements of the outbox: rows, and the streams they are told in.

The row of a stream is written before its rows are appended, and before they
are deleted: so the rows of one stream are committed in the order of their
ids, and its row is there as long as rows wait. Times are those of the
machines, which are taken to agree to a fraction of a lease.
"""

import dataclasses
import datetime
import json
from collections.abc import Iterable
from collections.abc import Mapping
from collections.abc import Sequence
from typing import Any

import sqlalchemy as sa

from nova_aggext.db import models
from nova_aggext.db import upserts

OUTBOX = models.outbox
STREAMS = models.streams

# Characters of an error that are kept.
_MAX_ERROR = 500


@dataclasses.dataclass(frozen=True, slots=True)
class Draft:
    """A message to be told.

    :ivar stream: in which messages are told one after the other, as
        ``lane:name``; lanes do not delay each other
    :ivar kind: who tells it
    :ivar body: what to tell, as JSON can hold it
    """

    stream: str
    kind: str
    message_id: str
    body: Mapping[str, Any]


@dataclasses.dataclass(frozen=True, slots=True)
class Message:
    """A message that waits.

    :ivar attempts: how often it was refused
    :ivar parked: it was refused too often, and is not tried any more
    """

    id: int
    stream: str
    kind: str
    message_id: str
    created_at: datetime.datetime
    attempts: int
    parked: bool
    error: str | None
    body: Mapping[str, Any]


@dataclasses.dataclass(frozen=True, slots=True)
class Waiting:
    """How much waits.

    :ivar oldest: when the oldest message that is not parked was stored
    """

    messages: int
    parked: int
    oldest: datetime.datetime | None


def now() -> datetime.datetime:
    """Give the time as the tables hold it: UTC, naive, microseconds."""
    return datetime.datetime.now(datetime.UTC).replace(tzinfo=None)


def append(session: sa.Connection, drafts: Sequence[Draft]) -> None:
    """Store messages in the transaction of what they tell of."""
    moment = now()
    _lock_streams(session, {draft.stream for draft in drafts}, moment)
    rows = [_row(draft, moment) for draft in drafts]
    session.execute(sa.insert(OUTBOX), rows)


def ensure_stream(session: sa.Connection, stream: str, seconds: float) -> None:
    """Make a stream that is never empty, due for the first time later."""
    present = sa.select(STREAMS.c.name).where(STREAMS.c.name == stream)
    if session.scalar(present) is None:
        due_at = now() + datetime.timedelta(seconds=seconds)
        _lock_streams(session, [stream], due_at)


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


def lacking(
    session: sa.Connection, drafts: Iterable[Draft], before: datetime.datetime
) -> list[Draft]:
    """Give drafts, but those of a stream and kind that wait for long.

    :param before: what was stored before waits for long
    """
    return [
        draft
        for draft in drafts
        if session.scalar(
            sa.select(OUTBOX.c.id)
            .where(
                OUTBOX.c.stream == draft.stream,
                OUTBOX.c.parked.is_(sa.false()),
                OUTBOX.c.kind == draft.kind,
                OUTBOX.c.created_at < before,
            )
            .limit(1)
        )
        is None
    ]


def claim(
    session: sa.Connection, stream: str, owner: str, seconds: float
) -> bool:
    """Take a stream that is due, or one held already, for some time.

    False when another one holds it or it waits.
    """
    moment = now()
    statement = (
        sa.update(STREAMS)
        .where(
            STREAMS.c.name == stream,
            sa.or_(STREAMS.c.due_at <= moment, STREAMS.c.owner == owner),
        )
        .values(
            owner=owner, due_at=moment + datetime.timedelta(seconds=seconds)
        )
    )
    return _matched(session, statement)


def renew(
    session: sa.Connection, stream: str, owner: str, seconds: float
) -> bool:
    """Hold a stream for some more time.

    False when it is not ours any more.
    """
    due_at = now() + datetime.timedelta(seconds=seconds)
    statement = (
        sa.update(STREAMS)
        .where(STREAMS.c.name == stream, STREAMS.c.owner == owner)
        .values(due_at=due_at)
    )
    return _matched(session, statement)


def read(session: sa.Connection, stream: str, limit: int) -> list[Message]:
    """Give the next messages of a stream."""
    statement = (
        sa.select(OUTBOX)
        .where(OUTBOX.c.stream == stream, OUTBOX.c.parked.is_(sa.false()))
        .order_by(OUTBOX.c.id)
        .limit(limit)
    )
    return [_message(row) for row in session.execute(statement)]


def settle(
    session: sa.Connection, stream: str, owner: str, told: Iterable[int]
) -> bool:
    """Delete what was told and let go of the stream.

    False when the stream is not ours any more; nothing is changed then.
    """
    if not _release(session, stream, owner, failures=0, due_at=now()):
        return False
    session.execute(sa.delete(OUTBOX).where(OUTBOX.c.id.in_(list(told))))
    if not read(session, stream, 1):
        session.execute(sa.delete(STREAMS).where(STREAMS.c.name == stream))
    return True


def put_off(
    session: sa.Connection,
    stream: str,
    owner: str,
    told: Iterable[int],
    seconds: float,
) -> bool:
    """Delete what was told and let the rest of the stream wait.

    False when the stream is not ours any more; nothing is changed then.
    """
    due_at = now() + datetime.timedelta(seconds=seconds)
    following = STREAMS.c.failures + 1
    if not _release(session, stream, owner, failures=following, due_at=due_at):
        return False
    session.execute(sa.delete(OUTBOX).where(OUTBOX.c.id.in_(list(told))))
    return True


def failures(session: sa.Connection, stream: str) -> int:
    """Give how often in a row a stream was put off."""
    statement = sa.select(STREAMS.c.failures).where(STREAMS.c.name == stream)
    return session.scalar(statement) or 0


def refuse(
    session: sa.Connection, message: Message, error: str, limit: int
) -> None:
    """Count that a message was refused; park it when that is too often."""
    attempts = message.attempts + 1
    session.execute(
        sa.update(OUTBOX)
        .where(OUTBOX.c.id == message.id)
        .values(
            attempts=attempts,
            parked=attempts >= limit,
            error=error[:_MAX_ERROR],
        )
    )


def select(
    session: sa.Connection, limit: int, *, parked: bool = False
) -> list[Message]:
    """Give what waits, the oldest first; only what is parked if told so."""
    statement = sa.select(OUTBOX).order_by(OUTBOX.c.id).limit(limit)
    if parked:
        statement = statement.where(OUTBOX.c.parked.is_(sa.true()))
    return [_message(row) for row in session.execute(statement)]


def retry(session: sa.Connection, ids: Sequence[int]) -> list[int]:
    """Let messages be tried again at once; give those that exist."""
    found = _find(session, ids)
    streams = {message.stream for message in found}
    _lock_streams(session, streams, now())
    session.execute(
        sa.update(STREAMS)
        .where(STREAMS.c.name.in_(streams), STREAMS.c.owner.is_(None))
        .values(due_at=now(), failures=0)
    )
    session.execute(
        sa.update(OUTBOX)
        .where(OUTBOX.c.id.in_([message.id for message in found]))
        .values(parked=False, attempts=0)
    )
    return [message.id for message in found]


def drop(session: sa.Connection, ids: Sequence[int]) -> list[int]:
    """Delete messages untold; give those that existed."""
    found = [message.id for message in _find(session, ids)]
    session.execute(sa.delete(OUTBOX).where(OUTBOX.c.id.in_(found)))
    return found


def waiting(session: sa.Connection) -> Waiting:
    """Count what waits."""
    parked = OUTBOX.c.parked
    counts = {
        row.parked: row
        for row in session.execute(
            sa.select(
                parked,
                sa.func.count().label('number'),
                sa.func.min(OUTBOX.c.created_at).label('oldest'),
            ).group_by(parked)
        )
    }
    open_, closed = counts.get(False), counts.get(True)
    return Waiting(
        messages=open_.number if open_ else 0,
        parked=closed.number if closed else 0,
        oldest=open_.oldest if open_ else None,
    )


def lane_of(stream: str) -> str:
    """Give the lane of a stream."""
    return stream.partition(':')[0]


def _lock_streams(
    session: sa.Connection, names: Iterable[str], moment: datetime.datetime
) -> None:
    rows = [
        {
            'name': name,
            'lane': lane_of(name),
            'due_at': moment,
            'failures': 0,
            'appended': 1,
        }
        for name in sorted(names)
    ]
    if rows:
        upserts.insert_or_count(session, STREAMS.c.appended, rows)


def _release(
    session: sa.Connection, stream: str, owner: str, **values: Any
) -> bool:
    statement = (
        sa.update(STREAMS)
        .where(STREAMS.c.name == stream, STREAMS.c.owner == owner)
        .values(owner=None, **values)
    )
    return _matched(session, statement)


def _matched(session: sa.Connection, statement: sa.Update) -> bool:
    result: sa.CursorResult[Any] = session.execute(statement)
    return result.rowcount > 0


def _row(draft: Draft, moment: datetime.datetime) -> dict[str, Any]:
    return {
        'stream': draft.stream,
        'kind': draft.kind,
        'message_id': draft.message_id,
        'created_at': moment,
        'attempts': 0,
        'parked': False,
        'body': json.dumps(draft.body),
    }


def _message(row: sa.Row[Any]) -> Message:
    values = dict(row._mapping)
    values['body'] = json.loads(values['body'])
    return Message(**values)


def _find(session: sa.Connection, ids: Sequence[int]) -> list[Message]:
    statement = sa.select(OUTBOX).where(OUTBOX.c.id.in_(list(ids)))
    return [_message(row) for row in session.execute(statement)]
