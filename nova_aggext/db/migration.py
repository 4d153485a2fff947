# SPDX-License-Identifier: Apache-2.0
"""The schema: our own migration history beside Nova's."""

import contextlib
import functools
import logging
import time
from collections.abc import Iterable
from collections.abc import Iterator

import sqlalchemy as sa
from alembic import script
from oslo_db import exception as db_exc
from sqlalchemy import exc as sa_exc

from nova_aggext.db import additions
from nova_aggext.db import database as db_database
from nova_aggext.db import schema

LOG = logging.getLogger(__name__)

# Seconds to wait for another process that makes the tables on MariaDB.
_LOCK_SECONDS = 60
# One lock for each database of a server.
_LOCK_NAME = "CONCAT('aggext.', MD5(DATABASE()))"
_LOCK_NUMBER = 0x61676765
_LIVE_NUMBER = _LOCK_NUMBER + 1
# Seconds between two times of asking whether another still makes an index.
_LIVE_PAUSE = 0.5


def sync(database: db_database.Database) -> None:
    """Add what the schema lacks, and say that it is in our version.

    Makes Nova's three tables only where they do not exist and never changes
    them. May be called at any time, by several at once, and again after it
    failed or was killed. A schema of a newer release stays in its version.

    :raises DatabaseUnavailable: when the database is away
    """
    while later := database.alter(_sync):
        database.alter_live(functools.partial(_make_later, later))
    LOG.info('The tables are in version %s, or a newer one', schema.newest())


def _sync(session: db_database.Session) -> list[sa.Index]:
    """Add what is lacking; give what can only be made in no transaction."""
    with _alone(session):
        add = additions.Additions(session)
        history = script.ScriptDirectory(str(schema.MIGRATIONS))
        for revision in reversed(list(history.walk_revisions())):
            revision.module.upgrade(add)
        add.table(
            schema.VERSIONS.name,
            sa.Column('version_num', sa.String(32), primary_key=True),
        )
        if not add.later:
            _remember(session)
    return add.later


def _make_later(
    indexes: Iterable[sa.Index], session: db_database.Session
) -> None:
    """Make indexes, one process at a time.

    Who waits asks now and then: a statement that waits would be waited for
    by the one that makes an index.
    """
    ask = sa.select(sa.func.pg_try_advisory_lock(_LIVE_NUMBER))
    while not session.scalar(ask):
        time.sleep(_LIVE_PAUSE)
    try:
        for index in indexes:
            additions.make_later(session, index)
    finally:
        if not session.invalidated:
            session.execute(
                sa.select(sa.func.pg_advisory_unlock(_LIVE_NUMBER))
            )


def _remember(session: db_database.Session) -> None:
    """Store the version, unless a newer one is there."""
    number, ours = schema.VERSIONS.c.version_num, schema.newest()
    found = set(session.scalars(sa.select(number)))
    older = {one for one in found if not schema.is_at_least(one, ours)}
    if older == found:
        session.execute(sa.insert(schema.VERSIONS).values(version_num=ours))
    if older:
        session.execute(sa.delete(schema.VERSIONS).where(number.in_(older)))


@contextlib.contextmanager
def _alone(session: db_database.Session) -> Iterator[None]:
    """Let one process at a time make tables, where that is possible.

    Where it is not, or takes too long, several may: who loses a race finds
    what the other made. SQLite has one writer at a time anyway.
    """
    kind = session.dialect.name
    if kind == 'postgresql':
        # Until the transaction ends.
        session.execute(sa.select(sa.func.pg_advisory_xact_lock(_LOCK_NUMBER)))
    if kind != 'mysql':
        yield
        return
    # Until the connection ends, if it breaks.
    _ask(session, f'SELECT GET_LOCK({_LOCK_NAME}, {_LOCK_SECONDS})')
    try:
        yield
    finally:
        if not session.invalidated:
            _ask(session, f'SELECT RELEASE_LOCK({_LOCK_NAME})')


def _ask(session: db_database.Session, question: str) -> None:
    """Ask for what a cluster may refuse."""
    try:
        session.execute(sa.text(question))
    except db_exc.DBConnectionError:
        raise
    except (db_exc.DBError, sa_exc.DatabaseError) as error:
        LOG.debug('The database has no such lock: %s', error)
