# SPDX-License-Identifier: Apache-2.0
"""Aggregates row by row, for databases that make no JSON of them."""

import functools
from collections.abc import Collection
from collections.abc import Iterable
from collections.abc import Sequence
from typing import Any

import sqlalchemy as sa

from nova_aggext.db import columns
from nova_aggext.db import models
from nova_aggext.db import records

AGGREGATES = models.aggregates
HOSTS = models.aggregate_hosts
METADATA = models.aggregate_metadata


def every(session: sa.Connection) -> list[records.Aggregate]:
    """Read all aggregates."""
    rows = session.execute(
        sa.select(*columns.COLUMNS).order_by(AGGREGATES.c.id)
    ).all()
    hosts = session.execute(
        sa.select(HOSTS.c.aggregate_id, HOSTS.c.host).order_by(HOSTS.c.id)
    )
    metadata = session.execute(
        sa.select(
            METADATA.c.aggregate_id, METADATA.c.key, METADATA.c.value
        ).order_by(METADATA.c.id)
    )
    return columns.assemble(rows, _hosts_of(hosts), _metadata_of(metadata))


def some(
    session: sa.Connection, ids: Collection[int], annotated: bool
) -> list[records.Aggregate]:
    """Read those of some ids, by one statement."""
    parts: dict[int, list[Any]] = {_AGGREGATE: [], _HOST: [], _METADATA: []}
    for part, _place, *row in session.execute(
        _rows(annotated), {'ids': list(ids)}
    ):
        parts[part].append(row)
    return columns.assemble(
        [_decoded(*row) for row in parts[_AGGREGATE]],
        _hosts_of((one, host) for one, host, *_ in parts[_HOST]),
        _metadata_of((one, k, v) for one, k, v, *_ in parts[_METADATA]),
    )


# Which table a row of the statement below is from.
_AGGREGATE, _HOST, _METADATA = range(3)


@functools.cache
def _rows(annotated: bool) -> sa.CompoundSelect[Any]:
    """Make one statement of the rows of all tables, so of one state."""
    ids: sa.BindParameter[list[int]] = sa.bindparam('ids', expanding=True)
    wanted = _ANNOTATED if annotated else columns.COLUMNS
    of_hosts, of_metadata = HOSTS.c, METADATA.c
    part = sa.literal_column(str(_AGGREGATE), sa.Integer).label('part')
    place = AGGREGATES.c.id.label('place')
    return sa.union_all(
        sa.select(part, place, *wanted)
        .select_from(columns.table(annotated))
        .where(AGGREGATES.c.id.in_(ids)),
        sa.select(
            sa.literal_column(str(_HOST)),
            of_hosts.id,
            of_hosts.aggregate_id,
            of_hosts.host,
            *_nulls(len(wanted) - 2),
        ).where(of_hosts.aggregate_id.in_(ids)),
        sa.select(
            sa.literal_column(str(_METADATA)),
            of_metadata.id,
            of_metadata.aggregate_id,
            of_metadata.key,
            of_metadata.value,
            *_nulls(len(wanted) - 3),
        ).where(of_metadata.aggregate_id.in_(ids)),
    ).order_by('part', 'place')


def _bytes(column: sa.Column[Any]) -> sa.ColumnElement[Any]:
    """Give a text as bytes: a connection may not carry all of it."""
    return sa.type_coerce(sa.cast(column, sa.LargeBinary), sa.String)


# Nothing is made of a value by SQLAlchemy, as that would be done of each row.
_ANNOTATED = (
    *columns.COLUMNS,
    _bytes(columns.ANNOTATIONS.c.description),
    _bytes(columns.ANNOTATIONS.c.owner),
    sa.type_coerce(columns.ANNOTATIONS.c.protected, sa.Integer),
)


def _decoded(*row: Any) -> Sequence[Any]:
    return [one.decode() if isinstance(one, bytes) else one for one in row]


def _nulls(count: int) -> list[sa.ColumnElement[Any]]:
    return [sa.null() for _ in range(count)]


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
