# SPDX-License-Identifier: Apache-2.0
"""Reads aggregates whole, as each database does it fastest.

MariaDB and PostgreSQL put an aggregate, its hosts and its metadata into JSON,
so that a driver hands over one row of three values for it instead of
hundreds. The other databases give row by row. Hosts and metadata are never a
product.
"""

import dataclasses
import datetime
import functools
from collections.abc import Collection
from collections.abc import Iterable
from collections.abc import Mapping
from collections.abc import Sequence
from typing import Any

import orjson
import sqlalchemy as sa

from nova_aggext.db import batches
from nova_aggext.db import models
from nova_aggext.db import prepared
from nova_aggext.db import records

AGGREGATES = models.aggregates
HOSTS = models.aggregate_hosts
METADATA = models.aggregate_metadata

_COLUMNS = (
    AGGREGATES.c.id,
    AGGREGATES.c.uuid,
    AGGREGATES.c.name,
    AGGREGATES.c.created_at,
    AGGREGATES.c.updated_at,
)


@dataclasses.dataclass(frozen=True, slots=True, eq=False)
class Json:
    """How a database puts columns into JSON.

    :ivar aggregate: the columns of an aggregate, in their order
    :ivar hosts: the names of hosts, in the order in which they were added
    :ivar metadata: keys and values
    """

    aggregate: sa.ColumnElement[str]
    hosts: sa.ColumnElement[str]
    metadata: sa.ColumnElement[str]


MARIADB = Json(
    aggregate=sa.func.json_array(*_COLUMNS, type_=sa.String),
    hosts=sa.literal_column(
        'JSON_ARRAYAGG(aggregate_hosts.host ORDER BY aggregate_hosts.id)',
        sa.String,
    ),
    metadata=sa.literal_column(
        'JSON_OBJECTAGG(aggregate_metadata.`key`, aggregate_metadata.value)',
        sa.String,
    ),
)
POSTGRESQL = Json(
    aggregate=sa.cast(sa.func.json_build_array(*_COLUMNS), sa.Text),
    hosts=sa.cast(
        sa.literal_column(
            'json_agg(aggregate_hosts.host ORDER BY aggregate_hosts.id)'
        ),
        sa.Text,
    ),
    metadata=sa.cast(
        sa.func.json_object_agg(METADATA.c.key, METADATA.c.value), sa.Text
    ),
)


def every(session: sa.Connection) -> list[records.Aggregate]:
    """Read all aggregates, by id, in three statements."""
    json = _json(session)
    if json is None:
        return _every_by_rows(session)
    aggregates, hosts, metadata = (
        session.execute(statement).all()
        for statement in _every_statement(json)
    )
    return _assemble(
        [_columns(text) for (text,) in aggregates],
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


def some(
    session: sa.Connection, ids: Collection[int]
) -> list[records.Aggregate]:
    """Read those of some ids that there are, by id.

    Takes one statement, and another one for every 1000 of them; none where
    no id is one that a database could have given.
    """
    known = [one for one in ids if models.is_id(one)]
    if not known:
        return []
    if len(known) <= batches.VALUES:
        return _batch(session, known)
    return [
        found
        for batch in batches.of(sorted(known), batches.VALUES)
        for found in _batch(session, batch)
    ]


def _batch(
    session: sa.Connection, ids: Collection[int]
) -> list[records.Aggregate]:
    json = _json(session)
    if json is None:
        return _some_by_rows(session, ids)
    if len(ids) == 1:
        (only,) = ids
        found = _one_statement(json).execute(session, {'one': only})
    else:
        found = session.execute(_some_statement(json), {'ids': list(ids)})
    rows: Sequence[Any] = found.all()
    return [
        _aggregate(
            _columns(columns),
            orjson.loads(hosts or '[]'),
            orjson.loads(metadata or '{}'),
        )
        for columns, hosts, metadata in rows
    ]


def _json(session: sa.Connection) -> Json | None:
    dialect = session.dialect
    if dialect.name == 'postgresql':
        return POSTGRESQL
    if dialect.name == 'mysql' and getattr(dialect, 'is_mariadb', False):
        return MARIADB
    return None


def _columns(text: str) -> Sequence[Any]:
    """Read the columns of an aggregate from JSON."""
    *values, created_at, updated_at = orjson.loads(text)
    return (*values, _moment(created_at), _moment(updated_at))


def _moment(text: str | None) -> datetime.datetime | None:
    return None if text is None else datetime.datetime.fromisoformat(text)


# Statements are made once for each database, as to make one takes as long as
# to send it.


@functools.cache
def _every_statement(json: Json) -> tuple[sa.Select[Any], ...]:
    owner, other = HOSTS.c.aggregate_id, METADATA.c.aggregate_id
    return (
        sa.select(json.aggregate).order_by(AGGREGATES.c.id),
        sa.select(owner, json.hosts).group_by(owner),
        sa.select(other, json.metadata).group_by(other),
    )


@functools.cache
def _one_statement(json: Json) -> prepared.Prepared:
    one: sa.BindParameter[int] = sa.bindparam('one')
    return prepared.Prepared(_whole(json).where(AGGREGATES.c.id == one))


@functools.cache
def _some_statement(json: Json) -> sa.Select[Any]:
    """Put together what each table has of all of them.

    PostgreSQL has no index to look for the hosts of one, and would read all
    hosts once for each.
    """
    ids: sa.BindParameter[list[int]] = sa.bindparam('ids', expanding=True)
    hosts = _grouped(HOSTS, json.hosts, ids)
    metadata = _grouped(METADATA, json.metadata, ids)
    number = AGGREGATES.c.id
    return (
        sa.select(json.aggregate, hosts.c.json, metadata.c.json)
        .select_from(AGGREGATES)
        .outerjoin(hosts, hosts.c.aggregate_id == number)
        .outerjoin(metadata, metadata.c.aggregate_id == number)
        .where(number.in_(ids))
        .order_by(number)
    )


def _grouped(
    table: sa.Table,
    json: sa.ColumnElement[str],
    ids: sa.BindParameter[list[int]],
) -> sa.Subquery:
    """Give what a table has of each of some aggregates."""
    owner = table.c.aggregate_id
    return (
        sa.select(owner, json.label('json'))
        .where(owner.in_(ids))
        .group_by(owner)
        .subquery(f'{table.name}_of')
    )


def _whole(json: Json) -> sa.Select[Any]:
    hosts = (
        sa.select(json.hosts)
        .select_from(HOSTS)
        .where(HOSTS.c.aggregate_id == AGGREGATES.c.id)
        .scalar_subquery()
    )
    metadata = (
        sa.select(json.metadata)
        .select_from(METADATA)
        .where(METADATA.c.aggregate_id == AGGREGATES.c.id)
        .scalar_subquery()
    )
    return sa.select(json.aggregate, hosts, metadata)


def _every_by_rows(session: sa.Connection) -> list[records.Aggregate]:
    rows = session.execute(
        sa.select(*_COLUMNS).order_by(AGGREGATES.c.id)
    ).all()
    hosts = session.execute(
        sa.select(HOSTS.c.aggregate_id, HOSTS.c.host).order_by(HOSTS.c.id)
    )
    metadata = session.execute(
        sa.select(
            METADATA.c.aggregate_id, METADATA.c.key, METADATA.c.value
        ).order_by(METADATA.c.id)
    )
    return _assemble(rows, _hosts_of(hosts), _metadata_of(metadata))


def _some_by_rows(
    session: sa.Connection, ids: Collection[int]
) -> list[records.Aggregate]:
    parts: dict[int, list[Any]] = {_AGGREGATE: [], _HOST: [], _METADATA: []}
    for part, _place, *row in session.execute(_ROWS, {'ids': list(ids)}):
        parts[part].append(row)
    return _assemble(
        parts[_AGGREGATE],
        _hosts_of((one, host) for one, host, *_ in parts[_HOST]),
        _metadata_of((one, k, v) for one, k, v, *_ in parts[_METADATA]),
    )


# Which table a row of the statement below is from.
_AGGREGATE, _HOST, _METADATA = range(3)


def _rows() -> sa.CompoundSelect[Any]:
    """Make one statement of the rows of three tables, so of one state."""
    ids: sa.BindParameter[list[int]] = sa.bindparam('ids', expanding=True)
    none = sa.null()
    of_hosts, of_metadata = HOSTS.c, METADATA.c
    part = sa.literal_column(str(_AGGREGATE), sa.Integer).label('part')
    place = AGGREGATES.c.id.label('place')
    return sa.union_all(
        sa.select(part, place, *_COLUMNS).where(AGGREGATES.c.id.in_(ids)),
        sa.select(
            sa.literal_column(str(_HOST)),
            of_hosts.id,
            of_hosts.aggregate_id,
            of_hosts.host,
            *(none, none, none),
        ).where(of_hosts.aggregate_id.in_(ids)),
        sa.select(
            sa.literal_column(str(_METADATA)),
            of_metadata.id,
            of_metadata.aggregate_id,
            of_metadata.key,
            of_metadata.value,
            *(none, none),
        ).where(of_metadata.aggregate_id.in_(ids)),
    ).order_by('part', 'place')


_ROWS = _rows()


def _hosts_of(rows: Iterable[Any]) -> dict[int, list[str]]:
    hosts_of: dict[int, list[str]] = {}
    for one, host in rows:
        hosts_of.setdefault(one, []).append(host)
    return hosts_of


def _metadata_of(rows: Iterable[Any]) -> dict[int, dict[str, str]]:
    metadata_of: dict[int, dict[str, str]] = {}
    for one, key, value in rows:
        metadata_of.setdefault(one, {})[key] = value
    return metadata_of


def _assemble(
    rows: Iterable[Sequence[Any]],
    hosts_of: Mapping[int, Sequence[str]],
    metadata_of: Mapping[int, dict[str, str]],
) -> list[records.Aggregate]:
    return [
        _aggregate(row, hosts_of.get(row[0], ()), metadata_of.get(row[0], {}))
        for row in rows
    ]


def _aggregate(
    columns: Sequence[Any], hosts: Sequence[str], metadata: dict[str, str]
) -> records.Aggregate:
    one, uuid, name, created_at, updated_at = columns
    return records.Aggregate(
        id=one,
        uuid=uuid,
        name=name,
        hosts=tuple(hosts),
        metadata=metadata,
        created_at=created_at,
        updated_at=updated_at,
    )
