# SPDX-License-Identifier: Apache-2.0
"""Reads aggregates whole, as each database does it fastest.

MariaDB and PostgreSQL put an aggregate, its hosts and its metadata into JSON,
so that a driver hands over one row of three values for it instead of
hundreds. The other databases give row by row. Hosts and metadata are never a
product.

What Nova does not know of an aggregate, its annotations, is read with its row
by who asks for it.
"""

import dataclasses
from collections.abc import Collection
from collections.abc import Sequence
from typing import Any

import orjson
import sqlalchemy as sa

from nova_aggext.db import batches
from nova_aggext.db import columns
from nova_aggext.db import models
from nova_aggext.db import reading_json
from nova_aggext.db import reading_rows
from nova_aggext.db import records

AGGREGATES = models.aggregates
HOSTS = models.aggregate_hosts


def every(session: sa.Connection) -> list[records.Aggregate]:
    """Read all aggregates, by id, in three statements."""
    json = reading_json.form(session)
    if json is None:
        return reading_rows.every(session)
    aggregates, hosts, metadata = (
        session.execute(statement).all()
        for statement in reading_json.every_statement(json)
    )
    return columns.assemble(
        [reading_json.values(text) for (text,) in aggregates],
        {one: orjson.loads(text) for one, text in hosts},
        {one: orjson.loads(text) for one, text in metadata},
    )


@dataclasses.dataclass(frozen=True, slots=True)
class Criteria:
    """Which aggregates are wanted: those that fit all that is not None.

    :ivar host: is in them; compares exactly, whatever the database does
    :ivar after: is less than their ids
    :ivar limit: how many there are at most
    """

    host: str | None = None
    after: int | None = None
    limit: int | None = None


def select(session: sa.Connection, criteria: Criteria) -> list[int]:
    """Give the ids of the aggregates that fit, in their order."""
    if criteria.host is None:
        column = AGGREGATES.c.id
        statement = sa.select(column).limit(criteria.limit)
    else:
        column = HOSTS.c.aggregate_id
        statement = sa.select(column, HOSTS.c.host).where(
            HOSTS.c.host == criteria.host
        )
    if criteria.after is not None:
        statement = statement.where(column > criteria.after)
    found = [
        number
        for number, *host in session.execute(statement.order_by(column))
        # The database may have found the host in another case.
        if host in ([], [criteria.host])
    ]
    return found[: criteria.limit]


def owned(session: sa.Connection, owner: str) -> list[int]:
    """Give the ids of what a project owns, in their order.

    There may be some of what others have deleted.
    """
    table = models.annotations
    statement = sa.select(table.c.aggregate_id, table.c.owner).where(
        table.c.owner == owner
    )
    return [
        number
        for number, found in session.execute(
            statement.order_by(table.c.aggregate_id)
        )
        # The database may take another text for the same.
        if found == owner
    ]


def some(
    session: sa.Connection, ids: Collection[int], *, annotated: bool = False
) -> list[records.Aggregate]:
    """Read those of some ids that there are, by id.

    Takes one statement, and another one for every 1000 of them; none where
    no id is one that a database could have given.

    :param annotated: with their annotations; otherwise these are as if there
        were none
    """
    known = [one for one in ids if models.is_id(one)]
    if not known:
        return []
    if len(known) <= batches.VALUES:
        return _batch(session, known, annotated)
    return [
        found
        for batch in batches.of(sorted(known), batches.VALUES)
        for found in _batch(session, batch, annotated)
    ]


def _batch(
    session: sa.Connection, ids: Collection[int], annotated: bool
) -> list[records.Aggregate]:
    json = reading_json.form(session)
    if json is None:
        return reading_rows.some(session, ids, annotated)
    if len(ids) == 1:
        (only,) = ids
        found = reading_json.one_statement(json, annotated).execute(
            session, {'one': only}
        )
    else:
        statement = reading_json.some_statement(json, annotated)
        found = session.execute(statement, {'ids': list(ids)})
    rows: Sequence[Any] = found.all()
    return [
        columns.aggregate(
            reading_json.values(text),
            orjson.loads(hosts or '[]'),
            orjson.loads(metadata or '{}'),
        )
        for text, hosts, metadata in rows
    ]
