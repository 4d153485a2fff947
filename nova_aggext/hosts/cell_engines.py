# SPDX-License-Identifier: Apache-2.0
"""Connections to cell databases, and asking many of them at once."""

import contextlib
import dataclasses
import functools
import logging
import threading
from collections.abc import Callable
from collections.abc import Iterator
from collections.abc import Mapping
from concurrent import futures
from typing import TypeVar

import sqlalchemy as sa
from sqlalchemy import exc as sa_exc

from nova_aggext import exception
from nova_aggext import threads as aggext_threads
from nova_aggext.compute import ports
from nova_aggext.db import engines
from nova_aggext.db import failures
from nova_aggext.db import pools
from nova_aggext.db import servers
from nova_aggext.db import urls
from nova_aggext.hosts import cells as host_cells

LOG = logging.getLogger(__name__)

T = TypeVar('T')
Question = Callable[[sa.Connection], T]

# Questions that one cell is asked at the same time, over all requests.
WORKERS = 8

# What becomes of a question.
ANSWERED = 'answered'
REFUSED = 'refused'
SILENT = 'silent'


class CellEngines:
    """A pool of connections for each cell, made when it is first asked.

    A pool belongs to a URL, so a cell mapping that changed is followed at
    once; the pool of the old URL is closed at the next change.
    """

    def __init__(
        self,
        source: str | None,
        timeout: int,
        threads: aggext_threads.Factory = threading.Thread,
    ) -> None:
        """Take ``[database] connection`` and the seconds a cell may take."""
        self._source = source
        self._timeout = timeout
        self._threads = threads
        self._databases: dict[str, _Database] = {}
        self._lock = threading.Lock()
        self._workers: dict[str, aggext_threads.Pool] = {}
        self._asked: ports.AskedCell = _unseen

    def watch(self, asked: ports.AskedCell) -> None:
        """Tell from now on of each question, by the name of its cell."""
        self._asked = asked

    def pools(self) -> list[pools.Pool]:
        """Look at the pools of connections, by the names of cells."""
        with self._lock:
            databases = list(self._databases.values())
        found = [
            pools.seen(f'cell: {one.cell}', one.engine) for one in databases
        ]
        return [one for one in found if one is not None]

    def ask(
        self, questions: Mapping[host_cells.Cell, Question[T]]
    ) -> dict[host_cells.Cell, T]:
        """Ask each cell its question, all at the same time.

        Gives the answers by cell: names need not be unique. The first one
        that refuses ends it.

        :raises CellMisconfigured: for a mapping that names no database
        :raises CellUnavailable: for a cell that refused
        :raises CellSilent: which names every cell without an answer in time
        :raises ThreadUnavailable: when nobody can ask
        """
        databases = {cell: self._database(cell) for cell in questions}
        with self._asking(databases, questions) as asked:
            silent = self._silent(asked)
        if silent:
            raise self._report({cell: databases[cell] for cell in silent})
        return {cell: future.result() for cell, future in asked.items()}

    def ask_who_answers(
        self, questions: Mapping[host_cells.Cell, Question[T]]
    ) -> dict[host_cells.Cell, T]:
        """Ask each cell its question, and pass over those that do not answer.

        Why they do not is logged.

        :raises ThreadUnavailable: when nobody can ask
        """
        databases = {}
        for cell in questions:
            try:
                databases[cell] = self._database(cell)
            except exception.CellMisconfigured as error:
                LOG.warning('%s', error)
        answers = {}
        with self._asking(databases, questions) as asked:
            done, _ = futures.wait(asked.values(), self._timeout)
            silent = [cell for cell in asked if asked[cell] not in done]
            for cell in asked.keys() - silent:
                with contextlib.suppress(exception.CellUnavailable):
                    answers[cell] = asked[cell].result()
        if silent:
            self._report({cell: databases[cell] for cell in silent})
        return answers

    def close(self) -> None:
        """Close every connection; questions under way are not waited for."""
        with self._lock:
            for workers in self._workers.values():
                workers.close()
            for database in self._databases.values():
                database.engine.dispose()
            self._databases.clear()

    @contextlib.contextmanager
    def _asking(
        self,
        databases: 'Mapping[host_cells.Cell, _Database]',
        questions: Mapping[host_cells.Cell, Question[T]],
    ) -> Iterator[dict[host_cells.Cell, futures.Future[T]]]:
        """Ask cells, as long as somebody waits for their answers."""
        asked: dict[host_cells.Cell, futures.Future[T]] = {}
        try:
            for cell, database in databases.items():
                work = functools.partial(
                    _ask, database, cell.name, questions[cell], self._asked
                )
                asked[cell] = self._of(cell).submit(work)
            yield asked
        finally:
            # Nobody waits for them any more.
            for future in asked.values():
                future.cancel()

    def _silent(
        self, asked: Mapping[host_cells.Cell, futures.Future[T]]
    ) -> list[host_cells.Cell]:
        """Wait; say who gave no answer, or raise why one refused."""
        done, _ = futures.wait(
            asked.values(), self._timeout, futures.FIRST_EXCEPTION
        )
        for future in asked.values():
            if future in done:
                future.result()
        return [cell for cell, future in asked.items() if future not in done]

    def _report(
        self, silent: 'Mapping[host_cells.Cell, _Database]'
    ) -> exception.CellSilent:
        """Log who is silent, and give the error."""
        for cell, database in silent.items():
            self._asked(cell.name, SILENT)
            database.reports.failed(self._error({cell: database}))
        return self._error(silent)

    def _error(
        self, silent: 'Mapping[host_cells.Cell, _Database]'
    ) -> exception.CellSilent:
        places = [urls.place(one.engine.url) for one in silent.values()]
        return exception.CellSilent(
            cells=', '.join(cell.name for cell in silent),
            timeout=self._timeout,
            places=', '.join(places),
        )

    def _of(self, cell: host_cells.Cell) -> aggext_threads.Pool:
        """Give the workers of a cell: who is silent holds up no other."""
        with self._lock:
            if cell.uuid not in self._workers:
                self._workers[cell.uuid] = aggext_threads.Pool(
                    'aggext-cell', WORKERS, self._threads
                )
            return self._workers[cell.uuid]

    def _database(self, cell: host_cells.Cell) -> '_Database':
        url = host_cells.database_url(cell, self._source)
        with self._lock:
            if url not in self._databases:
                engine = self._connectable(cell, url)
                reports = servers.Reports(engine.url)
                self._databases[url] = _Database(cell.name, engine, reports)
            return self._databases[url]

    def _connectable(self, cell: host_cells.Cell, url: str) -> sa.Engine:
        try:
            parsed = _limited(urls.parse(url), self._timeout)
            made = sa.create_engine(
                parsed,
                poolclass=_pool(parsed),
                # Each question is one statement, which needs no transaction.
                isolation_level='AUTOCOMMIT',
                pool_reset_on_return=None,
                pool_recycle=3600,
            )
        except (sa_exc.ArgumentError, ImportError, ValueError) as error:
            raise exception.CellMisconfigured(
                cell=cell.name, part=type(error).__name__
            ) from error
        engines.set_level(made)
        engines.limit(made)
        return made


@dataclasses.dataclass(frozen=True, slots=True)
class _Database:
    """The database that a URL names, and what was logged of it.

    :ivar cell: the name of the first cell that is there
    """

    cell: str
    engine: sa.Engine
    reports: servers.Reports


def _unseen(cell: str, outcome: str) -> None:
    """Let nobody see what became of a question."""


def _ask(
    database: _Database,
    cell: str,
    question: Question[T],
    asked: ports.AskedCell,
) -> T:
    """Ask, and log what is wrong, even if nobody waits for it any more.

    :raises CellUnavailable: with the cause
    """
    try:
        given = _try(database.engine, cell, question)
    except exception.CellUnavailable as error:
        asked(cell, REFUSED)
        database.reports.failed(error)
        raise
    asked(cell, ANSWERED)
    if database.reports.is_away:
        database.reports.is_back()
    return given


def _try(engine: sa.Engine, cell: str, question: Question[T]) -> T:
    try:
        return _ask_twice(engine, question)
    except sa_exc.SQLAlchemyError as error:
        reason = failures.describe(error, engine.url)
        if failures.kind_of(error) is failures.Kind.LASTING:
            raise exception.CellMisfit(cell=cell, reason=reason) from error
        raise exception.CellUnavailable(cell=cell, reason=reason) from error
    except Exception as error:
        # Its class only: the text may hold the URL.
        reason = f'{type(error).__name__} at {urls.place(engine.url)}'
        raise exception.CellUnavailable(cell=cell, reason=reason) from error


def _ask_twice(engine: sa.Engine, question: Question[T]) -> T:
    """Ask; once more where the connection of the pool broke meanwhile."""
    try:
        return _ask_once(engine, question)
    except sa_exc.DBAPIError as error:
        if not error.connection_invalidated:
            raise
        return _ask_once(engine, question)


def _ask_once(engine: sa.Engine, question: Question[T]) -> T:
    with engine.connect() as connection:
        return question(connection)


def _pool(url: sa.URL) -> type[sa.Pool] | None:
    """Give the kind of pool; None leaves it to SQLAlchemy.

    SQLite lets only the thread that made a connection close it, and may be
    asked by one while another closes all.
    """
    return sa.NullPool if urls.dialect_of(url) == 'sqlite' else None


def _limited(url: sa.URL, timeout: int) -> sa.URL:
    """Let the driver itself give up, so that no thread hangs for ever.

    What the mapping says of it stays.
    """
    url = urls.limited(url, timeout, timeout)
    more = {
        'postgresql': {'options': f'-c statement_timeout={timeout * 1000}'},
        'sqlite': {'timeout': str(timeout)},
    }.get(urls.dialect_of(url), {})
    return url.update_query_dict({**more, **url.query})
