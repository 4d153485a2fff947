# SPDX-License-Identifier: Apache-2.0
"""Inserts that change the rows that are there already."""

import functools
import importlib
from typing import Any

import sqlalchemy as sa

from nova_aggext.db import prepared


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
    if session.dialect.name == 'mysql':
        result = _mysql(counter).execute(session, rows)
        # A row that was there counts as two.
        return 2 * len(rows) - result.rowcount
    statement = _standard(session.dialect.name, counter)
    if len(rows) == 1:
        session.execute(statement, rows)
    else:
        # Their drivers would send row after row.
        session.execute(statement.values(rows))
    return None


def insert_or_replace(
    session: sa.Connection, table: sa.Table, rows: list[dict[str, Any]]
) -> None:
    """Insert rows by one statement; those present get all of the new values.

    The table has a primary key of one column, and no other unique key.
    """
    name = session.dialect.name
    dialect = importlib.import_module(f'sqlalchemy.dialects.{name}')
    insert = dialect.insert(table).values(rows)
    given = insert.inserted if name == 'mysql' else insert.excluded
    key = list(table.primary_key)
    values = {one.name: given[one.name] for one in table.c if one not in key}
    session.execute(
        insert.on_duplicate_key_update(**values)
        if name == 'mysql'
        else insert.on_conflict_do_update(index_elements=key, set_=values)
    )


# Made once for each table. With a dialect come all of its drivers, so only the
# one in use is imported.


@functools.cache
def _mysql(counter: sa.Column[Any]) -> prepared.Prepared:
    dialect = importlib.import_module('sqlalchemy.dialects.mysql')
    insert = dialect.insert(counter.table)
    return prepared.Prepared(insert.on_duplicate_key_update(**_more(counter)))


@functools.cache
def _standard(dialect: str, counter: sa.Column[Any]) -> sa.Insert:
    """Make the statement of PostgreSQL, which is that of SQLite too."""
    module = importlib.import_module(f'sqlalchemy.dialects.{dialect}')
    made: sa.Insert = module.insert(counter.table).on_conflict_do_update(
        index_elements=list(counter.table.primary_key), set_=_more(counter)
    )
    return made


def _more(counter: sa.Column[Any]) -> dict[str, Any]:
    # PyMySQL takes parameters in the values alone when there are many rows.
    return {counter.name: counter + sa.literal_column('1')}
