# SPDX-License-Identifier: Apache-2.0
"""The schema: our own migration history beside Nova's."""

import pathlib
from collections.abc import Iterable

import sqlalchemy as sa
from alembic import command
from alembic import config as alembic_config
from alembic import script
from alembic.runtime import migration

from nova_aggext import exception
from nova_aggext.db import database as db_database
from nova_aggext.db import models

VERSION_TABLE = 'alembic_version_aggext'
_FOLDER = pathlib.Path(__file__).parent / 'migrations'


def sync(database: db_database.Database) -> None:
    """Bring the schema to the newest version.

    Makes Nova's three tables only where they do not exist and never changes
    them.

    :raises DatabaseUnavailable: when the database is away
    """

    def work(session: db_database.Session) -> None:
        settings = _settings()
        settings.attributes['connection'] = session
        command.upgrade(settings, 'head')

    database.write(work)


def version(database: db_database.Database) -> str | None:
    """Give the version the schema is in; None where it was never made."""

    def work(session: db_database.Session) -> str | None:
        context = migration.MigrationContext.configure(
            session, opts={'version_table': VERSION_TABLE}
        )
        return context.get_current_revision()

    return database.read(work)


def newest() -> str:
    """Give the version that this release of the package wants."""
    head = script.ScriptDirectory.from_config(_settings()).get_current_head()
    return str(head)


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


def _settings() -> alembic_config.Config:
    settings = alembic_config.Config()
    settings.set_main_option('script_location', str(_FOLDER))
    settings.set_main_option('path_separator', 'os')
    return settings
