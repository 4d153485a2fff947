# SPDX-License-Identifier: Apache-2.0
"""Engines as oslo.db makes them, prepared for fewer round trips."""

from typing import Any

import sqlalchemy as sa

# Seconds a writer of SQLite waits for another one.
SQLITE_TIMEOUT = 20

# Where the pool remembers that the transaction of a connection was committed.
_COMMITTED = 'aggext_committed'


def prepare(engine: sa.Engine) -> None:
    """Prepare an engine that was just made."""
    # What fails on a connection that broke meanwhile is tried again on a new
    # one; to ask each time whether it did would cost a round trip.
    engine.dialect.do_ping = _believe  # type: ignore[method-assign]
    if engine.dialect.name == 'sqlite':
        sa.event.listen(engine, 'connect', _prepare_sqlite)
    if engine.dialect.name == 'mysql':
        sa.event.listen(engine, 'connect', _prepare_mysql)
        _spare_rollbacks(engine.dialect)


def prepare_questions(engine: sa.Engine) -> None:
    """Prepare an engine on which every statement is by itself.

    A connection that is used for transactions as well would have to be told
    each time, and that costs a round trip.
    """
    engine.dialect.do_ping = _believe  # type: ignore[method-assign]
    engine.dialect.do_rollback = _end_nothing  # type: ignore[method-assign]
    if engine.dialect.name == 'mysql':
        sa.event.listen(engine, 'connect', _prepare_mysql)

    def commit_each(connection: Any, _record: Any) -> None:
        engine.dialect.set_isolation_level(connection, 'AUTOCOMMIT')

    sa.event.listen(engine, 'connect', commit_each)


def _believe(dbapi_connection: object) -> bool:
    """Take a connection of the pool for one that works."""
    return True


def _end_nothing(dbapi_connection: object) -> None:
    """End no transaction, where there is none."""


def _spare_rollbacks(dialect: Any) -> None:
    """Roll nothing back that was committed.

    A pool does, for every connection that comes back to it, and drivers of
    MySQL ask the server even where no transaction is open.
    """
    begin, commit = dialect.do_begin, dialect.do_commit
    rollback = dialect.do_rollback

    def do_begin(connection: Any) -> None:
        connection.record_info.pop(_COMMITTED, None)
        begin(connection)

    def do_commit(connection: Any) -> None:
        commit(connection)
        connection.record_info[_COMMITTED] = True

    def do_rollback(connection: Any) -> None:
        if not connection.record_info.pop(_COMMITTED, False):
            rollback(connection)

    dialect.do_begin = do_begin
    dialect.do_commit = do_commit
    dialect.do_rollback = do_rollback


def _prepare_mysql(connection: Any, _record: Any) -> None:
    # MariaDB cuts JSON that it aggregates at this number of bytes.
    with connection.cursor() as cursor:
        cursor.execute(f'SET SESSION group_concat_max_len = {2**30}')


def _prepare_sqlite(connection: Any, _record: Any) -> None:
    connection.execute(f'PRAGMA busy_timeout = {SQLITE_TIMEOUT * 1000}')
    connection.execute('PRAGMA journal_mode = WAL')
