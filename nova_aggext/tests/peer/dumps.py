# SPDX-License-Identifier: Apache-2.0
"""MariaDB databases as SQL text: to copy them, and to compare them."""

from collections.abc import Collection

import sqlalchemy as sa

# Text is compared as it is stored, numbers and times as they are written.
_HEAD = 'SET FOREIGN_KEY_CHECKS = 0'


def engine(url: str | sa.URL) -> sa.Engine:
    """Return an engine that runs several statements at once."""
    # CLIENT.MULTI_STATEMENTS of PyMySQL.
    return sa.create_engine(
        url,
        isolation_level='AUTOCOMMIT',
        connect_args={'client_flag': 1 << 16},
    )


def dump(source: sa.Engine, without: Collection[str] = ()) -> str:
    """Return the statements that make all tables with all rows.

    :param without: names of tables that are left out
    """
    statements = [_HEAD]
    with source.connect() as connection:
        tables = connection.scalars(sa.text('SHOW TABLES'))
        for table in sorted(set(tables) - set(without)):
            statements += _statements(connection, table)
    return ';\n'.join(statements)


def load(target: sa.Engine, text: str) -> None:
    """Run the statements of a dump."""
    connection = target.raw_connection()
    try:
        cursor = connection.cursor()
        cursor.execute(text)
        while cursor.nextset():
            pass
    finally:
        connection.close()


def _statements(connection: sa.Connection, table: str) -> list[str]:
    """Return what makes one table."""
    shown = connection.execute(sa.text(f'SHOW CREATE TABLE `{table}`'))
    rows = connection.execute(sa.text(f'SELECT * FROM `{table}`'))
    literal = connection.connection.driver_connection.literal  # type: ignore
    insert = f'INSERT INTO `{table}` VALUES '
    return [
        shown.one()[1],
        *(insert + str(literal(tuple(row))) for row in rows),
    ]
