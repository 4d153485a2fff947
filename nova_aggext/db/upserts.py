# SPDX-License-Identifier: Apache-2.0
"""Inserts that count up the rows that are there already."""

from typing import Any

import sqlalchemy as sa
from sqlalchemy.dialects import mysql
from sqlalchemy.dialects import postgresql
from sqlalchemy.dialects import sqlite


def insert_or_count(
    session: sa.Connection,
    counter: sa.Column[Any],
    rows: list[dict[str, Any]],
) -> None:
    """Insert rows; of those present only the counter is changed.

    Either way each row is written, and locked until the transaction ends.
    The table has a primary key of one column.
    """
    session.execute(_statement(session, counter, rows))


def _statement(
    session: sa.Connection, counter: sa.Column[Any], rows: list[dict[str, Any]]
) -> sa.Insert:
    table = counter.table
    change = {counter.name: counter + 1}
    dialect = session.dialect.name
    if dialect == 'mysql':
        return (
            mysql.insert(table).values(rows).on_duplicate_key_update(**change)
        )
    insert = postgresql.insert if dialect == 'postgresql' else sqlite.insert
    return (
        insert(table)
        .values(rows)
        .on_conflict_do_update(
            index_elements=list(table.primary_key), set_=change
        )
    )
