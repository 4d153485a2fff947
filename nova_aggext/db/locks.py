# SPDX-License-Identifier: Apache-2.0
"""Locks: rows of our own, taken by writing them.

A row that is only read ``FOR UPDATE`` locks nothing on the other nodes of a
Galera cluster, which certifies written rows alone. So who wants to change an
aggregate, or the zone of a host, adds one to the generation of its lock row,
as the first statement of the transaction: everyone else waits until that
transaction ends, or fails and is retried.

All take their locks in one order: the names, aggregates, hosts by name.
"""

from collections.abc import Iterable
from typing import Any

import sqlalchemy as sa

from nova_aggext.db import models
from nova_aggext.db import upserts


def names(session: sa.Connection) -> None:
    """Take the lock on the names of all aggregates."""
    _take(session, ['names'])


def aggregate(
    session: sa.Connection, aggregate_id: int, hosts: Iterable[str] = ()
) -> None:
    """Take the locks on an aggregate and on the zones of hosts.

    Whether or not the aggregate exists.
    """
    names = [f'host:{name}' for name in sorted(set(hosts))]
    _take(session, [_aggregate(aggregate_id), *names])


def forget_aggregate(session: sa.Connection, aggregate_id: int) -> None:
    """Remove the lock row of an aggregate that was deleted."""
    session.execute(
        sa.delete(models.locks).where(
            models.locks.c.name == _aggregate(aggregate_id)
        )
    )


def _aggregate(aggregate_id: int) -> str:
    return f'aggregate:{aggregate_id}'


def _take(session: sa.Connection, names: list[str]) -> None:
    if names:
        rows: list[dict[str, Any]] = [
            {'name': name, 'generation': 1} for name in names
        ]
        upserts.insert_or_count(session, models.locks.c.generation, rows)
