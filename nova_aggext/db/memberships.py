# SPDX-License-Identifier: Apache-2.0
"""Which hosts are in which aggregates, and a little of these aggregates."""

import dataclasses
from collections.abc import Collection
from collections.abc import Iterator
from collections.abc import Mapping

import sqlalchemy as sa

from nova_aggext.db import batches
from nova_aggext.db import models
from nova_aggext.db import records
from nova_aggext.db import texts

AGGREGATES = models.aggregates
HOSTS = models.aggregate_hosts
METADATA = models.aggregate_metadata


@dataclasses.dataclass(frozen=True, slots=True)
class Summary:
    """An aggregate without its hosts."""

    id: int
    uuid: str | None
    name: str
    metadata: Mapping[str, str]

    @property
    def availability_zone(self) -> str | None:
        """The zone is the value of one metadata key."""
        return self.metadata.get(records.ZONE_KEY)


def by_host(
    session: sa.Connection, names: Collection[str] | None = None
) -> dict[str, list[int]]:
    """Read the ids of the aggregates that hosts are in, in their order.

    :param names: of the hosts that are wanted, compared exactly; None: all
    """
    columns = sa.select(HOSTS.c.host, HOSTS.c.aggregate_id)
    found: dict[str, list[int]] = {}
    for condition in _conditions(session.dialect, names):
        statement = columns.where(condition).order_by(HOSTS.c.aggregate_id)
        for host, number in session.execute(statement):
            found.setdefault(host, []).append(number)
    return found


def _conditions(
    dialect: sa.Dialect, names: Collection[str] | None
) -> Iterator[sa.ColumnElement[bool]]:
    if names is None:
        yield HOSTS.c.host.is_not(None)
        return
    for batch in batches.of(names, batches.VALUES):
        yield texts.is_one_of(dialect, HOSTS.c.host, batch)


def zones(session: sa.Connection) -> dict[int, str]:
    """Read the zones of all aggregates that have one."""
    columns = METADATA.c.aggregate_id, METADATA.c.key, METADATA.c.value
    statement = sa.select(*columns).where(METADATA.c.key == records.ZONE_KEY)
    return {
        number: zone
        for number, key, zone in session.execute(statement)
        # The database may have found the key in another case.
        if key == records.ZONE_KEY
    }


def summaries(
    session: sa.Connection, ids: Collection[int]
) -> dict[int, Summary]:
    """Read aggregates of some ids, without their hosts."""
    found: dict[int, Summary] = {}
    metadata: dict[int, dict[str, str]] = {}
    of_keys = METADATA.c.aggregate_id, METADATA.c.key, METADATA.c.value
    of_aggregates = AGGREGATES.c.id, AGGREGATES.c.uuid, AGGREGATES.c.name
    for batch in batches.of(ids, batches.VALUES):
        keys = sa.select(*of_keys).where(METADATA.c.aggregate_id.in_(batch))
        for number, key, value in session.execute(keys):
            metadata.setdefault(number, {})[key] = value
        rows = sa.select(*of_aggregates).where(AGGREGATES.c.id.in_(batch))
        for number, uuid, name in session.execute(rows):
            own = metadata.get(number, {})
            found[number] = Summary(number, uuid, name, own)
    return found
