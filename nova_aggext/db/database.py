# SPDX-License-Identifier: Apache-2.0
"""A database: transactions, snapshots and questions, tried again."""

import contextlib
import functools
from collections.abc import Callable
from typing import TypeVar

import sqlalchemy as sa
from oslo_config import cfg

from nova_aggext import exception
from nova_aggext.db import engines
from nova_aggext.db import pools
from nova_aggext.db import replicas
from nova_aggext.db import retries
from nova_aggext.db import servers
from nova_aggext.db import snapshots
from nova_aggext.db import spans as db_spans
from nova_aggext.db import urls

T = TypeVar('T')

# A connection in a transaction; what layers above hand back to the queries
# without looking into it.
Session = sa.Connection
Work = Callable[[Session], T]

# Seconds a replica may take for an answer, since the primary may have one.
_REPLICA_TIMEOUT = 10


class Database:
    """The database of one option group, with pools of connections.

    Isolation: a write begins with the lock rows it needs (see ``locks``), so
    READ COMMITTED is enough on PostgreSQL and REPEATABLE READ has no older
    snapshot on MariaDB. A read sees one snapshot.

    Nothing connects before the first use. That one waits for a server that
    is about to start; others do not.
    """

    def __init__(
        self,
        conf: cfg.ConfigOpts,
        group: str = 'api_database',
        *,
        logs_start: bool = False,
        again: servers.Again = servers.untold,
        spans: db_spans.Spans | None = None,
    ) -> None:
        """Take the options of ``group``.

        :param logs_start: log also what goes wrong before it ever worked;
            who starts a process on it says so itself
        :param again: learns of what is tried again; see ``servers.Server``
        :param spans: learns of each statement
        :raises ConfigurationError: when no connection is configured, or one
            that no driver is installed for
        """
        self.group = group
        self._options = options = conf[group]
        option = f'[{group}] connection'
        if not options.connection:
            raise exception.ConfigurationError(
                reason=f'No database is configured; see {option}.'
            )
        self._url = self._configured('connection')
        start = retries.Start(options.max_retries, options.retry_interval)
        self._server = servers.Server(self._url, option, start, again=again)
        self._reports = servers.Reports(self._url)
        self._logs_start = logs_start
        self._spans = spans
        self._engine = self._make(self._url, engines.prepare)
        self._questions = self._engine
        if urls.dialect_of(self._url) != 'sqlite':
            self._questions = self._make(self._url, engines.prepare_questions)
        self._replica: replicas.Replica | None = None
        if options.slave_connection:
            url = self._configured('slave_connection')
            engine = self._make(url, engines.prepare, _REPLICA_TIMEOUT)
            option = f'[{group}] slave_connection'
            self._replica = replicas.Replica(engine, option, again=again)

    def write(self, work: Work[T]) -> T:
        """Run ``work`` in a transaction, commit, and give what it gave.

        The work is run again when another transaction won, so it must have
        no effect but on the session.

        :raises DatabaseUnavailable: when the database is away, or others won
            every time; nothing is changed. Only when the connection breaks
            during the commit itself nobody knows.
        """
        return self._run(functools.partial(_write, self._engine, work))

    def alter(self, work: Work[T]) -> T:
        """Run ``work`` as ``write`` does, however long a statement takes.

        For changes of tables.
        """
        engine = self._make(self._url, engines.prepare, None)
        try:
            return self._run(functools.partial(_write, engine, work))
        finally:
            engine.dispose()

    def alter_live(self, work: Work[T]) -> T:
        """Run ``work`` as ``alter`` does, but commit each statement.

        For changes that are made in no transaction.
        """
        engine = self._make(self._url, engines.prepare_questions, None)
        try:
            return self._run(functools.partial(_ask, engine, work))
        finally:
            engine.dispose()

    def read(self, work: Work[T], *, replica: bool = False) -> T:
        """Run ``work`` on one snapshot that it must not change.

        :param replica: where ``slave_connection`` is set and works, read
            there; what is read may be older than what was told before
        :raises DatabaseUnavailable: when the database is away
        """
        if replica and self._replica is not None and self._replica.is_due():
            with contextlib.suppress(exception.DatabaseUnavailable):
                return self._replica.read(work)
        return self._run(functools.partial(snapshots.read, self._engine, work))

    def ask(self, question: Work[T]) -> T:
        """Run a question of one statement, which needs no transaction.

        :raises DatabaseUnavailable: when the database is away
        """
        return self._run(functools.partial(_ask, self._questions, question))

    def pools(self) -> list[pools.Pool]:
        """Look at the pools of connections."""
        group = self.group
        found = [pools.seen(group, self._engine)]
        if self._questions is not self._engine:
            found.append(pools.seen(f'{group}: questions', self._questions))
        if self._replica is not None:
            found.append(self._replica.pool(f'{group}: replica'))
        return [one for one in found if one is not None]

    def close(self) -> None:
        """Close every connection."""
        for engine in {self._engine, self._questions}:
            engine.dispose()
        if self._replica is not None:
            self._replica.close()

    def _run(self, work: Callable[[retries.Tries], T]) -> T:
        try:
            given = self._server.run(work)
        except exception.DatabaseUnavailable as error:
            refusal = error
        else:
            if self._reports.is_away:
                self._reports.is_back()
            return given
        if self._server.was_reached or self._logs_start:
            self._reports.failed(refusal)
        raise refusal

    def _configured(self, name: str) -> sa.URL:
        parameters = self._options.connection_parameters
        option = f'[{self.group}] {name}'
        return urls.configured(self._options[name], parameters, option)

    def _make(
        self,
        url: sa.URL,
        prepare: engines.Prepare,
        timeout: int | None = urls.READ_TIMEOUT,
    ) -> sa.Engine:
        url = urls.limited(urls.as_nova(url), urls.CONNECT_TIMEOUT, timeout)
        made = engines.make(url, engines.chosen(url, self._options), prepare)
        if self._spans is not None:
            db_spans.attach(made, self._spans)
        return made


def _write(engine: sa.Engine, work: Work[T], tries: retries.Tries) -> T:
    with engine.begin() as session:
        given = work(session)
        tries.committing = True
    return given


def _ask(engine: sa.Engine, question: Work[T], _tries: retries.Tries) -> T:
    with engine.connect() as session:
        return question(session)
