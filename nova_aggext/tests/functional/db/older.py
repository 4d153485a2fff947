# SPDX-License-Identifier: Apache-2.0
"""The tables as they were before there was a feed."""

import sqlalchemy as sa

from nova_aggext.db import schema

TABLES = (
    'aggext_change_sets',
    'aggext_marks',
    'aggext_seen',
    'aggext_annotations',
)
COLUMNS = (
    ('aggext_changes', 'change_id'),
    ('aggext_changes', 'position'),
    ('aggext_outbox', 'change_id'),
)
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
    for table, column in COLUMNS:
        where = on.format(table=table)
        statements += [
            f'DROP INDEX {table}_{column}_idx{where}',
            f'ALTER TABLE {table} DROP COLUMN {column}',
        ]
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
