# SPDX-License-Identifier: Apache-2.0
"""Connections to cell databases, and asking many of them at once."""

import concurrent.futures
import logging
import threading
from collections.abc import Callable
from collections.abc import Mapping
from typing import Any, TypeVar

import sqlalchemy as sa
from sqlalchemy import exc as sa_exc

from nova_aggext import exception
from nova_aggext.db import engines
from nova_aggext.db import failures
from nova_aggext.db import urls
from nova_aggext.hosts import cells as host_cells

LOG = logging.getLogger(__name__)

T = TypeVar('T')
Question = Callable[[sa.Connection], T]

# Questions that one cell is asked at the same time, over all requests.
WORKERS = 8


class CellEngines:
    """A pool of connections for each cell, made when it is first asked.

    A pool belongs to a URL, so a cell mapping that changed is followed at
    once; the pool of the old URL is closed at the next change.
    """

    def __init__(self, source: str | None, timeout: int) -> None:
        """Take ``[database] connection`` and the seconds a cell may take."""
        self._source = source
        self._timeout = timeout
        self._engines: dict[str, sa.Engine] = {}
        self._lock = threading.Lock()
        self._workers: dict[str, concurrent.futures.Executor] = {}

    def ask(
        self, questions: Mapping[host_cells.Cell, Question[T]]
    ) -> dict[host_cells.Cell, T]:
        """Ask each cell its question, all at the same time.

        Gives the answers by cell: names need not be unique.

        :raises CellMisconfigured: for a mapping that names no database
        :raises CellUnavailable: which names every cell without an answer
        """
        asked = {
            self._of(cell).submit(_ask, self._engine(cell), question): cell
            for cell, question in questions.items()
        }
        concurrent.futures.wait(asked, timeout=self._timeout)
        silent = [
            cell.name
            for future, cell in asked.items()
            if _failed(future, cell.name)
        ]
        if silent:
            raise exception.CellUnavailable(
                cells=', '.join(silent), timeout=self._timeout
            )
        return {cell: future.result() for future, cell in asked.items()}

    def close(self) -> None:
        """Close every connection; questions under way are not waited for."""
        with self._lock:
            for workers in self._workers.values():
                workers.shutdown(wait=False, cancel_futures=True)
            for engine in self._engines.values():
                engine.dispose()
            self._engines.clear()

    def _of(self, cell: host_cells.Cell) -> concurrent.futures.Executor:
        """Give the workers of a cell: who is silent holds up no other."""
        with self._lock:
            if cell.uuid not in self._workers:
                made = concurrent.futures.ThreadPoolExecutor(
                    WORKERS, thread_name_prefix='aggext-cell'
                )
                self._workers[cell.uuid] = made
            return self._workers[cell.uuid]

    def _engine(self, cell: host_cells.Cell) -> sa.Engine:
        url = host_cells.database_url(cell, self._source)
        with self._lock:
            if url not in self._engines:
                self._engines[url] = self._connectable(cell, url)
            return self._engines[url]

    def _connectable(self, cell: host_cells.Cell, url: str) -> sa.Engine:
        try:
            made = sa.create_engine(
                _limited(urls.parse(url), self._timeout),
                # Each question is one statement, which needs no transaction.
                isolation_level='AUTOCOMMIT',
                pool_reset_on_return=None,
                pool_recycle=3600,
            )
        except (sa_exc.ArgumentError, ImportError) as error:
            raise exception.CellMisconfigured(
                cell=cell.name, part=type(error).__name__
            ) from error
        engines.set_level(made)
        engines.limit(made)
        return made


def _ask(engine: sa.Engine, question: Question[T]) -> T:
    """Ask; once more where the connection of the pool broke meanwhile.

    :raises _Failure: with what may be logged of an error
    """
    try:
        return _ask_twice(engine, question)
    except sa_exc.SQLAlchemyError as error:
        raise _Failure(failures.describe(error, engine.url)) from error


def _ask_twice(engine: sa.Engine, question: Question[T]) -> T:
    try:
        return _ask_once(engine, question)
    except sa_exc.DBAPIError as error:
        if not error.connection_invalidated:
            raise
        return _ask_once(engine, question)


def _ask_once(engine: sa.Engine, question: Question[T]) -> T:
    with engine.connect() as connection:
        return question(connection)


class _Failure(Exception):
    """Why a database did not answer, without a secret."""


def _failed(future: concurrent.futures.Future[Any], name: str) -> bool:
    if not future.done():
        future.cancel()
        return True
    error = future.exception()
    if error is not None:
        # The class only of others: the text may hold the URL.
        is_known = isinstance(error, _Failure)
        cause = str(error) if is_known else type(error).__name__
        LOG.warning('The database of cell %s failed: %s', name, cause)
    return error is not None


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
