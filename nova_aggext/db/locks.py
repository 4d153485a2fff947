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
from sqlalchemy import orm
from sqlalchemy.dialects import mysql
from sqlalchemy.dialects import postgresql
from sqlalchemy.dialects import sqlite

from nova_aggext.db import models


def names(session: orm.Session) -> None:
    """Take the lock on the names of all aggregates."""
    _take(session, ['names'])


def aggregate(session: orm.Session, aggregate_id: int) -> None:
    """Take the lock on an aggregate, whether or not it exists."""
    _take(session, [_aggregate(aggregate_id)])


def hosts(session: orm.Session, hosts: Iterable[str]) -> None:
    """Take the locks on what aggregates hosts are in."""
    _take(session, [f'host:{name}' for name in sorted(set(hosts))])


def forget_aggregate(session: orm.Session, aggregate_id: int) -> None:
    """Remove the lock row of an aggregate that was deleted."""
    session.execute(
        sa.delete(models.locks).where(
            models.locks.c.name == _aggregate(aggregate_id)
        )
    )


def _aggregate(aggregate_id: int) -> str:
    return f'aggregate:{aggregate_id}'


def _take(session: orm.Session, names: list[str]) -> None:
    if names:
        rows: list[dict[str, Any]] = [
            {'name': name, 'generation': 1} for name in names
        ]
        session.execute(_upsert(session.get_bind().dialect.name, rows))


def _upsert(dialect: str, rows: list[dict[str, Any]]) -> sa.Insert:
    """Build the insert of lock rows that counts up those already there."""
    following = models.locks.c.generation + 1
    if dialect == 'mysql':
        return (
            mysql.insert(models.locks)
            .values(rows)
            .on_duplicate_key_update(generation=following)
        )
    insert = postgresql.insert if dialect == 'postgresql' else sqlite.insert
    return (
        insert(models.locks)
        .values(rows)
        .on_conflict_do_update(
            index_elements=['name'], set_={'generation': following}
        )
    )
