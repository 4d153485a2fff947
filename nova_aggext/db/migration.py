# SPDX-License-Identifier: Apache-2.0
"""The schema: our own migration history beside Nova's."""

from alembic import command
from alembic import config as alembic_config

from nova_aggext.db import database as db_database
from nova_aggext.db import schema


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


def _settings() -> alembic_config.Config:
    settings = alembic_config.Config()
    settings.set_main_option('script_location', str(schema.MIGRATIONS))
    settings.set_main_option('path_separator', 'os')
    return settings
