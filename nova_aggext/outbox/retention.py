# SPDX-License-Identifier: Apache-2.0
"""Retention: old changes are forgotten without anyone asking for it.

Those that nobody has read yet get their positions by the way.
"""

import datetime
import logging
import random

from nova_aggext import exception
from nova_aggext.db import database as db_database
from nova_aggext.db import feed
from nova_aggext.outbox import worker

LOG = logging.getLogger(__name__)

# Seconds between two times that a process looks for old changes, and between
# two batches of them.
INTERVAL = 600
PAUSE = 1


class Retention:
    """Forgets the oldest changes, in a thread of its own.

    No request waits for it, nor for the locks of others that do the same.
    Two processes that do it at once are no harm.
    """

    def __init__(self, database: db_database.Database, days: int) -> None:
        """Take how long changes are kept.

        :param days: 0 keeps them for ever
        """
        self._database = database
        self._kept = datetime.timedelta(days=days)
        self._begun = False
        self._worker = worker.Worker('aggext-retention', self._turn)

    def start(self) -> None:
        """Begin, unless changes are kept for ever."""
        if self._kept:
            self._worker.start()

    def stop(self) -> None:
        """End after what is being forgotten."""
        self._worker.stop()

    def step(self) -> float:
        """Forget a batch; give the seconds until the next one."""
        now = datetime.datetime.now(datetime.UTC).replace(tzinfo=None)
        limit = now - self._kept
        try:
            done = self._database.write(
                lambda session: (
                    feed.number(session) + feed.forget(session, limit)
                )
            )
        except exception.DatabaseUnavailable as error:
            LOG.warning('Old changes are kept for now: %s', error)
        except Exception:
            LOG.exception('Old changes are kept for now')
        else:
            return PAUSE if done else INTERVAL
        return INTERVAL

    def _turn(self) -> float:
        """Begin some time after the start, each process at another one."""
        if self._begun:
            return self.step()
        self._begun = True
        return random.uniform(INTERVAL / 10, INTERVAL)
