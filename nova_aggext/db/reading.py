# SPDX-License-Identifier: Apache-2.0
"""Reads aggregates whole, as each database does it fastest.

MariaDB and PostgreSQL put the hosts and the metadata of an aggregate into
JSON, so that a driver hands over one row for it instead of hundreds. The
other databases give row by row. Hosts and metadata are never a product.
"""

import dataclasses
import functools
from collections.abc import Collection
from collections.abc import Iterable
from collections.abc import Mapping
from typing import Any

import orjson
import sqlalchemy as sa
from sqlalchemy.dialects import postgresql

from nova_aggext.db import models
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

    :ivar hosts: the names of hosts, in the order in which they were added
    :ivar metadata: keys and values
    """

    hosts: sa.ColumnElement[str]
    metadata: sa.ColumnElement[str]


MARIADB = Json(
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
    hosts=sa.cast(
        sa.func.json_agg(
            postgresql.aggregate_order_by(HOSTS.c.host, HOSTS.c.id)
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
    aggregates = sa.select(*_COLUMNS).order_by(AGGREGATES.c.id)
    if json is None:
        return _by_rows(session, aggregates, sa.true(), sa.true())
    rows = session.execute(aggregates).all()
    hosts = session.execute(
        sa.select(HOSTS.c.aggregate_id, json.hosts).group_by(
            HOSTS.c.aggregate_id
        )
    )
    hosts_of = {one: orjson.loads(text) for one, text in hosts}
    metadata = session.execute(
        sa.select(METADATA.c.aggregate_id, json.metadata).group_by(
            METADATA.c.aggregate_id
        )
    )
    metadata_of = {one: orjson.loads(text) for one, text in metadata}
    return _assemble(rows, hosts_of, metadata_of)


def some(
    session: sa.Connection, ids: Collection[int]
) -> list[records.Aggregate]:
    """Read the aggregates of some ids, by id.

    In one statement where the database knows JSON, else in three.
    """
    json = _json(session)
    wanted = list(ids)
    if json is not None:
        return _in_one(session, json, wanted)
    return _by_rows(
        session,
        sa.select(*_COLUMNS)
        .where(AGGREGATES.c.id.in_(wanted))
        .order_by(AGGREGATES.c.id),
        HOSTS.c.aggregate_id.in_(wanted),
        METADATA.c.aggregate_id.in_(wanted),
    )


def _json(session: sa.Connection) -> Json | None:
    dialect = session.dialect
    if dialect.name == 'postgresql':
        return POSTGRESQL
    if dialect.name == 'mysql' and getattr(dialect, 'is_mariadb', False):
        return MARIADB
    return None


def _in_one(
    session: sa.Connection, json: Json, ids: list[int]
) -> list[records.Aggregate]:
    rows = session.execute(_one_statement(json), {'ids': ids}).all()
    hosts_of = {row[0]: orjson.loads(row[5] or '[]') for row in rows}
    metadata_of = {row[0]: orjson.loads(row[6] or '{}') for row in rows}
    return _assemble([row[:5] for row in rows], hosts_of, metadata_of)


@functools.cache
def _one_statement(json: Json) -> sa.Select[Any]:
    """Make the statement of a database, once."""
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
    wanted: sa.BindParameter[list[int]]
    wanted = sa.bindparam('ids', expanding=True)
    return (
        sa.select(*_COLUMNS, hosts, metadata)
        .where(AGGREGATES.c.id.in_(wanted))
        .order_by(AGGREGATES.c.id)
    )


def _by_rows(
    session: sa.Connection,
    aggregates: sa.Select[Any],
    of_hosts: sa.ColumnElement[bool],
    of_metadata: sa.ColumnElement[bool],
) -> list[records.Aggregate]:
    rows = session.execute(aggregates).all()
    hosts_of: dict[int, list[str]] = {}
    hosts = session.execute(
        sa.select(HOSTS.c.aggregate_id, HOSTS.c.host)
        .where(of_hosts)
        .order_by(HOSTS.c.id)
    )
    for one, host in hosts:
        hosts_of.setdefault(one, []).append(host)
    metadata_of: dict[int, dict[str, str]] = {}
    metadata = session.execute(
        sa.select(METADATA.c.aggregate_id, METADATA.c.key, METADATA.c.value)
        .where(of_metadata)
        .order_by(METADATA.c.id)
    )
    for one, key, value in metadata:
        metadata_of.setdefault(one, {})[key] = value
    return _assemble(rows, hosts_of, metadata_of)


def _assemble(
    rows: Iterable[Any],
    hosts_of: Mapping[int, list[str]],
    metadata_of: Mapping[int, dict[str, str]],
) -> list[records.Aggregate]:
    return [
        records.Aggregate(
            id=one,
            uuid=uuid,
            name=name,
            hosts=tuple(hosts_of.get(one, ())),
            metadata=metadata_of.get(one, {}),
            created_at=created_at,
            updated_at=updated_at,
        )
        for one, uuid, name, created_at, updated_at in rows
    ]
