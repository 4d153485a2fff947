# SPDX-License-Identifier: Apache-2.0
"""Statements: an explicit session in, frozen data out.

Hosts and metadata are read by statements of their own, never as a product
of both.
"""

import dataclasses
import datetime
import logging
from collections.abc import Collection

import sqlalchemy as sa

from nova_aggext import exception
from nova_aggext.db import batches
from nova_aggext.db import models
from nova_aggext.db import outbox
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


def now() -> datetime.datetime:
    """Give the time as Nova's columns hold it: UTC, naive, to the second."""
    moment = datetime.datetime.now(datetime.UTC)
    return moment.replace(microsecond=0, tzinfo=None)


def list_aggregates(
    session: sa.Connection, owner: str | None = None
) -> list[records.Aggregate]:
    """Read all aggregates, by id.

    :param owner: only those that this project owns
    """
    if owner is None:
        return reading.every(session)
    return reading.some(session, reading.owned(session, owner))


def list_aggregates_by_host(
    session: sa.Connection, host: str
) -> list[records.Aggregate]:
    """Read the aggregates that a host is in, by id."""
    criteria = reading.Criteria(host=host)
    return reading.some(session, reading.select(session, criteria))


def get_aggregate(
    session: sa.Connection, aggregate_id: int, *, annotated: bool = False
) -> records.Aggregate:
    """Read one aggregate.

    :param annotated: with its annotations
    :raises AggregateNotFound: when there is none
    """
    for found in reading.some(session, [aggregate_id], annotated=annotated):
        return found
    raise exception.AggregateNotFound(aggregate_id=aggregate_id)


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
    for batch in batches.of(hosts, batches.VALUES):
        for row in session.execute(_ZONES, {'hosts': batch}):
            if row.host in zones and row.key == records.ZONE_KEY:
                zones[row.host][row.aggregate_id] = row.value
    return zones


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
