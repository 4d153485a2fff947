# SPDX-License-Identifier: Apache-2.0
"""Finds aggregates by what a request names, and what is around them."""

from collections.abc import Collection

import sqlalchemy as sa

from nova_aggext.db import batches
from nova_aggext.db import models
from nova_aggext.db import reading
from nova_aggext.db import records

AGGREGATES = models.aggregates
HOSTS = models.aggregate_hosts
METADATA = models.aggregate_metadata


def find(
    session: sa.Connection,
    *,
    ids: Collection[int] = (),
    uuids: Collection[str] = (),
    names: Collection[str] = (),
    hosts: Collection[str] = (),
) -> list[records.Aggregate]:
    """Read aggregates of some ids, uuids or names, and those of some hosts.

    They come with their annotations.

    The database may take a name, or a host, for another one: there may be
    more of them than were asked for.
    """
    found = set(ids)
    for column, values in (
        (AGGREGATES.c.uuid, uuids),
        (AGGREGATES.c.name, names),
    ):
        for batch in batches.of(values, batches.VALUES):
            wanted = sa.select(AGGREGATES.c.id).where(column.in_(batch))
            found.update(session.scalars(wanted))
    for batch in batches.of(hosts, batches.VALUES):
        members = sa.select(HOSTS.c.aggregate_id).where(
            HOSTS.c.host.in_(batch)
        )
        found.update(session.scalars(members.distinct()))
    return reading.some(session, sorted(found), annotated=True)


def with_key(
    session: sa.Connection, hosts: Collection[str], prefix: str
) -> dict[str, frozenset[int]]:
    """Give the aggregates of hosts that have metadata with a prefix."""
    found: dict[str, set[int]] = {}
    for batch in batches.of(hosts, batches.VALUES):
        rows = (
            sa.select(HOSTS.c.host, HOSTS.c.aggregate_id, METADATA.c.key)
            .join(METADATA, METADATA.c.aggregate_id == HOSTS.c.aggregate_id)
            .where(
                HOSTS.c.host.in_(batch),
                METADATA.c.key.startswith(prefix, autoescape=True),
            )
        )
        for host, number, key in session.execute(rows):
            if key.startswith(prefix):
                found.setdefault(host, set()).add(number)
    return {host: frozenset(ids) for host, ids in found.items()}


def used_zones(
    session: sa.Connection, zones: Collection[str], but: Collection[int]
) -> frozenset[str]:
    """Give those of some zones that aggregates with hosts have.

    :param but: aggregates that do not count
    """
    if not zones:
        return frozenset()
    rows = (
        sa.select(METADATA.c.value, METADATA.c.aggregate_id, METADATA.c.key)
        .join(HOSTS, HOSTS.c.aggregate_id == METADATA.c.aggregate_id)
        .where(METADATA.c.key == records.ZONE_KEY, METADATA.c.value.in_(zones))
        .distinct()
    )
    return frozenset(
        value
        for value, number, key in session.execute(rows)
        if number not in but and key == records.ZONE_KEY
    )
