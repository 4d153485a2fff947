# SPDX-License-Identifier: Apache-2.0
"""Retention: old changes are forgotten without anyone asking for it."""

import datetime
import logging
import threading
import time

from nova_aggext import exception
from nova_aggext.db import changes
from nova_aggext.db import database as db_database

LOG = logging.getLogger(__name__)

# Seconds between two times that one process looks for old changes.
INTERVAL = 600


class Retention:
    """Forgets the oldest changes after a write of this process, now and then.

    In a transaction of its own and not too many at once, so that the request
    it happens after hardly waits. Two processes that do it at once are no
    harm.
    """

    def __init__(
        self,
        database: db_database.Database,
        days: int,
        interval: float = INTERVAL,
    ) -> None:
        """Take how long changes are kept.

        :param days: 0 keeps them for ever
        """
        self._database = database
        self._kept = datetime.timedelta(days=days)
        self._interval = interval
        self._due = time.monotonic()
        self._busy = threading.Lock()

    def start(self) -> None:
        """Begin to follow the writes of the database."""
        if self._kept:
            self._database.after_write(self.tidy)

    def tidy(self) -> None:
        """Forget a batch of old changes, if it is time to."""
        if time.monotonic() < self._due:
            return
        if self._busy.acquire(blocking=False):
            try:
                self._due = time.monotonic() + self._interval
                self._forget()
            finally:
                self._busy.release()

    def _forget(self) -> None:
        now = datetime.datetime.now(datetime.UTC).replace(tzinfo=None)
        limit = now - self._kept
        try:
            self._database.write(lambda s: changes.delete_older(s, limit))
        except exception.DatabaseUnavailable as error:
            LOG.warning('Old changes are kept for now: %s', error)
