# SPDX-License-Identifier: Apache-2.0
"""Inserts that count up the rows that are there already."""

import functools
import importlib
from typing import Any

import sqlalchemy as sa


def insert_or_count(
    session: sa.Connection,
    counter: sa.Column[Any],
    rows: list[dict[str, Any]],
) -> int | None:
    """Insert rows; of those present only the counter is changed.

    Either way each row is written, and locked until the transaction ends.
    The table has a primary key of one column. Gives how many rows were not
    there before, where the database tells that by the way.
    """
    statement = _statement(session.dialect.name, counter)
    if session.dialect.name == 'mysql':
        result = session.execute(statement, rows)
        # A row that was there counts as two.
        return 2 * len(rows) - result.rowcount
    if len(rows) == 1:
        session.execute(statement, rows)
    else:
        # Their drivers would send row after row.
        session.execute(statement.values(rows))
    return None


@functools.cache
def _statement(dialect: str, counter: sa.Column[Any]) -> sa.Insert:
    """Make the statement of a table, once."""
    table = counter.table
    # PyMySQL takes parameters in the values alone when there are many rows.
    change = {counter.name: counter + sa.literal_column('1')}
    # With a dialect come all of its drivers, so only the one in use is wanted.
    insert = importlib.import_module(f'sqlalchemy.dialects.{dialect}').insert
    made: sa.Insert
    if dialect == 'mysql':
        made = insert(table).on_duplicate_key_update(**change)
    else:
        made = insert(table).on_conflict_do_update(
            index_elements=list(table.primary_key), set_=change
        )
    return made
