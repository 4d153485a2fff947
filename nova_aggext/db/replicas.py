# SPDX-License-Identifier: Apache-2.0
"""A replica to read from: an offer, never a need."""

import functools
import logging
import time
from collections.abc import Callable
from typing import TypeVar

import sqlalchemy as sa

from nova_aggext import exception
from nova_aggext.db import pools
from nova_aggext.db import retries
from nova_aggext.db import servers
from nova_aggext.db import snapshots
from nova_aggext.db import urls

LOG = logging.getLogger(__name__)

T = TypeVar('T')

# Seconds after which a replica that failed is tried again.
PAUSE = 30
# How often what its replication broke is run again.
_RETRIES = 2


class Replica:
    """A server that is left alone for a while when it failed.

    That it failed is logged once, and that it works again.
    """

    def __init__(
        self,
        engine: sa.Engine,
        option: str,
        clock: retries.Clock = time.monotonic,
        again: servers.Again = servers.untold,
    ) -> None:
        """Take an engine, and the option that says where it leads.

        :param again: see ``servers.Server``
        """
        self._engine = engine
        # Whom it does not serve the primary does: nobody waits for it.
        start = retries.Start(0, 0)
        self._server = servers.Server(
            engine.url, option, start, _RETRIES, again
        )
        self._clock = clock
        self._failed = False
        self._due_at = 0.0

    def is_due(self) -> bool:
        """Say whether to read here; of one that failed, to one at a time."""
        if not self._failed:
            return True
        now = self._clock()
        if now < self._due_at:
            return False
        self._due_at = now + PAUSE
        return True

    def read(self, work: Callable[[sa.Connection], T]) -> T:
        """Run work on one snapshot.

        :raises DatabaseUnavailable: when it is to be read elsewhere
        """
        reading = functools.partial(snapshots.read, self._engine, work)
        try:
            given = self._server.run(reading)
        except exception.DatabaseUnavailable as error:
            self._fail(error)
            raise
        if self._failed:
            self._failed = False
            place = urls.place(self._server.url)
            LOG.info('The replica at %s works: lists are read there.', place)
        return given

    def pool(self, name: str) -> pools.Pool | None:
        """Look at the pool of connections."""
        return pools.seen(name, self._engine)

    def close(self) -> None:
        """Close every connection."""
        self._engine.dispose()

    def _fail(self, error: exception.DatabaseUnavailable) -> None:
        self._due_at = self._clock() + PAUSE
        if not self._failed:
            self._failed = True
            LOG.warning('Lists are read from the primary: %s', error)
