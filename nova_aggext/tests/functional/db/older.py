# SPDX-License-Identifier: Apache-2.0
"""The tables as they were before there was a feed."""

import sqlalchemy as sa

from nova_aggext.db import schema

TABLES = (
    'aggext_change_sets',
    'aggext_marks',
    'aggext_seen',
    'aggext_annotations',
    'aggext_managers',
    'aggext_claims',
)
# Whether there is an index of it.
COLUMNS = {
    ('aggext_changes', 'change_id'): True,
    ('aggext_changes', 'position'): True,
    ('aggext_changes', 'aggregate_name'): False,
    ('aggext_outbox', 'change_id'): True,
}
VERSION = '0003'

_ROW = (
    'INSERT INTO aggext_changes '
    '(changed_at, operation, aggregate_id, "before", "after") '
)
_VALUES = "'2026-01-01 00:00:00', 'test', 1, '{}', '{}'"


def row(dialect: str) -> str:
    """Give the statement by which a change was recorded."""
    return _quoted(f'{_ROW} VALUES ({_VALUES})', dialect)


def go_back(engine: sa.Engine) -> None:
    """Take everything back that came with the feed, and since."""
    on = ' ON {table}' if engine.dialect.name == 'mysql' else ''
    statements = [f'DROP TABLE {name}' for name in TABLES]
    for (table, column), has_index in COLUMNS.items():
        where = on.format(table=table)
        if has_index:
            statements.append(f'DROP INDEX {table}_{column}_idx{where}')
        statements.append(f'ALTER TABLE {table} DROP COLUMN {column}')
    version = schema.VERSIONS.name
    statements.append(f"UPDATE {version} SET version_num = '{VERSION}'")
    with engine.begin() as connection:
        for statement in statements:
            connection.execute(sa.text(statement))


def fill(engine: sa.Engine, count: int) -> None:
    """Record so many changes."""
    numbers = f'generate_series(1, {count})'
    if engine.dialect.name == 'mysql':
        numbers = f'seq_1_to_{count}'
    statement = f'{_ROW} SELECT {_VALUES} FROM {numbers}'
    with engine.begin() as connection:
        connection.execute(sa.text(_quoted(statement, engine.dialect.name)))


def _quoted(statement: str, dialect: str) -> str:
    return statement.replace('"', '`') if dialect == 'mysql' else statement
