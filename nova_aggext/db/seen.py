# SPDX-License-Identifier: Apache-2.0
"""Aggregates as the record of changes tells of them, to compare with tables.

Who writes Nova's tables past us leaves no row in the record: a Nova process
without the filter, or one that removes the hosts of a service it deletes. What
the record says of an aggregate up to a row is kept; the rows since are played
on it, and what the tables have beyond that was done by others.
"""

import dataclasses
import json
from collections.abc import Collection
from collections.abc import Iterable
from typing import Any

import sqlalchemy as sa

from nova_aggext.db import changes
from nova_aggext.db import keyed
from nova_aggext.db import models
from nova_aggext.db import reading
from nova_aggext.db import records

AGGREGATES = models.aggregates
CHANGES = models.changes
SEEN = models.seen
Aggregate = records.Aggregate

# Rows of one aggregate that are played at a time.
ROWS = 1000

_DELETE = keyed.Deletion(SEEN.c.aggregate_id)


@dataclasses.dataclass(frozen=True, slots=True)
class Picture:
    """What is known of one aggregate, on one snapshot.

    :ivar told: as the record tells of it; None if it is gone
    :ivar found: as it is in the tables; None if it is not there
    :ivar sequence: of the last row that was played
    :ivar is_known: whether the record tells all of it, or it was seen before
    :ivar is_stale: whether there is something to keep
    :ivar is_whole: whether all rows were played
    """

    aggregate_id: int
    told: Aggregate | None
    found: Aggregate | None
    sequence: int
    is_known: bool
    is_stale: bool
    is_whole: bool

    @property
    def differs(self) -> bool:
        """Whether the tables have what the record does not tell."""
        return self.is_whole and _content(self.told) != _content(self.found)


def numbers(session: sa.Connection, after: int, last: int | None) -> list[int]:
    """Give the ids of aggregates that are there, or were seen, in a range.

    :param after: less than all of them
    :param last: the greatest of them; None for no end
    """
    found: set[int] = set()
    for column in (AGGREGATES.c.id, SEEN.c.aggregate_id):
        statement = sa.select(column).where(column > after)
        if last is not None:
            statement = statement.where(column <= last)
        found.update(session.scalars(statement))
    return sorted(found)


def look(session: sa.Connection, ids: Collection[int]) -> list[Picture]:
    """Compare aggregates with what the record tells of them.

    One snapshot has to show all of it, or a lock to keep others away.
    """
    rows = session.execute(sa.select(SEEN).where(SEEN.c.aggregate_id.in_(ids)))
    stored = {row.aggregate_id: row for row in rows}
    whole = reading.some(session, ids, annotated=True)
    found = {one.id: one for one in whole}
    return [
        _picture(session, one, stored.get(one), found.get(one)) for one in ids
    ]


def store(
    session: sa.Connection, kept: Collection[tuple[Picture, Aggregate | None]]
) -> None:
    """Keep what aggregates are after the last row of their pictures.

    That stays true whatever others do. Of what is gone nothing is kept.
    """
    _DELETE.execute(session, [(one.aggregate_id,) for one, _now in kept])
    rows = [
        {
            'aggregate_id': one.aggregate_id,
            'sequence': one.sequence,
            'document': json.dumps([now.uuid, _content(now)]),
        }
        for one, now in kept
        if now is not None
    ]
    if rows:
        session.execute(sa.insert(SEEN), rows)


def _picture(
    session: sa.Connection,
    number: int,
    stored: sa.Row[Any] | None,
    found: Aggregate | None,
) -> Picture:
    told = None if stored is None else _loaded(number, stored.document)
    after = 0 if stored is None else stored.sequence
    rows = _rows(session, number, after)
    played = rows[:ROWS]
    if stored is None and not (rows and _makes(rows[0])):
        last = changes.last_sequence(session, number)
        return Picture(number, None, found, last, False, True, True)
    return Picture(
        aggregate_id=number,
        told=play(told, played),
        found=found,
        sequence=played[-1].sequence if played else after,
        is_known=True,
        is_stale=bool(rows),
        is_whole=len(rows) <= ROWS,
    )


def _rows(
    session: sa.Connection, number: int, after: int
) -> list[changes.Change]:
    """Read rows of an aggregate: one more than are played, if there are."""
    return changes.read(
        session,
        sa.select(CHANGES)
        .where(CHANGES.c.aggregate_id == number, CHANGES.c.sequence > after)
        .order_by(CHANGES.c.sequence)
        .limit(ROWS + 1),
    )


def play(
    told: Aggregate | None, rows: Iterable[changes.Change]
) -> Aggregate | None:
    """Give an aggregate after some of its changes; None if it is gone."""
    for row in rows:
        told = _after(told, row)
    return told


def _makes(row: changes.Change) -> bool:
    return not row.before and bool(row.after)


def _after(told: Aggregate | None, row: changes.Change) -> Aggregate | None:
    if _makes(row):
        return _made(row.aggregate_id, row.aggregate_uuid, row.after)
    if told is None or (row.before and not row.after):
        return None
    left, come = row.before.get('hosts', ()), row.after.get('hosts', ())
    hosts = [host for host in told.hosts if host not in {*left, *come}]
    metadata = {**told.metadata, **row.after.get('metadata', {})}
    return dataclasses.replace(
        told,
        name=row.after.get('name', told.name),
        hosts=(*hosts, *come),
        metadata={k: v for k, v in metadata.items() if v is not None},
        **_annotations({**told.annotations, **row.after}),
    )


def _made(number: int, uuid: str | None, state: changes.State) -> Aggregate:
    return Aggregate(
        id=number,
        uuid=uuid,
        name=state['name'],
        hosts=tuple(state['hosts']),
        metadata=state['metadata'],
        created_at=None,
        updated_at=None,
        **_annotations(state),
    )


def _annotations(state: changes.State) -> dict[str, Any]:
    """Give all annotations of a state that has those that say something."""
    return {
        name: state.get(name, nothing)
        for name, nothing in records.ANNOTATIONS.items()
    }


def _loaded(number: int, document: str) -> Aggregate:
    uuid, state = json.loads(document)
    return _made(number, uuid, state)


def _content(one: Aggregate | None) -> dict[str, Any] | None:
    """Give what changes of an aggregate."""
    if one is None:
        return None
    return {
        'name': one.name,
        'hosts': sorted(one.hosts),
        'metadata': dict(one.metadata),
        **one.annotations,
    }
