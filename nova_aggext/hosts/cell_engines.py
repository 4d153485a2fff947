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
from nova_aggext.hosts import cells as host_cells

LOG = logging.getLogger(__name__)

T = TypeVar('T')
Question = Callable[[sa.Connection], T]

# Cells asked at the same time, over all requests.
WORKERS = 32


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
        self._workers = concurrent.futures.ThreadPoolExecutor(
            WORKERS, thread_name_prefix='aggext-cell'
        )

    def ask(
        self, questions: Mapping[host_cells.Cell, Question[T]]
    ) -> dict[host_cells.Cell, T]:
        """Ask each cell its question, all at the same time.

        Gives the answers by cell: names need not be unique.

        :raises CellMisconfigured: for a mapping that names no database
        :raises CellUnavailable: which names every cell without an answer
        """
        asked = {
            self._workers.submit(_ask, self._engine(cell), question): cell
            for cell, question in questions.items()
        }
        concurrent.futures.wait(asked, timeout=self._timeout)
        silent = [
            cell.name for future, cell in asked.items() if _failed(future)
        ]
        if silent:
            raise exception.CellUnavailable(
                cells=', '.join(silent), timeout=self._timeout
            )
        return {cell: future.result() for future, cell in asked.items()}

    def close(self) -> None:
        """Close every connection; questions under way are not waited for."""
        self._workers.shutdown(wait=False, cancel_futures=True)
        with self._lock:
            for engine in self._engines.values():
                engine.dispose()
            self._engines.clear()

    def _engine(self, cell: host_cells.Cell) -> sa.Engine:
        url = host_cells.database_url(cell, self._source)
        with self._lock:
            if url not in self._engines:
                self._engines[url] = self._connectable(cell, url)
            return self._engines[url]

    def _connectable(self, cell: host_cells.Cell, url: str) -> sa.Engine:
        try:
            made = sa.make_url(url)
            return sa.create_engine(
                made,
                # Each question is one statement, which needs no transaction.
                isolation_level='AUTOCOMMIT',
                pool_reset_on_return=None,
                pool_recycle=3600,
                connect_args=_limits(made.get_backend_name(), self._timeout),
            )
        except (sa_exc.ArgumentError, ImportError) as error:
            raise exception.CellMisconfigured(
                cell=cell.name, part=type(error).__name__
            ) from error


def _ask(engine: sa.Engine, question: Question[T]) -> T:
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


def _failed(future: concurrent.futures.Future[Any]) -> bool:
    if not future.done():
        future.cancel()
        return True
    error = future.exception()
    if error is not None:
        # The class only: the text may hold the URL.
        LOG.warning('A cell database failed: %s', type(error).__name__)
    return error is not None


def _limits(backend: str, timeout: int) -> dict[str, Any]:
    """Let the driver itself give up, so that no thread hangs for ever."""
    if backend == 'mysql':
        return {'connect_timeout': timeout, 'read_timeout': timeout}
    if backend == 'postgresql':
        milliseconds = timeout * 1000
        return {
            'connect_timeout': timeout,
            'options': f'-c statement_timeout={milliseconds}',
        }
    return {'timeout': timeout}
