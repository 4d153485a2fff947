# SPDX-License-Identifier: Apache-2.0
"""The record of changes: who changed what, kept beside the tables.

A row is inserted in the transaction of its change, under the lock on the
aggregate, so the rows of one aggregate are in the order of its changes. Rows
of different aggregates may come out in another order than they were
committed; for who follows them see ``feed``.
"""

import dataclasses
import datetime
import json
import re
from collections.abc import Iterable
from collections.abc import Mapping
from typing import Any

import sqlalchemy as sa

from nova_aggext import context
from nova_aggext.db import models
from nova_aggext.db import prepared
from nova_aggext.db import records

CHANGES = models.changes

_INSERT = prepared.Prepared(sa.insert(CHANGES))

# Operations that are no use cases, and to whom repairs are put down.
DELETE_ORPHANS = 'delete_orphans'
OBSERVED = 'observed'
REPAIRER = 'nova-aggext-manage'

# Begins the ids of changes that have none of their own.
_BY_SEQUENCE = 'n-'
_ID = re.compile(r'n-([1-9][0-9]{0,17})', re.ASCII)

# An aggregate that there is not, as it is stored.
_NOTHING = json.dumps({})

State = Mapping[str, Any]
# An aggregate before and after, and the host of a membership.
Made = tuple[records.Aggregate | None, records.Aggregate | None, str | None]


@dataclasses.dataclass(frozen=True, slots=True)
class Change:
    """One change.

    :ivar changed_at: naive, in UTC, with microseconds
    :ivar operation: the name of the use case, which is Nova's
    :ivar host: of the change of a membership, else None
    :ivar before: the parts of the aggregate that the change touched, as they
        were; of a change of metadata or membership only the keys and hosts
        in question, None for keys that were not there. Empty before a create.
        Of one that is made, or goes, the annotations that say something.
    :ivar after: the same parts as they are; empty after a delete
    :ivar change_id: what all rows of one change have in common; a row without
        is a change of its own
    :ivar position: of the change in the feed, once it has one
    :ivar aggregate_name: as it was before; of one that was made as it is. None
        where an older release recorded the change.
    """

    sequence: int
    changed_at: datetime.datetime
    request_id: str | None
    global_request_id: str | None
    user_id: str | None
    project_id: str | None
    operation: str
    aggregate_id: int
    aggregate_uuid: str | None
    host: str | None
    before: State
    after: State
    change_id: str | None = None
    position: int | None = None
    aggregate_name: str | None = None


def append(
    session: sa.Connection,
    who: context.RequestContext,
    operation: str,
    made: Iterable[Made],
    change_id: str | None = None,
) -> None:
    """Record changes in their transaction, in the order given.

    :param change_id: of a change that has one; those without are changes of
        their own
    """
    common: dict[str, Any] = {
        'changed_at': _now(),
        'request_id': who.request_id,
        'global_request_id': who.global_request_id,
        'user_id': who.user_id,
        'project_id': who.project_id,
        'operation': operation,
    }
    if change_id is not None:
        common['change_id'] = change_id
    _INSERT.execute(session, [{**common, **_row(*one)} for one in made])


def append_observed(
    session: sa.Connection,
    before: records.Aggregate | None,
    after: records.Aggregate | None,
) -> None:
    """Record what somebody else did, nobody knows who and when."""
    session.execute(
        sa.insert(CHANGES),
        {
            'changed_at': _now(),
            'operation': OBSERVED,
            **_row(before, after, None),
        },
    )


def last_sequence(session: sa.Connection, aggregate_id: int) -> int:
    """Give the sequence of the last change of an aggregate; 0 if none."""
    statement = sa.select(sa.func.max(CHANGES.c.sequence)).where(
        CHANGES.c.aggregate_id == aggregate_id
    )
    return session.scalar(statement) or 0


def read(session: sa.Connection, statement: sa.Select[Any]) -> list[Change]:
    """Read the changes that a statement selects whole."""
    return [_change(row) for row in session.execute(statement)]


def later(
    session: sa.Connection, change: str, aggregate_id: int, limit: int = 20
) -> list[str]:
    """Give the ids of changes of an aggregate that came after another.

    :param change: the id of that other one
    """
    last = sa.select(sa.func.max(CHANGES.c.sequence)).where(_is(change))
    statement = (
        sa.select(CHANGES.c.sequence, CHANGES.c.change_id)
        .where(
            CHANGES.c.aggregate_id == aggregate_id,
            CHANGES.c.sequence > last.scalar_subquery(),
        )
        .order_by(CHANGES.c.sequence)
        .limit(limit)
    )
    return [
        row.change_id or id_of(row.sequence)
        for row in session.execute(statement)
    ]


def latest(
    session: sa.Connection, aggregate_id: int, limit: int
) -> list[Change]:
    """Read the last changes of an aggregate, the newest first."""
    statement = (
        sa.select(CHANGES)
        .where(CHANGES.c.aggregate_id == aggregate_id)
        .order_by(CHANGES.c.sequence.desc())
        .limit(limit)
    )
    return read(session, statement)


def _is(change: str) -> sa.ColumnElement[bool]:
    """Give what holds for the rows of a change."""
    sequence = sequence_of(change)
    if sequence is None:
        return CHANGES.c.change_id == change
    return CHANGES.c.sequence == sequence


def id_of(sequence: int) -> str:
    """Give the id of a change that has none of its own."""
    return f'{_BY_SEQUENCE}{sequence}'


def sequence_of(change_id: str) -> int | None:
    """Give the sequence in such an id; None for any other text."""
    found = _ID.fullmatch(change_id)
    return int(found[1]) if found else None


def select_deleted(
    session: sa.Connection, since: datetime.datetime
) -> list[Change]:
    """Read the deletions of aggregates since a moment, however made.

    Not what was left of aggregates that were gone before.
    """
    statement = (
        sa.select(CHANGES)
        .where(
            CHANGES.c.changed_at >= since,
            CHANGES.c.after == _NOTHING,
            # What changed nothing has nothing on either side.
            CHANGES.c.before != _NOTHING,
            CHANGES.c.operation != DELETE_ORPHANS,
        )
        .order_by(CHANGES.c.sequence)
    )
    return read(session, statement)


def _now() -> datetime.datetime:
    return datetime.datetime.now(datetime.UTC).replace(tzinfo=None)


def _change(row: sa.Row[Any]) -> Change:
    values = dict(row._mapping)
    for side in ('before', 'after'):
        values[side] = json.loads(values[side])
    return Change(**values)


def _row(
    before: records.Aggregate | None,
    after: records.Aggregate | None,
    host: str | None,
) -> dict[str, Any]:
    subject = after or before
    if subject is None:
        raise ValueError('a change has a state before or after')
    was, became = _difference(before, after)
    return {
        'aggregate_id': subject.id,
        'aggregate_uuid': subject.uuid,
        'aggregate_name': (before or subject).name,
        'host': host,
        'before': json.dumps(was),
        'after': json.dumps(became),
    }


def _difference(
    before: records.Aggregate | None, after: records.Aggregate | None
) -> tuple[State, State]:
    if before is None or after is None:
        return _whole(before), _whole(after)
    was: dict[str, Any] = {}
    became: dict[str, Any] = {}
    if before.name != after.name:
        was['name'], became['name'] = before.name, after.name
    if before.hosts != after.hosts:
        left, present = frozenset(after.hosts), frozenset(before.hosts)
        was['hosts'] = [host for host in before.hosts if host not in left]
        became['hosts'] = [host for host in after.hosts if host not in present]
    keys = [
        key
        for key in {**before.metadata, **after.metadata}
        if before.metadata.get(key) != after.metadata.get(key)
    ]
    if keys:
        was['metadata'] = {key: before.metadata.get(key) for key in keys}
        became['metadata'] = {key: after.metadata.get(key) for key in keys}
    for name in records.ANNOTATIONS:
        old, new = getattr(before, name), getattr(after, name)
        if old != new:
            was[name], became[name] = old, new
    return was, became


def _whole(aggregate: records.Aggregate | None) -> State:
    if aggregate is None:
        return {}
    return {
        'name': aggregate.name,
        'hosts': list(aggregate.hosts),
        'metadata': dict(aggregate.metadata),
        **aggregate.annotations,
    }
