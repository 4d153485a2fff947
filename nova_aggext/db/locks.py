# SPDX-License-Identifier: Apache-2.0
"""Locks: rows of our own, taken by writing them.

A row that is only read ``FOR UPDATE`` locks nothing on the other nodes of a
Galera cluster, which certifies written rows alone. So who wants to change an
aggregate, or the zone of a host, adds one to the generation of its lock row,
as the first statement of the transaction: everyone else waits until that
transaction ends, or fails and is retried.

A transaction takes all of its locks at once, so that nobody can take them in
another order than: one that a request has of its own, the names, aggregates
by id, hosts by name.
"""

from collections.abc import Iterable

import sqlalchemy as sa

from nova_aggext.db import collation
from nova_aggext.db import models
from nova_aggext.db import upserts


def take(
    session: sa.Connection,
    *,
    first: str | None = None,
    names: bool = False,
    aggregates: Iterable[int] = (),
    hosts: Iterable[str] = (),
) -> None:
    """Take locks, in one statement: the first of the transaction.

    :param first: another lock, which comes before these
    :param names: lock the names of all aggregates, where the database does
        not keep them unequal by itself
    :param aggregates: their ids, whether or not they exist
    :param hosts: lock the zones of these
    """
    rows = [
        *([first] if first is not None else []),
        *(['names'] if names and not collation.is_kept(session) else []),
        *(_aggregate(one) for one in sorted(set(aggregates))),
        *(f'host:{one}' for one in sorted(set(hosts))),
    ]
    if rows:
        upserts.insert_or_count(
            session,
            models.locks.c.generation,
            [{'name': row, 'generation': 1} for row in rows],
        )


def forget(
    session: sa.Connection,
    *,
    first: str | None = None,
    aggregates: Iterable[int] = (),
) -> None:
    """Remove lock rows that nobody will take again; they must be held.

    :param first: see ``take``
    :param aggregates: the ids of those that were deleted
    """
    rows = [
        *([first] if first is not None else []),
        *(_aggregate(one) for one in aggregates),
    ]
    if rows:
        session.execute(
            sa.delete(models.locks).where(models.locks.c.name.in_(rows))
        )


def _aggregate(aggregate_id: int) -> str:
    return f'aggregate:{aggregate_id}'
