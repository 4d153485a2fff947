# SPDX-License-Identifier: Apache-2.0
"""Statements: an explicit session in, frozen data out.

Hosts and metadata are read by statements of their own, never as a product
of both.
"""

import datetime
from collections.abc import Collection
from collections.abc import Mapping
from typing import Any

import sqlalchemy as sa
from oslo_db import exception as db_exc

from nova_aggext import exception
from nova_aggext.db import models
from nova_aggext.db import reading
from nova_aggext.db import records

AGGREGATES = models.aggregates
HOSTS = models.aggregate_hosts
METADATA = models.aggregate_metadata

# Largest id that Nova's column holds; a larger one names nothing.
MAX_ID = 2**31 - 1


def now() -> datetime.datetime:
    """Give the time as Nova's columns hold it: UTC, naive, to the second."""
    moment = datetime.datetime.now(datetime.UTC)
    return moment.replace(microsecond=0, tzinfo=None)


def list_aggregates(session: sa.Connection) -> list[records.Aggregate]:
    """Read all aggregates, by id."""
    return reading.every(session)


def list_aggregates_by_host(
    session: sa.Connection, host: str
) -> list[records.Aggregate]:
    """Read the aggregates that a host is in, by id."""
    ids = sa.select(HOSTS.c.aggregate_id).where(HOSTS.c.host == host)
    found = reading.some(session, list(session.scalars(ids)))
    # The database may have found the host in another case.
    return [aggregate for aggregate in found if host in aggregate.hosts]


def get_aggregate(
    session: sa.Connection, aggregate_id: int
) -> records.Aggregate:
    """Read one aggregate.

    :raises AggregateNotFound: when there is none
    """
    if 0 < aggregate_id <= MAX_ID:
        for found in reading.some(session, [aggregate_id]):
            return found
    raise exception.AggregateNotFound(aggregate_id=aggregate_id)


def has_zone(session: sa.Connection, aggregate_id: int) -> bool:
    """Say whether an aggregate has a zone, as far as the database cares."""
    statement = sa.select(METADATA.c.id).where(
        METADATA.c.aggregate_id == aggregate_id,
        METADATA.c.key == records.ZONE_KEY,
    )
    return session.scalar(statement.limit(1)) is not None


def zones_of_hosts(
    session: sa.Connection, hosts: Collection[str]
) -> dict[str, dict[int, str]]:
    """Read the zones that hosts are in, as host -> aggregate id -> zone.

    Hosts and the zone's key compare exactly, whatever the database does.
    """
    zones: dict[str, dict[int, str]] = {host: {} for host in hosts}
    statement = (
        sa.select(
            HOSTS.c.host,
            HOSTS.c.aggregate_id,
            METADATA.c.key,
            METADATA.c.value,
        )
        .join(METADATA, METADATA.c.aggregate_id == HOSTS.c.aggregate_id)
        .where(
            HOSTS.c.host.in_(list(hosts)),
            METADATA.c.key == records.ZONE_KEY,
        )
    )
    for row in session.execute(statement):
        if row.host in zones and row.key == records.ZONE_KEY:
            zones[row.host][row.aggregate_id] = row.value
    return zones


def insert_aggregate(
    session: sa.Connection, uuid: str, name: str
) -> records.Aggregate:
    """Insert an aggregate without hosts and metadata.

    :raises AggregateNameExists: when the name is taken
    """
    moment = now()
    values = {'uuid': uuid, 'name': name, 'created_at': moment}
    statement = sa.insert(AGGREGATES).values(values)
    try:
        result = session.execute(statement)
    except db_exc.DBDuplicateEntry as error:
        raise exception.AggregateNameExists(aggregate_name=name) from error
    (aggregate_id,) = result.inserted_primary_key or (0,)
    return records.Aggregate(
        id=int(aggregate_id),
        uuid=uuid,
        name=name,
        hosts=(),
        metadata={},
        created_at=moment,
        updated_at=None,
    )


def rename_aggregate(
    session: sa.Connection, aggregate_id: int, name: str
) -> datetime.datetime:
    """Give an aggregate another name; gives when that was.

    :raises AggregateNameExists: when the name is taken
    """
    try:
        return _update(session, aggregate_id, name=name)
    except db_exc.DBDuplicateEntry as error:
        raise exception.AggregateNameExists(aggregate_name=name) from error


def touch_aggregate(
    session: sa.Connection, aggregate_id: int
) -> datetime.datetime:
    """Store that an aggregate was changed now; gives when that was."""
    return _update(session, aggregate_id)


def delete_aggregate(session: sa.Connection, aggregate_id: int) -> None:
    """Delete an aggregate without hosts, with its metadata."""
    session.execute(
        sa.delete(METADATA).where(METADATA.c.aggregate_id == aggregate_id)
    )
    session.execute(
        sa.delete(AGGREGATES).where(AGGREGATES.c.id == aggregate_id)
    )


def insert_host(session: sa.Connection, aggregate_id: int, host: str) -> None:
    """Put a host into an aggregate.

    :raises AggregateHostExists: when the database takes it for one that is
        in there already
    """
    values = {
        'aggregate_id': aggregate_id,
        'host': host,
        'created_at': now(),
    }
    try:
        session.execute(sa.insert(HOSTS).values(values))
    except db_exc.DBDuplicateEntry as error:
        raise exception.AggregateHostExists(
            aggregate_id=aggregate_id, host=host
        ) from error


def delete_host(session: sa.Connection, aggregate_id: int, host: str) -> None:
    """Take a host, known to be in an aggregate, out of it."""
    session.execute(
        sa.delete(HOSTS).where(
            HOSTS.c.aggregate_id == aggregate_id, HOSTS.c.host == host
        )
    )


def insert_metadata(
    session: sa.Connection, aggregate_id: int, values: Mapping[str, str]
) -> None:
    """Add keys that an aggregate does not have."""
    if values:
        moment = now()
        rows = [
            {
                'aggregate_id': aggregate_id,
                'key': key,
                'value': value,
                'created_at': moment,
            }
            for key, value in values.items()
        ]
        session.execute(sa.insert(METADATA), rows)


def update_metadata(
    session: sa.Connection, aggregate_id: int, values: Mapping[str, str]
) -> None:
    """Change keys that an aggregate has."""
    for key, value in values.items():
        session.execute(
            sa.update(METADATA)
            .where(_key_is(aggregate_id, key))
            .values(value=value, updated_at=now())
        )


def delete_metadata(
    session: sa.Connection, aggregate_id: int, keys: Collection[str]
) -> None:
    """Remove keys that an aggregate has."""
    for key in keys:
        session.execute(sa.delete(METADATA).where(_key_is(aggregate_id, key)))


def _key_is(aggregate_id: int, key: str) -> sa.ColumnElement[bool]:
    return sa.and_(
        METADATA.c.aggregate_id == aggregate_id, METADATA.c.key == key
    )


def _update(
    session: sa.Connection, aggregate_id: int, **values: Any
) -> datetime.datetime:
    moment = now()
    session.execute(
        sa.update(AGGREGATES)
        .where(AGGREGATES.c.id == aggregate_id)
        .values(updated_at=moment, **values)
    )
    return moment


def uuids_of_host(session: sa.Connection, host: str) -> frozenset[str]:
    """Read the uuids of the aggregates that a host is in."""
    statement = (
        sa.select(AGGREGATES.c.uuid, HOSTS.c.host)
        .join(HOSTS, HOSTS.c.aggregate_id == AGGREGATES.c.id)
        .where(HOSTS.c.host == host)
    )
    rows = session.execute(statement)
    return frozenset(row.uuid for row in rows if row.host == host)


def known_uuids(
    session: sa.Connection, uuids: Collection[str]
) -> frozenset[str]:
    """Give those of the uuids that are aggregates here."""
    statement = sa.select(AGGREGATES.c.uuid).where(
        AGGREGATES.c.uuid.in_(list(uuids))
    )
    return frozenset(session.scalars(statement)) if uuids else frozenset()


def ids_after(
    session: sa.Connection, aggregate_id: int, limit: int
) -> list[int]:
    """Give the next ids of aggregates, in their order."""
    statement = (
        sa.select(AGGREGATES.c.id)
        .where(AGGREGATES.c.id > aggregate_id)
        .order_by(AGGREGATES.c.id)
        .limit(limit)
    )
    return list(session.scalars(statement))
