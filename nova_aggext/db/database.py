# SPDX-License-Identifier: Apache-2.0
"""A database: engines, and transactions that are retried."""

import sqlite3
import time
from collections.abc import Callable
from collections.abc import Mapping
from typing import Any, TypeVar

import sqlalchemy as sa
from oslo_config import cfg
from oslo_db import api as db_api
from oslo_db import exception as db_exc
from oslo_db.sqlalchemy import enginefacade
from sqlalchemy import exc as sa_exc

from nova_aggext import exception
from nova_aggext.db import engines

T = TypeVar('T')

# A connection in a transaction; what layers above hand back to the queries
# without looking into it.
Session = sa.Connection

# A transaction that lost against another one is tried again this often, and
# not when it failed later than so many seconds after the first try began.
MAX_RETRIES = 30
MAX_RETRY_SECONDS = 30

# Said with the statement that begins a transaction.
_SNAPSHOT: Mapping[str, Any] = {
    'isolation_level': 'REPEATABLE READ',
    'postgresql_readonly': True,
}

# The number of MariaDB's error of who waited too long for a lock.
_LOCK_WAIT_TIMEOUT = 1205

# Options of the group that enginefacade takes as they are.
_ENGINE_OPTIONS = (
    'connection',
    'connection_debug',
    'connection_parameters',
    'connection_recycle_time',
    'connection_trace',
    'max_overflow',
    'max_pool_size',
    'max_retries',
    'mysql_sql_mode',
    'mysql_wsrep_sync_wait',
    'pool_timeout',
    'retry_interval',
    'slave_connection',
    'sqlite_synchronous',
)


class Database:
    """The database of one option group, with a pool of connections.

    Isolation: a write begins with the lock rows it needs (see ``locks``), so
    READ COMMITTED is enough on PostgreSQL and the default REPEATABLE READ
    has no older snapshot on MariaDB. A read sees one snapshot.

    Nothing connects before the first use.
    """

    def __init__(
        self, conf: cfg.ConfigOpts, group: str = 'api_database'
    ) -> None:
        """Take the options of ``group``.

        :raises ConfigurationError: when no connection is configured, or one
            that no driver is installed for
        """
        self.group = group
        options = conf[group]
        if not options.connection:
            raise exception.ConfigurationError(
                reason=f'No database is configured; see [{group}] connection.'
            )
        _require_driver(options.connection, group)
        chosen = _engine_options(options)
        self._facade = _facade(engines.prepare, chosen)
        self._questions = self._facade
        if not options.connection.startswith('sqlite'):
            # The first question is not what waits for a database.
            alone = {**chosen, 'slave_connection': None, 'max_retries': 0}
            self._questions = _facade(engines.prepare_questions, alone)

    def write(self, work: Callable[[Session], T]) -> T:
        """Run ``work`` in a transaction, commit, and give what it gave.

        The work is run again when another transaction won, so it must have
        no effect but on the session.

        :raises DatabaseUnavailable: when the database is away, or others won
            every time; nothing is changed. Only when the connection breaks
            during the commit itself nobody knows.
        """
        return self._guarded(self._write, work)

    def read(
        self, work: Callable[[Session], T], *, replica: bool = False
    ) -> T:
        """Run ``work`` on one snapshot that it must not change.

        :param replica: where ``slave_connection`` is set, read there; what is
            read may be older than what was told before
        :raises DatabaseUnavailable: when the database is away
        """
        return self._guarded(self._look if replica else self._read, work)

    def ask(self, question: Callable[[Session], T]) -> T:
        """Run a question of one statement, which needs no transaction.

        :raises DatabaseUnavailable: when the database is away
        """
        return self._guarded(self._ask, question)

    def close(self) -> None:
        """Close every connection."""
        for one in {self._facade, self._questions}:
            one.dispose_pool()

    def _write(self, work: Callable[[Session], T], tries: '_Tries') -> T:
        with self._facade.writer.get_engine().begin() as session:
            given = work(session)
            tries.committing = True
        return given

    def _read(self, work: Callable[[Session], T], _tries: '_Tries') -> T:
        return _on_snapshot(self._facade.writer.get_engine(), work)

    def _look(self, work: Callable[[Session], T], _tries: '_Tries') -> T:
        return _on_snapshot(self._facade.reader.get_engine(), work)

    def _ask(self, question: Callable[[Session], T], _tries: '_Tries') -> T:
        with self._questions.writer.get_engine().connect() as session:
            return question(session)

    def _guarded(
        self,
        run: Callable[[Callable[[Session], T], '_Tries'], T],
        work: Callable[[Session], T],
    ) -> T:
        tries = _Tries()
        retry = db_api.wrap_db_retry(
            max_retries=MAX_RETRIES,
            retry_interval=0.02,
            max_retry_interval=1,
            jitter=True,
            exception_checker=tries.may_go_on,
        )
        try:
            given: T = retry(run)(work, tries)
            return given
        except (
            db_exc.DBConnectionError,
            db_exc.DBDeadlock,
            db_exc.DBNonExistentDatabase,
            sa_exc.TimeoutError,
        ) as error:
            raise self._unavailable(error) from error
        except (db_exc.DBError, sa_exc.OperationalError) as error:
            if _is_lost_race(error) or _is_operational(error):
                raise self._unavailable(error) from error
            raise

    def _unavailable(self, error: Exception) -> exception.DatabaseUnavailable:
        # The text of the error may hold the URL; its class does not.
        return exception.DatabaseUnavailable(
            reason=type(error).__name__, group=self.group
        )


def _facade(
    prepare: Callable[[sa.Engine], None], options: Mapping[str, Any]
) -> Any:
    """Make a facade of oslo.db, with a pool of connections of its own."""
    made = enginefacade.transaction_context()
    made.append_on_engine_create(prepare)
    made.configure(
        sqlite_fk=True,
        # Each statement lets other threads run; that is enough.
        thread_checkin=False,
        synchronous_reader=False,
        **options,
    )
    return made


def _require_driver(url: str, group: str) -> None:
    try:
        sa.make_url(url).get_dialect().import_dbapi()
    except (sa_exc.ArgumentError, ImportError) as error:
        # The text of the error may hold the URL; its class does not.
        raise exception.ConfigurationError(
            reason=f'[{group}] connection is no URL of a database that a '
            f'driver is installed for ({type(error).__name__}).'
        ) from error


class _Tries:
    """Decides whether a transaction that failed is tried again.

    :ivar committing: set when the commit began
    """

    def __init__(self) -> None:
        self.committing = False
        self._was_lost = False
        self._since = time.monotonic()
        self._deadline = self._since + MAX_RETRY_SECONDS

    def may_go_on(self, error: BaseException) -> bool:
        """Say whether to try again, beginning anew then."""
        committing, self.committing = self.committing, False
        now = time.monotonic()
        lasted, self._since = now - self._since, now
        if isinstance(error, db_exc.DBConnectionError):
            # A commit whose answer was lost may have been done.
            again = not (self._was_lost or committing)
            self._was_lost = True
            return again
        if _is_lock_timeout(error, lasted):
            return False
        return _is_lost_race(error) and now < self._deadline


def _engine_options(options: cfg.ConfigOpts.GroupAttr) -> dict[str, Any]:
    chosen = {name: getattr(options, name) for name in _ENGINE_OPTIONS}
    if options.connection.startswith('sqlite'):
        # A file has no pool to wait for, and SQLAlchemy refuses the option.
        del chosen['pool_timeout']
    return {name: value for name, value in chosen.items() if value is not None}


def _is_lost_race(error: BaseException) -> bool:
    """Say whether another writer came first, and a repeat would see that.

    Writers of ours wait for each other's locks. A Nova process without the
    filter does not, so a key may be there already, or a row referred to gone.
    """
    return isinstance(
        error,
        (
            db_exc.DBDeadlock,
            db_exc.DBDuplicateEntry,
            db_exc.DBReferenceError,
        ),
    ) or _is_sqlite_busy(error)


def _is_lock_timeout(error: BaseException, lasted: float) -> bool:
    """Say whether the database let it wait for a lock as long as it does.

    Who waited that long is not to wait as long again. SQLite also fails at
    once, where it would wait in vain.

    :param lasted: how long the transaction took, in seconds
    """
    if _is_sqlite_busy(error):
        return lasted >= engines.SQLITE_TIMEOUT
    numbers = getattr(_original(error), 'args', ())
    return numbers[:1] == (_LOCK_WAIT_TIMEOUT,)


def _is_sqlite_busy(error: BaseException) -> bool:
    """Say whether SQLite gave up waiting for another writer."""
    original = _original(error)
    return isinstance(original, sqlite3.OperationalError) and (
        'locked' in str(original)
    )


def _original(error: BaseException) -> object:
    """Give the error of the driver, wrapped by oslo.db or SQLAlchemy only."""
    inner = getattr(error, 'inner_exception', None) or error
    return getattr(inner, 'orig', inner)


def _is_operational(error: BaseException) -> bool:
    """Say whether the server is to blame, for what reason ever.

    The reasons that oslo.db does not know: a wrong password, a lock that was
    waited for too long on PostgreSQL, a server that shuts down or is read
    only. SQLite reports wrong statements in the same way.
    """
    return isinstance(error, sa_exc.OperationalError) and (
        error.statement is None
        or not isinstance(error.orig, sqlite3.OperationalError)
    )


def _on_snapshot(engine: sa.Engine, work: Callable[[Session], T]) -> T:
    """Read in the transaction that the first statement begins.

    To begin one with a statement of its own would cost a round trip.
    """
    with engine.connect() as session:
        if session.dialect.name == 'postgresql':
            # The others let all statements see one state by default.
            session.execution_options(**_SNAPSHOT)
        return work(session)
