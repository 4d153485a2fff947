# SPDX-License-Identifier: Apache-2.0
"""Settlements: what is written of streams that were held."""

import dataclasses
import json
from collections.abc import Collection
from collections.abc import Iterable
from collections.abc import Mapping
from collections.abc import Sequence
from typing import Any

import sqlalchemy as sa

from nova_aggext.db import outbox
from nova_aggext.db import streams

OUTBOX = outbox.OUTBOX

_IDS: sa.BindParameter[list[int]] = sa.bindparam('ids', expanding=True)
_NAMES: sa.BindParameter[list[str]] = sa.bindparam('names', expanding=True)
_KEYS: sa.BindParameter[list[str]] = sa.bindparam('keys', expanding=True)
_DELETE = sa.delete(OUTBOX).where(OUTBOX.c.id.in_(_IDS))
_DELETE_UNREAD = sa.delete(OUTBOX).where(
    OUTBOX.c.stream.in_(_NAMES),
    OUTBOX.c.parked.is_(sa.false()),
    OUTBOX.c.message_id.in_(_KEYS),
)


@dataclasses.dataclass(frozen=True, slots=True)
class PutOff:
    """Streams that are let go though not all in them was told.

    :ivar seconds: until they are due again; 0 is no failure
    :ivar error: why, unless that is stored already
    """

    holds: Collection[streams.Hold]
    seconds: float = 0
    error: str | None = None


@dataclasses.dataclass(frozen=True, slots=True)
class Refusal:
    """That a message was refused.

    :ivar attempts: how often
    :ivar kept: its body from now on, if it is parked
    """

    message: outbox.Draft
    attempts: int
    error: str
    kept: Mapping[str, Any] | None


@dataclasses.dataclass(frozen=True, slots=True)
class Settlement:
    """What became of streams that were held.

    :ivar told: the messages that were told
    :ivar ended: how far streams were told in which all was told
    :ivar awaited: those of them that are held on if they have come further
    """

    told: Sequence[outbox.Draft]
    ended: Collection[streams.Position]
    awaited: frozenset[streams.Hold]
    put_off: Sequence[PutOff]
    refused: Sequence[Refusal]


def settle(
    session: sa.Connection, settlement: Settlement, seconds: float
) -> frozenset[streams.Hold]:
    """Delete what was told, and the streams in which nothing is left.

    The others are let go, but those that are awaited. Streams that are not
    ours any more are left alone. Gives those that had come further.

    :param seconds: for which awaited ones are held on
    """
    left = streams.close(session, settlement.ended)
    streams.renew(session, left & settlement.awaited, seconds)
    streams.release(session, left - settlement.awaited)
    put_off = [
        one
        for one in settlement.put_off
        if streams.release(session, one.holds, one.seconds)
    ]
    _delete(session, settlement.told)
    for refusal in settlement.refused:
        _refuse(session, refusal)
    for one in put_off:
        if one.error is not None:
            outbox.note(
                session, {hold.stream for hold in one.holds}, one.error
            )
    return left


def _delete(session: sa.Connection, told: Iterable[outbox.Draft]) -> None:
    """Delete messages, by their ids if they were read."""
    ids: list[int] = []
    names: set[str] = set()
    keys: list[str] = []
    for one in told:
        if isinstance(one, outbox.Message):
            ids.append(one.id)
        else:
            names.add(one.stream)
            keys.append(one.message_id)
    if ids:
        session.execute(_DELETE, {'ids': ids})
    if keys:
        session.execute(_DELETE_UNREAD, {'names': list(names), 'keys': keys})


def _refuse(session: sa.Connection, refusal: Refusal) -> None:
    """Count that a message was refused; park it when that was too often."""
    message = refusal.message
    statement = sa.update(OUTBOX).values(
        attempts=refusal.attempts, error=refusal.error[: outbox.MAX_ERROR]
    )
    if refusal.kept is not None:
        body = json.dumps(refusal.kept)
        statement = statement.values(parked=True, body=body)
    if isinstance(message, outbox.Message):
        statement = statement.where(OUTBOX.c.id == message.id)
    else:
        statement = statement.where(
            OUTBOX.c.stream == message.stream,
            OUTBOX.c.message_id == message.message_id,
        )
    session.execute(statement)
