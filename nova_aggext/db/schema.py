# SPDX-License-Identifier: Apache-2.0
"""What the schema is like: its version, and the tables it must have.

Apart from the migrations themselves, so that a server need not carry them.
"""

import pathlib
from collections.abc import Iterable

import sqlalchemy as sa

from nova_aggext import exception
from nova_aggext.db import database as db_database
from nova_aggext.db import models

MIGRATIONS = pathlib.Path(__file__).parent / 'migrations'

VERSIONS = sa.table(
    'alembic_version_aggext', sa.column('version_num', sa.String)
)


def version(database: db_database.Database) -> str | None:
    """Give the version the schema is in; None where it was never made."""

    def work(session: db_database.Session) -> str | None:
        if not sa.inspect(session).has_table(VERSIONS.name):
            return None
        found: str | None = session.scalar(sa.select(VERSIONS.c.version_num))
        return found

    return database.read(work)


def newest() -> str:
    """Give the version that this release of the package wants.

    It is the number that the name of the last migration begins with.
    """
    names = (MIGRATIONS / 'versions').glob('[0-9]*_*.py')
    return max(path.name.partition('_')[0] for path in names)


def require_current(database: db_database.Database) -> None:
    """Refuse to work on a schema that is missing or of another version.

    :raises ConfigurationError: which names the command to run
    """
    present = version(database)
    if present != newest():
        raise exception.ConfigurationError(
            reason=(
                f'The database is in version {present} of the aggext tables, '
                f'{newest()} is wanted: run "nova-aggext-manage db sync".'
            )
        )


def require_nova_tables(database: db_database.Database) -> None:
    """Check that a Nova has made its tables of aggregates.

    :raises ConfigurationError: which names the command to run
    """

    def work(session: db_database.Session) -> None:
        inspector = sa.inspect(session)
        for table in models.NOVA_TABLES:
            if not inspector.has_table(table.name):
                raise exception.ConfigurationError(
                    reason=(
                        f'The database lacks the table {table.name} of Nova: '
                        'run "nova-manage api_db sync" first.'
                    )
                )

    database.read(work)


def require_nova_columns(database: db_database.Database) -> None:
    """Check that Nova's tables of aggregates have the columns we use.

    :raises ConfigurationError: which names a table and what it lacks
    """
    require_columns(database, models.NOVA_TABLES)


def require_columns(
    database: db_database.Database, tables: Iterable[sa.Table]
) -> None:
    """Check that tables of a Nova have the columns that are used.

    :raises ConfigurationError: which names a table and what it lacks
    """

    def work(session: db_database.Session) -> None:
        inspector = sa.inspect(session)
        for table in tables:
            if not inspector.has_table(table.name):
                raise _lacks('the table', table.name)
            found = {one['name'] for one in inspector.get_columns(table.name)}
            missing = {column.name for column in table.columns} - found
            if missing:
                raise _lacks(f'in {table.name}', ', '.join(sorted(missing)))

    database.read(work)


def _lacks(where: str, what: str) -> exception.ConfigurationError:
    return exception.ConfigurationError(
        reason=f'The database lacks {where} {what}; is it of a supported Nova?'
    )
