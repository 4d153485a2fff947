# SPDX-License-Identifier: Apache-2.0
"""Engines as oslo.db makes them, prepared for fewer round trips.

Isolation levels are set when a connection is made, so that they cost no
transaction a round trip and no default of a server matters.
"""

from collections.abc import Callable
from collections.abc import Mapping
from typing import Any

import sqlalchemy as sa
from oslo_db.sqlalchemy import engines as db_engines
from oslo_db.sqlalchemy import exc_filters

from nova_aggext.db import failures
from nova_aggext.db import urls
from nova_aggext.db import watch

# Seconds a writer of SQLite waits for another one.
SQLITE_TIMEOUT = 20

READ_COMMITTED = 'READ COMMITTED'
REPEATABLE_READ = 'REPEATABLE READ'

# What a session is told once. On MariaDB a lock is the first that a writer
# writes, so that it reads no older snapshot.
_LEVELS = {
    'mysql': f'TRANSACTION ISOLATION LEVEL {REPEATABLE_READ}',
    'postgresql': 'CHARACTERISTICS AS TRANSACTION ISOLATION LEVEL '
    f'{READ_COMMITTED}',
}

# Where the pool remembers that the transaction of a connection was committed.
_COMMITTED = 'aggext_committed'

# Options of a group that oslo.db takes as they are.
_OPTIONS = (
    'connection_debug',
    'connection_recycle_time',
    'connection_trace',
    'max_overflow',
    'max_pool_size',
    'mysql_sql_mode',
    'mysql_wsrep_sync_wait',
    'pool_timeout',
    'sqlite_synchronous',
)

Prepare = Callable[[sa.Engine], None]


def chosen(url: sa.URL, options: Mapping[str, Any]) -> dict[str, Any]:
    """Choose from the options of a group what an engine is made with."""
    known = {name: options[name] for name in _OPTIONS}
    if urls.dialect_of(url) == 'sqlite':
        # A file has no pool to wait for, and SQLAlchemy refuses the option.
        del known['pool_timeout']
    return {name: value for name, value in known.items() if value is not None}


def make(
    url: sa.URL, options: Mapping[str, Any], prepare: Prepare
) -> sa.Engine:
    """Make an engine, which does not connect before it is used."""
    made: sa.Engine = db_engines.create_engine(
        url.render_as_string(hide_password=False),
        sqlite_fk=True,
        # Each statement lets other threads run; that is enough.
        thread_checkin=False,
        # Who uses it decides how long to wait.
        max_retries=0,
        **options,
    )
    sa.event.remove(made, 'handle_error', exc_filters.handler)
    sa.event.listen(made, 'handle_error', _filter, retval=True)
    prepare(made)
    limit(made)
    return made


def prepare(engine: sa.Engine) -> None:
    """Prepare an engine for transactions and snapshots."""
    _trust_pool(engine)
    name = engine.dialect.name
    if name == 'sqlite':
        sa.event.listen(engine, 'connect', _prepare_sqlite)
    if name == 'mysql':
        _prepare_mysql(engine)
        _spare_rollbacks(engine.dialect)
    if name == 'postgresql':
        _prepare_postgresql(engine)


def prepare_questions(engine: sa.Engine) -> None:
    """Prepare an engine on which every statement is by itself.

    A connection that is used for transactions as well would have to be told
    each time, and that costs a round trip.
    """
    _trust_pool(engine)
    engine.dialect.do_rollback = _end_nothing  # type: ignore[method-assign]

    def commit_each(connection: Any, _record: Any) -> None:
        engine.dialect.set_isolation_level(connection, 'AUTOCOMMIT')

    sa.event.listen(engine, 'connect', commit_each)
    if engine.dialect.name == 'mysql':
        _prepare_mysql(engine)
    else:
        set_level(engine)


def set_level(engine: sa.Engine) -> None:
    """Let each statement of its own see one committed state.

    The default of a server may be less, or more: then a statement may fail
    because another one came first.
    """
    said = _LEVELS.get(engine.dialect.name)

    def say(connection: Any, _record: Any) -> None:
        with connection.cursor() as cursor:
            cursor.execute(f'SET SESSION {said}')

    if said is not None:
        sa.event.listen(engine, 'connect', say)


def limit(engine: sa.Engine) -> None:
    """Break connections that wait for longer than the URL says."""
    seconds = urls.read_timeout(engine.url)
    if seconds is not None:
        watch.Watch(seconds, urls.place(engine.url)).attach(engine.dialect)


def _filter(context: Any) -> Exception | None:
    """Leave as it is what an operator must mend.

    What oslo.db does not know it logs each time, with a traceback.
    """
    error = context.sqlalchemy_exception
    if error is not None and failures.kind_of(error) in failures.OF_OPERATORS:
        return None
    made: Exception | None = exc_filters.handler(context)
    return made


def _trust_pool(engine: sa.Engine) -> None:
    """Take a connection of the pool for one that works.

    What fails on one that broke meanwhile is tried again on a new one; to
    ask each time whether it did would cost a round trip.
    """
    engine.dialect.do_ping = _believe  # type: ignore[method-assign]


def _believe(dbapi_connection: object) -> bool:
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


def _prepare_mysql(engine: sa.Engine) -> None:
    def say(connection: Any, _record: Any) -> None:
        # MariaDB cuts JSON that it aggregates at this number of bytes.
        with connection.cursor() as cursor:
            cursor.execute(f'SET SESSION group_concat_max_len = {2**30}')

    sa.event.listen(engine, 'connect', say)
    set_level(engine)


def _prepare_postgresql(engine: sa.Engine) -> None:
    """Write at READ COMMITTED; psycopg2 says so when it begins.

    What is to be read at another level sets that on the connection, and the
    pool goes back to what SQLAlchemy takes for the default of the server.
    """
    dialect: Any = engine.dialect

    def say(connection: Any, _record: Any) -> None:
        dialect.set_isolation_level(connection, READ_COMMITTED)

    dialect.get_default_isolation_level = lambda connection: READ_COMMITTED
    sa.event.listen(engine, 'connect', say)


def _prepare_sqlite(connection: Any, _record: Any) -> None:
    connection.execute(f'PRAGMA busy_timeout = {SQLITE_TIMEOUT * 1000}')
    connection.execute('PRAGMA journal_mode = WAL')
