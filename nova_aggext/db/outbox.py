# SPDX-License-Identifier: Apache-2.0
"""Statements of the outbox: what the outside still has to be told.

The row of a stream is written before its messages are appended, and before
they are deleted: so the messages of one stream are committed in the order of
their ids, and its row is there as long as they wait (see ``streams``).
"""

import dataclasses
import datetime
import json
from collections.abc import Collection
from collections.abc import Iterable
from collections.abc import Mapping
from collections.abc import Sequence
from typing import Any

import sqlalchemy as sa

from nova_aggext.db import batches
from nova_aggext.db import models
from nova_aggext.db import prepared
from nova_aggext.db import streams

OUTBOX = models.outbox

_INSERT = prepared.Prepared(sa.insert(OUTBOX))

# In the body of a message that cannot be told any more: why.
UNABLE = 'unable'
# Characters of an error that are kept.
MAX_ERROR = 500


@dataclasses.dataclass(frozen=True, slots=True)
class Draft:
    """A message to be told.

    :ivar stream: in which messages are told one after the other, as
        ``lane:name``; lanes do not delay each other
    :ivar kind: who tells it
    :ivar message_id: that of no other message
    :ivar body: what to tell, as JSON can hold it
    :ivar attempts: how often it was refused
    :ivar change_id: of the change that it tells of, if that has one
    """

    stream: str
    kind: str
    message_id: str
    body: Mapping[str, Any]
    attempts: int = dataclasses.field(default=0, kw_only=True)
    change_id: str | None = dataclasses.field(default=None, kw_only=True)


@dataclasses.dataclass(frozen=True, slots=True)
class Message(Draft):
    """A message that waits, as it was read.

    :ivar parked: it was refused too often, and is not tried any more
    """

    id: int
    created_at: datetime.datetime
    parked: bool
    error: str | None


@dataclasses.dataclass(frozen=True, slots=True)
class Waiting:
    """How much waits.

    :ivar oldest: when the oldest message that is not parked was stored
    """

    messages: int
    parked: int
    oldest: datetime.datetime | None


def append(
    session: sa.Connection,
    drafts: Sequence[Draft],
    claim: streams.Claim | None = None,
) -> list[streams.Position]:
    """Store messages in the transaction of what they tell of.

    Either all of them are of changes that have ids, or none.

    Gives the positions of the streams that the claim's family holds: whoever
    told all before has to tell nothing but these messages.
    """
    moment = streams.now()
    names = {draft.stream for draft in drafts}
    taken = streams.lock(session, names, moment, claim)
    _INSERT.execute(session, [_row(draft, moment) for draft in drafts])
    return taken


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


def read(session: sa.Connection, stream: str, limit: int) -> list[Message]:
    """Give the next messages of a stream."""
    statement = (
        sa.select(OUTBOX)
        .where(OUTBOX.c.stream == stream, OUTBOX.c.parked.is_(sa.false()))
        .order_by(OUTBOX.c.id)
        .limit(limit)
    )
    return [_message(row) for row in session.execute(statement)]


def count_failure(
    session: sa.Connection, names: Collection[str], error: str
) -> None:
    """Count an attempt in vain for streams that nobody could be told of."""
    streams.count_failure(session, names)
    note(session, names, error)


def note(session: sa.Connection, names: Collection[str], error: str) -> None:
    """Keep an error with the next message of each stream."""
    session.execute(
        sa.update(OUTBOX)
        .where(OUTBOX.c.id.in_(_heads(session, names)))
        .values(error=error[:MAX_ERROR])
    )


def select(
    session: sa.Connection, limit: int, *, after: int = 0, parked: bool = False
) -> list[Message]:
    """Give what waits, the oldest first; only what is parked if told so.

    :param after: the id of a message; those up to it are left out
    """
    statement = (
        sa.select(OUTBOX)
        .where(OUTBOX.c.id > after)
        .order_by(OUTBOX.c.id)
        .limit(limit)
    )
    if parked:
        statement = statement.where(OUTBOX.c.parked.is_(sa.true()))
    return [_message(row) for row in session.execute(statement)]


def select_tried(
    session: sa.Connection, limit: int, *, after: int = 0, parked: bool = False
) -> list[Message]:
    """Give what waits as ``select`` does, with what its stream waits for.

    An attempt in vain of the first message of a stream is one of all that
    wait behind it; one that nobody listened to counts as well.
    """
    found = select(session, limit, after=after, parked=parked)
    names = {one.stream for one in found if not one.parked}
    failures = streams.all_failures(session, names)
    first = sa.select(OUTBOX.c.stream, OUTBOX.c.error).where(
        OUTBOX.c.id.in_(_heads(session, names))
    )
    errors = {row.stream: row.error for row in session.execute(first)}

    def tried(one: Message) -> Message:
        times = failures.get(one.stream, 0)
        if one.parked or not times:
            return one
        times = max(times, one.attempts)
        error = errors.get(one.stream)
        return dataclasses.replace(one, attempts=times, error=error)

    return [tried(one) for one in found]


def retry(session: sa.Connection, ids: Sequence[int]) -> list[int]:
    """Let messages be tried again at once; give those for which that is so.

    Of the others ``unable`` says why, or they do not exist.
    """
    every = _find(session, ids)
    found = [message for message in every if UNABLE not in message.body]
    streams.hasten(session, {message.stream for message in found})
    session.execute(
        sa.update(OUTBOX)
        .where(OUTBOX.c.id.in_([message.id for message in found]))
        .values(parked=False, attempts=0)
    )
    return [message.id for message in found]


def unable(session: sa.Connection, ids: Sequence[int]) -> dict[int, str]:
    """Say of messages that cannot be told any more why that is so."""
    return {
        message.id: message.body[UNABLE]
        for message in _find(session, ids)
        if UNABLE in message.body
    }


def drop(session: sa.Connection, ids: Sequence[int]) -> list[int]:
    """Delete messages untold; give those that existed."""
    found = [message.id for message in _find(session, ids)]
    session.execute(sa.delete(OUTBOX).where(OUTBOX.c.id.in_(found)))
    return found


def waiting(session: sa.Connection, limit: int | None = None) -> Waiting:
    """Count what waits.

    :param limit: of so many messages at most, the oldest ones
    """
    seen = sa.select(OUTBOX.c.parked, OUTBOX.c.created_at)
    if limit is not None:
        seen = seen.order_by(OUTBOX.c.id).limit(limit)
    of_those = seen.subquery()
    parked = of_those.c.parked
    counts = {
        row.parked: row
        for row in session.execute(
            sa.select(
                parked,
                sa.func.count().label('number'),
                sa.func.min(of_those.c.created_at).label('oldest'),
            ).group_by(parked)
        )
    }
    open_, closed = counts.get(False), counts.get(True)
    return Waiting(
        messages=open_.number if open_ else 0,
        parked=closed.number if closed else 0,
        oldest=open_.oldest if open_ else None,
    )


def _heads(session: sa.Connection, names: Collection[str]) -> list[int]:
    """Give the id of the next message of each stream."""
    statement = (
        sa.select(sa.func.min(OUTBOX.c.id))
        .where(OUTBOX.c.stream.in_(names), OUTBOX.c.parked.is_(sa.false()))
        .group_by(OUTBOX.c.stream)
    )
    return list(session.scalars(statement))


def undelivered(
    session: sa.Connection, change_ids: Collection[str]
) -> dict[str, bool]:
    """Give the changes of which messages wait, and whether one is parked."""
    parked = sa.func.max(sa.case((OUTBOX.c.parked.is_(sa.true()), 1), else_=0))
    statement = sa.select(OUTBOX.c.change_id, parked.label('parked')).group_by(
        OUTBOX.c.change_id
    )
    return {
        str(row.change_id): bool(row.parked)
        for ids in batches.of(change_ids, batches.VALUES)
        for row in session.execute(
            statement.where(OUTBOX.c.change_id.in_(ids))
        )
    }


def _row(draft: Draft, moment: datetime.datetime) -> dict[str, Any]:
    own = {} if draft.change_id is None else {'change_id': draft.change_id}
    return {
        **own,
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
