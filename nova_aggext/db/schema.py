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
    return database.read(_version)


def newest() -> str:
    """Give the version that this release of the package wants.

    It is the number that the name of the last migration begins with.
    """
    names = (MIGRATIONS / 'versions').glob('[0-9]*_*.py')
    return max(path.name.partition('_')[0] for path in names)


def is_at_least(present: str, wanted: str) -> bool:
    """Say whether a version is another one, or newer."""
    return present.isdecimal() and int(present) >= int(wanted)


def require_current(database: db_database.Database) -> None:
    """Refuse to work on a schema that lacks something.

    One of a newer release is none: migrations only add.

    :raises ConfigurationError: which names the command to run
    """

    def work(session: db_database.Session) -> None:
        present, wanted = _version(session), newest()
        if not is_at_least(present or '', wanted):
            raise _outdated(f'is in version {present}, {wanted} is wanted')
        lacking = _lacking(session, models.OWN_TABLES)
        if lacking:
            raise _outdated(f'lacks {lacking}')

    database.read(work)


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
    lacking = database.read(lambda session: _lacking(session, tables))
    if lacking:
        raise exception.ConfigurationError(
            reason=f'The database lacks {lacking}; is it of a supported Nova?'
        )


def _version(session: db_database.Session) -> str | None:
    if not sa.inspect(session).has_table(VERSIONS.name):
        return None
    found = session.scalars(sa.select(VERSIONS.c.version_num))
    return max(found, default=None)


def _lacking(
    session: db_database.Session, tables: Iterable[sa.Table]
) -> str | None:
    """Say what the first table lacks that lacks something."""
    wanted = {table.name: table for table in tables}
    present = sa.inspect(session).get_multi_columns(filter_names=[*wanted])
    found = {name: columns for (_, name), columns in present.items()}
    for name, table in wanted.items():
        if name not in found:
            return f'the table {name}'
        missing = {*table.columns.keys()} - {
            one['name'] for one in found[name]
        }
        if missing:
            return f'in {name} {", ".join(sorted(missing))}'
    return None


def _outdated(what: str) -> exception.ConfigurationError:
    return exception.ConfigurationError(
        reason=f'The database {what} of the aggext tables: '
        'run "nova-aggext-manage db sync".'
    )
