# SPDX-License-Identifier: Apache-2.0
"""Looks at a database for who must not wait for it, such as a monitor."""

import concurrent.futures
import dataclasses
import logging
import threading
import time
from typing import Generic, TypeVar

from nova_aggext import exception
from nova_aggext.db import database as db_database

LOG = logging.getLogger(__name__)

T = TypeVar('T')

# Well within what monitors wait for, which is 10 seconds with Prometheus.
SECONDS = 5.0


@dataclasses.dataclass(frozen=True, slots=True)
class _UnderWay(Generic[T]):
    """A look that was begun.

    :ivar until: when nobody waits for it any more, on the monotonic clock
    """

    answer: concurrent.futures.Future[T]
    thread: threading.Thread
    until: float

    @property
    def is_over(self) -> bool:
        """Whether it was answered, or was begun before this process forked."""
        return self.answer.done() or not self.thread.is_alive()


class Look(Generic[T]):
    """One question to a database, asked by one thread at a time.

    Who comes while the answer is awaited is given the same answer. So a
    database that is frozen holds one thread and one connection of ours,
    however often somebody looks.
    """

    def __init__(
        self,
        database: db_database.Database,
        question: db_database.Work[T],
        seconds: float = SECONDS,
    ) -> None:
        """Take the question, and the longest wait for an answer."""
        self._database = database
        self._question = question
        self._seconds = seconds
        self._lock = threading.Lock()
        self._latest: _UnderWay[T] | None = None

    def take(self) -> T:
        """Give the answer.

        :raises ServiceUnavailable: when there is none, whatever the reason;
            or none within the seconds since the question was asked, at once
            when these are over
        """
        look = self._under_way()
        try:
            return look.answer.result(max(0, look.until - time.monotonic()))
        except concurrent.futures.TimeoutError:
            raise self._refusal(
                f'no answer within {self._seconds:g} s'
            ) from None

    def _under_way(self) -> _UnderWay[T]:
        with self._lock:
            if self._latest is None or self._latest.is_over:
                self._latest = self._begin()
            return self._latest

    def _begin(self) -> _UnderWay[T]:
        answer: concurrent.futures.Future[T] = concurrent.futures.Future()
        # Of no use to a process that ends.
        thread = threading.Thread(
            target=self._ask, args=(answer,), name='aggext-look', daemon=True
        )
        until = time.monotonic() + self._seconds
        try:
            thread.start()
        except RuntimeError as error:
            raise exception.ThreadUnavailable() from error
        return _UnderWay(answer, thread, until)

    def _ask(self, answer: concurrent.futures.Future[T]) -> None:
        try:
            given = self._database.ask(self._question)
        except exception.ServiceUnavailable as error:
            answer.set_exception(error)
        except Exception as error:
            LOG.exception('The database could not be asked')
            answer.set_exception(self._refusal(type(error).__name__))
        else:
            answer.set_result(given)

    def _refusal(self, reason: str) -> exception.DatabaseUnavailable:
        return exception.DatabaseUnavailable(
            reason=reason, option=f'[{self._database.group}] connection'
        )
