# SPDX-License-Identifier: Apache-2.0
"""A server of a database: what fails there is tried again, or refused."""

import logging
import time
from collections.abc import Callable
from typing import TypeVar

import sqlalchemy as sa
from oslo_db import exception as db_exc
from sqlalchemy import exc as sa_exc

from nova_aggext import exception
from nova_aggext.db import failures
from nova_aggext.db import retries
from nova_aggext.db import urls

LOG = logging.getLogger(__name__)

T = TypeVar('T')

Kind = failures.Kind

# The same trouble is logged once in so many seconds.
QUIET_SECONDS = 60
# Troubles that are remembered for that.
_MOST = 100


# Learns why something is tried again.
Again = Callable[[str], None]


def untold(reason: str) -> None:
    """Let nobody learn why something is tried again."""


class Server:
    """Runs work where a database is, again where that helps."""

    def __init__(
        self,
        url: sa.URL,
        option: str,
        start: retries.Start,
        most: int = retries.MAX_RETRIES,
        again: Again = untold,
    ) -> None:
        """Take where it is, and which option says so.

        :param start: how long the first use waits for the server
        :param most: how often what was lost is run again
        :param again: called with the kind of the failure before each
        """
        self.url = url
        self.option = option
        self._start = start
        self._most = most
        self._again = again

    @property
    def was_reached(self) -> bool:
        """Whether it ever served any work."""
        return self._start.is_over

    def run(self, work: Callable[[retries.Tries], T]) -> T:
        """Run work, which must be fit for being run again.

        :raises DatabaseUnavailable: when the server does not serve it
        """
        tries = retries.Tries(self._start, self._most)
        while True:
            try:
                given = work(tries)
            except (db_exc.DBError, sa_exc.SQLAlchemyError) as error:
                kind = failures.kind_of(error)
                if kind is None:
                    raise
                pause = tries.pause(error, kind)
                if pause is None:
                    raise self._refusal(error, kind) from error
                if pause and kind in failures.OF_SERVERS:
                    cause = failures.describe(error, self.url)
                    LOG.warning('The database is awaited: %s', cause)
                self._again(kind.name.lower())
            else:
                self._start.is_over = True
                return given
            time.sleep(pause)

    def _refusal(
        self, error: Exception, kind: Kind
    ) -> exception.DatabaseUnavailable:
        cause = failures.describe(error, self.url)
        if kind is Kind.LASTING:
            return exception.DatabaseMisfit(reason=cause, option=self.option)
        return exception.DatabaseUnavailable(reason=cause, option=self.option)


class Reports:
    """Logs each trouble with a server once in a while.

    That a server works again is logged as well where it was away. Where it
    only refused some statements, others show nothing.

    :ivar is_away: whether it was away when it was last asked
    """

    def __init__(
        self, url: sa.URL, clock: retries.Clock = time.monotonic
    ) -> None:
        self.is_away = False
        self._place = urls.place(url)
        self._clock = clock
        self._told: dict[str, float] = {}

    def failed(self, error: exception.ServiceUnavailable) -> None:
        """Log a trouble, unless that was done a short time ago."""
        if failures.kind_of(error.__cause__) in failures.OF_SERVERS:
            self.is_away = True
        text, now = str(error), self._clock()
        if now < self._told.get(text, now):
            return
        if len(self._told) >= _MOST:
            self._told = {}
        self._told[text] = now + QUIET_SECONDS
        LOG.error('%s', text)

    def is_back(self) -> None:
        """Log that a server works which was away."""
        self.is_away = False
        self._told = {}
        LOG.info('The database at %s works.', self._place)
