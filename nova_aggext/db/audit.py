# SPDX-License-Identifier: Apache-2.0
"""Statements of the audit: rows that should not be, as others left them.

Nova processes without the filter write the same tables under no lock of ours,
and old databases may lack foreign keys.
"""

import dataclasses
from collections.abc import Mapping
from typing import Any

import sqlalchemy as sa

from nova_aggext import context
from nova_aggext.db import changes
from nova_aggext.db import locks
from nova_aggext.db import models
from nova_aggext.db import records
from nova_aggext.db import texts

AGGREGATES = models.aggregates
HOSTS = models.aggregate_hosts
METADATA = models.aggregate_metadata
ANNOTATIONS = models.annotations


@dataclasses.dataclass(frozen=True, slots=True)
class Membership:
    """A host is in an aggregate, which may have a zone."""

    host: str
    aggregate_id: int
    zone: str | None


@dataclasses.dataclass(frozen=True, slots=True)
class Orphans:
    """What is left of an aggregate that is gone."""

    aggregate_id: int
    hosts: tuple[str, ...]
    metadata: Mapping[str, str]
    annotations: Mapping[str, Any]


def list_memberships(session: sa.Connection) -> list[Membership]:
    """Read who is in which aggregate that exists, the oldest first."""
    zones = {
        row.aggregate_id: row.value
        for row in session.execute(
            sa.select(METADATA).where(METADATA.c.key == records.ZONE_KEY)
        )
        # The database may have found the key in another case.
        if row.key == records.ZONE_KEY
    }
    rows = session.execute(
        sa.select(HOSTS.c.host, HOSTS.c.aggregate_id)
        .join(AGGREGATES, AGGREGATES.c.id == HOSTS.c.aggregate_id)
        .order_by(HOSTS.c.id)
    )
    return [
        Membership(row.host, row.aggregate_id, zones.get(row.aggregate_id))
        for row in rows
    ]


def list_orphans(session: sa.Connection) -> list[Orphans]:
    """Read the rows of aggregates that do not exist."""
    hosts: dict[int, list[str]] = {}
    metadata: dict[int, dict[str, str]] = {}
    annotations = _orphaned_annotations(session)
    for row in session.execute(_without_aggregate(HOSTS)):
        hosts.setdefault(row.aggregate_id, []).append(row.host)
    for row in session.execute(_without_aggregate(METADATA)):
        metadata.setdefault(row.aggregate_id, {})[row.key] = row.value
    return [
        Orphans(
            found,
            tuple(hosts.get(found, ())),
            metadata.get(found, {}),
            annotations.get(found, {}),
        )
        for found in sorted({*hosts, *metadata, *annotations})
    ]


def delete_orphans(
    session: sa.Connection, who: context.RequestContext, found: Orphans
) -> None:
    """Delete what is left of an aggregate, unless there is one again.

    It is recorded as it was found.
    """
    subject = found.aggregate_id
    locks.take(session, aggregates=[subject], hosts=found.hosts)
    present = sa.select(AGGREGATES.c.id).where(AGGREGATES.c.id == subject)
    if session.execute(present).first() is not None:
        return
    for table in (HOSTS, METADATA, ANNOTATIONS):
        session.execute(
            sa.delete(table).where(table.c.aggregate_id == subject)
        )
    locks.forget(session, aggregates=[subject])
    before = records.Aggregate(
        id=subject,
        uuid='',
        name='',
        hosts=found.hosts,
        metadata=found.metadata,
        created_at=None,
        updated_at=None,
        **found.annotations,
    )
    changes.append(
        session, who, changes.DELETE_ORPHANS, [(before, None, None)]
    )


def _orphaned_annotations(
    session: sa.Connection,
) -> dict[int, Mapping[str, Any]]:
    given, dialect = ANNOTATIONS.c, session.dialect
    rows: sa.Select[Any] = sa.select(
        given.aggregate_id,
        # A connection to MySQL may not carry all of it as text.
        texts.exact(dialect, given.description),
        texts.exact(dialect, given.owner),
        given.protected,
    )
    return {
        number: {
            'description': _decoded(description),
            'owner': _decoded(owner),
            'protected': protected,
        }
        for number, description, owner, protected in session.execute(
            _left(rows, ANNOTATIONS)
        )
    }


def _decoded(found: bytes | None) -> str | None:
    return None if found is None else found.decode()


def _without_aggregate(table: sa.Table) -> sa.Select[Any]:
    return _left(sa.select(table), table).order_by(table.c.id)


def _left(statement: sa.Select[Any], table: sa.Table) -> sa.Select[Any]:
    """Select what a table has of aggregates that do not exist."""
    return (
        statement.select_from(table)
        .outerjoin(AGGREGATES, AGGREGATES.c.id == table.c.aggregate_id)
        .where(AGGREGATES.c.id.is_(None))
    )
