# SPDX-License-Identifier: Apache-2.0
"""Inserts that count up the rows that are there already."""

import functools
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
    dialect = session.dialect.name
    statement = _statement(dialect, counter)
    if dialect == 'mysql' or len(rows) == 1:
        session.execute(statement, rows)
    else:
        # Their drivers would send row after row.
        session.execute(statement.values(rows))


@functools.cache
def _statement(dialect: str, counter: sa.Column[Any]) -> sa.Insert:
    """Make the statement of a table, once."""
    table = counter.table
    # PyMySQL takes parameters in the values alone when there are many rows.
    change = {counter.name: counter + sa.literal_column('1')}
    if dialect == 'mysql':
        return mysql.insert(table).on_duplicate_key_update(**change)
    insert = postgresql.insert if dialect == 'postgresql' else sqlite.insert
    return insert(table).on_conflict_do_update(
        index_elements=list(table.primary_key), set_=change
    )
