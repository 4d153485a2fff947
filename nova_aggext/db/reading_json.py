# SPDX-License-Identifier: Apache-2.0
"""Aggregates as JSON that MariaDB and PostgreSQL make of their rows."""

import dataclasses
import datetime
import functools
from collections.abc import Sequence
from typing import Any

import orjson
import sqlalchemy as sa
from sqlalchemy.dialects import mysql

from nova_aggext.db import columns
from nova_aggext.db import models
from nova_aggext.db import prepared

AGGREGATES = models.aggregates
HOSTS = models.aggregate_hosts
METADATA = models.aggregate_metadata


@dataclasses.dataclass(frozen=True, slots=True, eq=False)
class Json:
    """How a database puts columns into JSON.

    :ivar aggregate: the columns of an aggregate, in their order
    :ivar annotated: the same, and its annotations
    :ivar hosts: the names of hosts, in the order in which they were added
    :ivar metadata: keys and values
    """

    aggregate: sa.ColumnElement[str]
    annotated: sa.ColumnElement[Any]
    hosts: sa.ColumnElement[str]
    metadata: sa.ColumnElement[str]


MARIADB = Json(
    aggregate=sa.func.json_array(*columns.COLUMNS, type_=sa.String),
    # As bytes: connections carry what Nova's tables hold, and no more.
    annotated=sa.cast(sa.func.json_array(*columns.ANNOTATED), mysql.BINARY()),
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
    aggregate=sa.cast(sa.func.json_build_array(*columns.COLUMNS), sa.Text),
    annotated=sa.cast(sa.func.json_build_array(*columns.ANNOTATED), sa.Text),
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


def form(session: sa.Connection) -> Json | None:
    """Give how a database does it; None where it does not."""
    dialect = session.dialect
    if dialect.name == 'postgresql':
        return POSTGRESQL
    if dialect.name == 'mysql' and getattr(dialect, 'is_mariadb', False):
        return MARIADB
    return None


def values(text: str | bytes) -> Sequence[Any]:
    """Read the columns of an aggregate from JSON."""
    one, uuid, name, created_at, updated_at, *rest = orjson.loads(text)
    return one, uuid, name, _moment(created_at), _moment(updated_at), *rest


def _moment(text: str | None) -> datetime.datetime | None:
    return None if text is None else datetime.datetime.fromisoformat(text)


# Statements are made once for each database, as to make one takes as long as
# to send it.


@functools.cache
def every_statement(json: Json) -> tuple[sa.Select[Any], ...]:
    """Make those of all aggregates: their columns, hosts and metadata."""
    owner, other = HOSTS.c.aggregate_id, METADATA.c.aggregate_id
    return (
        sa.select(json.aggregate).order_by(AGGREGATES.c.id),
        sa.select(owner, json.hosts).group_by(owner),
        sa.select(other, json.metadata).group_by(other),
    )


@functools.cache
def one_statement(json: Json, annotated: bool) -> prepared.Prepared:
    """Make that of the one aggregate whose id is ``one``."""
    one: sa.BindParameter[int] = sa.bindparam('one')
    whole = _whole(json, annotated)
    return prepared.Prepared(whole.where(AGGREGATES.c.id == one))


@functools.cache
def some_statement(json: Json, annotated: bool) -> sa.Select[Any]:
    """Make that of those with ``ids``: what each table has of all of them.

    PostgreSQL has no index to look for the hosts of one, and would read all
    hosts once for each.
    """
    ids: sa.BindParameter[list[int]] = sa.bindparam('ids', expanding=True)
    hosts = _grouped(HOSTS, json.hosts, ids)
    metadata = _grouped(METADATA, json.metadata, ids)
    number = AGGREGATES.c.id
    return (
        sa.select(_column(json, annotated), hosts.c.json, metadata.c.json)
        .select_from(columns.table(annotated))
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


def _column(json: Json, annotated: bool) -> sa.ColumnElement[str]:
    return json.annotated if annotated else json.aggregate


def _whole(json: Json, annotated: bool) -> sa.Select[Any]:
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
    return sa.select(_column(json, annotated), hosts, metadata).select_from(
        columns.table(annotated)
    )
