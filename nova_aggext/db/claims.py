# SPDX-License-Identifier: Apache-2.0
"""What managers claim of aggregates.

There is one row for each manager and aggregate. It is written under the lock
of the aggregate, and removed under that, or under the lock of the manager.

Nobody who deletes an aggregate looks here, Nova's path least of all. So a row
belongs to an aggregate only while there is one with its id *and* its uuid:
some databases give an id twice. Rows that belong to none are swept when a
manager applies.
"""

import dataclasses
import json
from collections.abc import Collection
from collections.abc import Iterable
from collections.abc import Mapping
from typing import Any, TypeAlias

import sqlalchemy as sa

from nova_aggext.db import batches
from nova_aggext.db import keyed
from nova_aggext.db import models
from nova_aggext.db import texts

AGGREGATES = models.aggregates
CLAIMS = models.claims

Value: TypeAlias = str | bool | None

_UPDATE = keyed.Update(CLAIMS.c.manager, CLAIMS.c.aggregate_id)
_DELETE = keyed.Deletion(CLAIMS.c.manager, CLAIMS.c.aggregate_id)


@dataclasses.dataclass(frozen=True, slots=True)
class Holding:
    """What one manager claims of one aggregate.

    :ivar aggregate_id: 0 of one that is to be made
    :ivar name: under which the manager knows it
    :ivar is_maker: whether the manager made the aggregate
    :ivar fields: the values that it claims, by fields
    :ivar exclusive: collections that it claims as a whole
    :ivar skipped: hosts among the fields that were not added, as nobody knew
        them
    """

    manager: str
    aggregate_id: int
    aggregate_uuid: str | None
    name: str
    is_maker: bool = False
    fields: Mapping[str, Value] = dataclasses.field(default_factory=dict)
    exclusive: frozenset[str] = frozenset()
    skipped: frozenset[str] = frozenset()

    @property
    def claimed(self) -> list[str]:
        """All that is claimed, sorted."""
        return sorted({*self.fields, *self.exclusive})


def count(session: sa.Connection) -> dict[str, int]:
    """Count the aggregates of each manager that has claims of any."""
    statement = (
        sa.select(CLAIMS.c.manager, sa.func.count().label('number'))
        .join(
            AGGREGATES,
            sa.and_(
                AGGREGATES.c.id == CLAIMS.c.aggregate_id,
                AGGREGATES.c.uuid == CLAIMS.c.aggregate_uuid,
            ),
        )
        .group_by(CLAIMS.c.manager)
    )
    rows = session.execute(statement)
    return {row.manager: int(row.number) for row in rows}


def of_manager(session: sa.Connection, manager: str) -> list[Holding]:
    """Read what a manager claims of aggregates that there are."""
    return _read(session, CLAIMS.c.manager == manager)


def of_aggregates(
    session: sa.Connection, ids: Collection[int]
) -> dict[int, tuple[Holding, ...]]:
    """Read what is claimed of aggregates, by their ids and by managers."""
    found: dict[int, tuple[Holding, ...]] = {}
    for batch in batches.of(ids, batches.VALUES):
        for one in _read(session, CLAIMS.c.aggregate_id.in_(batch)):
            others = found.get(one.aggregate_id, ())
            found[one.aggregate_id] = (*others, one)
    return found


def write(session: sa.Connection, holdings: Iterable[Holding]) -> None:
    """Store what managers claim that are locked, in place of what was."""
    rows = [_row(one) for one in holdings]
    delete(session, [(row['manager'], row['aggregate_id']) for row in rows])
    for batch in batches.of(rows, batches.ROWS):
        session.execute(sa.insert(CLAIMS), list(batch))


def update(session: sa.Connection, holdings: Iterable[Holding]) -> None:
    """Store what others claim by now, as far as they are still there."""
    _UPDATE.execute(
        session,
        {
            (one.manager, one.aggregate_id): {'document': _document(one)}
            for one in holdings
        },
    )


def sweep(session: sa.Connection) -> None:
    """Remove the rows that belong to no aggregate."""
    delete(session, orphans(session))


def delete(session: sa.Connection, keys: Collection[tuple[str, int]]) -> None:
    """Remove what managers claim of aggregates, by both."""
    _DELETE.execute(session, keys)


def delete_manager(session: sa.Connection, manager: str) -> None:
    """Remove all that a manager claims."""
    session.execute(sa.delete(CLAIMS).where(CLAIMS.c.manager == manager))


def orphans(session: sa.Connection) -> list[tuple[str, int]]:
    """Give the keys of rows that belong to no aggregate."""
    statement = (
        sa.select(CLAIMS.c.manager, CLAIMS.c.aggregate_id)
        .select_from(CLAIMS.outerjoin(AGGREGATES, is_of(session.dialect)))
        .where(AGGREGATES.c.id.is_(None))
    )
    return [
        (row.manager, row.aggregate_id) for row in session.execute(statement)
    ]


def any_of(
    dialect: sa.Dialect, condition: sa.ColumnElement[bool]
) -> sa.ColumnElement[bool]:
    """Say whether something is claimed of an aggregate in some of its rows."""
    claimed = CLAIMS.c.document != _NOTHING
    return (
        sa.exists()
        .where(is_of(dialect), claimed, condition)
        .correlate(AGGREGATES)
    )


def is_of(dialect: sa.Dialect) -> sa.ColumnElement[bool]:
    """Say whether a row is of an aggregate that there is."""
    ours, theirs = (
        texts.exact(dialect, sa.func.coalesce(uuid, ''))
        for uuid in (CLAIMS.c.aggregate_uuid, AGGREGATES.c.uuid)
    )
    return sa.and_(CLAIMS.c.aggregate_id == AGGREGATES.c.id, ours == theirs)


def _read(
    session: sa.Connection, condition: sa.ColumnElement[bool]
) -> list[Holding]:
    statement = (
        sa.select(CLAIMS)
        .select_from(CLAIMS.join(AGGREGATES, is_of(session.dialect)))
        .where(condition)
    )
    found = [_holding(row) for row in session.execute(statement)]
    return sorted(found, key=lambda one: (one.aggregate_id, one.manager))


def _holding(row: sa.Row[Any]) -> Holding:
    document = json.loads(row.document)
    return Holding(
        row.manager,
        row.aggregate_id,
        row.aggregate_uuid,
        row.name,
        row.is_maker,
        document['fields'],
        frozenset(document['exclusive']),
        frozenset(document['skipped']),
    )


def _document(one: Holding) -> str:
    document = {
        'fields': dict(one.fields),
        'exclusive': sorted(one.exclusive),
        'skipped': sorted(one.skipped),
    }
    return json.dumps(document, sort_keys=True)


# Of a manager from whom others have taken everything.
_NOTHING = _document(Holding('', 0, None, ''))


def _row(one: Holding) -> dict[str, Any]:
    return {
        'manager': one.manager,
        'aggregate_id': one.aggregate_id,
        'aggregate_uuid': one.aggregate_uuid,
        'name': one.name,
        'is_maker': one.is_maker,
        'document': _document(one),
    }
