# SPDX-License-Identifier: Apache-2.0
"""Statements: an explicit session in, frozen data out.

Hosts and metadata are read by statements of their own, never as a product
of both.
"""

import dataclasses
import datetime
import logging
from collections.abc import Collection
from collections.abc import Mapping
from typing import Any

import sqlalchemy as sa
from oslo_db import exception as db_exc

from nova_aggext import exception
from nova_aggext.db import models
from nova_aggext.db import outbox
from nova_aggext.db import prepared
from nova_aggext.db import reading
from nova_aggext.db import records

LOG = logging.getLogger(__name__)

AGGREGATES = models.aggregates
HOSTS = models.aggregate_hosts
METADATA = models.aggregate_metadata
OUTBOX = models.outbox


# Made once: to make a statement takes as long as to send it.
_ONE: sa.BindParameter[int] = sa.bindparam('one')
_NAME: sa.BindParameter[str] = sa.bindparam('name')
_HOST_NAMES: sa.BindParameter[list[str]] = sa.bindparam(
    'hosts', expanding=True
)
_ZONE_ID = (
    sa.select(METADATA.c.id)
    .where(METADATA.c.aggregate_id == _ONE, METADATA.c.key == records.ZONE_KEY)
    .limit(1)
)
_ZONES = (
    sa.select(
        HOSTS.c.host, HOSTS.c.aggregate_id, METADATA.c.key, METADATA.c.value
    )
    .join(METADATA, METADATA.c.aggregate_id == HOSTS.c.aggregate_id)
    .where(HOSTS.c.host.in_(_HOST_NAMES), METADATA.c.key == records.ZONE_KEY)
)
_UUIDS = sa.union_all(
    sa.select(AGGREGATES.c.uuid, HOSTS.c.host)
    .join(HOSTS, HOSTS.c.aggregate_id == AGGREGATES.c.id)
    .where(HOSTS.c.host == _NAME),
    sa.select(AGGREGATES.c.uuid, sa.cast(sa.null(), sa.String(255))).where(
        AGGREGATES.c.uuid.in_(sa.bindparam('uuids', expanding=True))
    ),
    # No host has an empty name.
    sa.select(
        sa.cast(sa.null(), sa.String(36)), sa.literal_column("''")
    ).where(
        OUTBOX.c.stream == sa.bindparam('stream'),
        OUTBOX.c.message_id == sa.bindparam('message_id'),
    ),
)
_OF_KEY = sa.and_(METADATA.c.aggregate_id == _ONE, METADATA.c.key == _NAME)
_INSERT_AGGREGATE = prepared.Prepared(sa.insert(AGGREGATES))
_UPDATE_AGGREGATE = prepared.Prepared(
    sa.update(AGGREGATES).where(AGGREGATES.c.id == _ONE)
)
_DELETE_AGGREGATE = prepared.Prepared(
    sa.delete(AGGREGATES).where(AGGREGATES.c.id == _ONE)
)
_INSERT_METADATA = prepared.Prepared(sa.insert(METADATA))
_UPDATE_METADATA = prepared.Prepared(sa.update(METADATA).where(_OF_KEY))
_DELETE_METADATA = prepared.Prepared(sa.delete(METADATA).where(_OF_KEY))
_DELETE_ALL_METADATA = prepared.Prepared(
    sa.delete(METADATA).where(METADATA.c.aggregate_id == _ONE)
)
_INSERT_HOST = prepared.Prepared(sa.insert(HOSTS))
_DELETE_HOST = prepared.Prepared(
    sa.delete(HOSTS).where(HOSTS.c.aggregate_id == _ONE, HOSTS.c.host == _NAME)
)


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
    if models.is_id(aggregate_id):
        for found in reading.some(session, [aggregate_id]):
            return found
    raise exception.AggregateNotFound(aggregate_id=aggregate_id)


def get_aggregates(
    session: sa.Connection, ids: Collection[int]
) -> list[records.Aggregate]:
    """Read those of some aggregates that there are."""
    return reading.some(session, ids)


def has_zone(session: sa.Connection, aggregate_id: int) -> bool:
    """Say whether an aggregate has a zone, as far as the database cares."""
    if not models.is_id(aggregate_id):
        return False
    return session.scalar(_ZONE_ID, {'one': aggregate_id}) is not None


def zones_of_hosts(
    session: sa.Connection, hosts: Collection[str]
) -> dict[str, dict[int, str]]:
    """Read the zones that hosts are in, as host -> aggregate id -> zone.

    Hosts and the zone's key compare exactly, whatever the database does.
    """
    zones: dict[str, dict[int, str]] = {host: {} for host in hosts}
    for row in session.execute(_ZONES, {'hosts': list(hosts)}):
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
    try:
        number = _INSERT_AGGREGATE.insert(session, values)
    except db_exc.DBDuplicateEntry as error:
        raise exception.AggregateNameExists(aggregate_name=name) from error
    return records.Aggregate(
        id=number,
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
    _DELETE_ALL_METADATA.execute(session, {'one': aggregate_id})
    _DELETE_AGGREGATE.execute(session, {'one': aggregate_id})


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
        _INSERT_HOST.execute(session, values)
    except db_exc.DBDuplicateEntry as error:
        raise exception.AggregateHostExists(
            aggregate_id=aggregate_id, host=host
        ) from error


def delete_host(session: sa.Connection, aggregate_id: int, host: str) -> None:
    """Take a host, known to be in an aggregate, out of it."""
    _DELETE_HOST.execute(session, {'one': aggregate_id, 'name': host})


def insert_metadata(
    session: sa.Connection, aggregate_id: int, values: Mapping[str, str]
) -> None:
    """Add keys that an aggregate does not have.

    :raises MetadataNotStorable: when the database cannot hold a value
    """
    _require_storable(session, values)
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
        _INSERT_METADATA.execute(session, rows)


def update_metadata(
    session: sa.Connection, aggregate_id: int, values: Mapping[str, str]
) -> None:
    """Change keys that an aggregate has.

    :raises MetadataNotStorable: when the database cannot hold a value
    """
    _require_storable(session, values)
    moment = now()
    for key, value in values.items():
        changed = {'value': value, 'updated_at': moment}
        _UPDATE_METADATA.execute(
            session, {'one': aggregate_id, 'name': key, **changed}
        )


def delete_metadata(
    session: sa.Connection, aggregate_id: int, keys: Collection[str]
) -> None:
    """Remove keys that an aggregate has."""
    for key in keys:
        named = {'one': aggregate_id, 'name': key}
        _DELETE_METADATA.execute(session, named)


def _require_storable(
    session: sa.Connection, values: Mapping[str, str]
) -> None:
    """Refuse what PostgreSQL has no place for, and the others have."""
    if session.dialect.name == 'postgresql':
        for key, value in values.items():
            if '\0' in value:
                raise exception.MetadataNotStorable(key=key)


def _update(
    session: sa.Connection, aggregate_id: int, **values: Any
) -> datetime.datetime:
    moment = now()
    _UPDATE_AGGREGATE.execute(
        session,
        {'one': aggregate_id, 'updated_at': moment, **values},
    )
    return moment


@dataclasses.dataclass(frozen=True, slots=True)
class HostUuids:
    """The uuids of the aggregates of a host.

    :ivar wanted: of those that it is in
    :ivar known: of those asked for that are aggregates here
    :ivar seen: whether the message asked for was there
    """

    wanted: frozenset[str]
    known: frozenset[str]
    seen: bool


def uuids_of_host(
    session: sa.Connection,
    host: str,
    others: Collection[str] = (),
    message: outbox.Draft | None = None,
) -> HostUuids:
    """Read the uuids of the aggregates that a host is in.

    One without a uuid is left out, and a line of the log says so.

    :param others: uuids of which to know whether they are aggregates here
    :param message: of the outbox, stored in the transaction of a change: who
        does not see it sees no such change either
    """
    given = {
        'name': host,
        'uuids': list(others),
        'stream': message.stream if message else '',
        'message_id': message.message_id if message else '',
    }
    rows = session.execute(_UUIDS, given).all()
    mine = {uuid for uuid, found in rows if found == host}
    if None in mine:
        LOG.warning('Host %s is in an aggregate that has no uuid', host)
    return HostUuids(
        frozenset(mine - {None}),
        frozenset(uuid for uuid, found in rows if found is None),
        any(found == '' for _, found in rows),
    )


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
