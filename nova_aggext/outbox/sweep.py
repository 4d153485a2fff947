# SPDX-License-Identifier: Apache-2.0
"""The sweep: tells the schedulers of every aggregate again, now and then.

A scheduler that starts or reconnects misses casts, and never reads again
(SIDE_EFFECTS, sections 5 and 7). As it comes by all aggregates anyway, it has
them looked at for what others did to them; also where no scheduler can be told
anything.
"""

import datetime
import logging
import os
import secrets
from collections.abc import Sequence
from typing import Protocol, runtime_checkable

from nova_aggext import exception
from nova_aggext.db import changes
from nova_aggext.db import database as db_database
from nova_aggext.db import outbox
from nova_aggext.db import reading
from nova_aggext.db import streams
from nova_aggext.outbox import observer
from nova_aggext.outbox import types
from nova_aggext.outbox import worker

LOG = logging.getLogger(__name__)

STREAM = 'sweep:schedulers'
# Aggregates told of at a time.
_BATCH = 20
# Sweeps back to which deleted aggregates are told of again.
_SWEEPS = 2


@runtime_checkable
class Recasting(Protocol):
    """A channel that can tell of aggregates that nobody has changed."""

    def recast(self, aggregate_ids: Sequence[int]) -> list[types.Draft]:
        """Make messages of aggregates as they will be."""

    def recast_deleted(
        self, gone: Sequence[changes.Change]
    ) -> list[types.Draft]:
        """Make messages of aggregates that are gone."""


class NoCasts:
    """Has nothing to tell, as there is no way to the schedulers."""

    def recast(self, aggregate_ids: Sequence[int]) -> list[types.Draft]:
        """Make none."""
        return []

    def recast_deleted(
        self, gone: Sequence[changes.Change]
    ) -> list[types.Draft]:
        """Make none."""
        return []


class Sweep:
    """Appends casts at a gentle rate; one process at a time does."""

    def __init__(
        self,
        database: db_database.Database,
        casts: Recasting,
        *,
        interval: float,
        rate: float,
        lease: float,
    ) -> None:
        """Take what makes the casts, and how often.

        :param interval: seconds between the end of a sweep and the next one
        :param rate: aggregates per second
        :param lease: seconds after which another process takes over
        """
        self._database = database
        self._casts = casts
        self._interval = interval
        self._pause = _BATCH / rate
        self._lease = max(lease, 2 * self._pause)
        self._observer = observer.Observer(database)
        self._token = secrets.token_hex(7)
        self._cursor: int | None = None
        self._worker = worker.Worker('aggext-sweep', self._turn)

    def start(self) -> None:
        """Begin, in a thread of its own."""
        self._worker.start()

    def stop(self) -> None:
        """End; another process goes on when the lease is over."""
        self._worker.stop()

    def _turn(self) -> float:
        try:
            return self.step()
        except exception.ServiceUnavailable as error:
            LOG.warning('The sweep waits: %s', error)
        except Exception:
            LOG.exception('The sweep waits after an error of its own')
        return self._interval / 2

    def step(self) -> float:
        """Append the next casts; give the seconds until the step after."""
        if not self._database.write(self._claim):
            self._cursor = None
            return min(self._interval / 2, self._lease)
        if self._cursor is None:
            self._cursor = 0
            self._database.write(self._append_deleted)
        after = self._cursor
        ids = self._database.write(lambda s: self._append(s, after))
        if ids:
            self._cursor = ids[-1]
            self._observer.look(after, ids[-1])
            return self._pause
        self._cursor = None
        self._database.write(self._end)
        self._observer.look(after, None)
        return self._interval

    @property
    def _hold(self) -> streams.Hold:
        """Say who sweeps: a process that was forked is another one."""
        return streams.Hold(STREAM, f'{self._token}.{os.getpid():x}')

    def _claim(self, session: db_database.Session) -> bool:
        streams.ensure(session, STREAM, self._interval)
        return streams.claim(session, self._hold, self._lease)

    def _append(self, session: db_database.Session, after: int) -> list[int]:
        criteria = reading.Criteria(after=after, limit=_BATCH)
        ids = reading.select(session, criteria)
        self._store(session, self._casts.recast(ids))
        return ids

    def _append_deleted(self, session: db_database.Session) -> None:
        past = datetime.timedelta(seconds=_SWEEPS * self._interval)
        gone = changes.select_deleted(session, streams.now() - past)
        self._store(session, self._casts.recast_deleted(gone))

    def _store(
        self, session: db_database.Session, drafts: list[types.Draft]
    ) -> None:
        """Store casts, unless those of the last sweep wait: nobody listens.

        Else the outbox would grow with each sweep.
        """
        past = datetime.timedelta(seconds=self._interval)
        wanted = outbox.lacking(session, drafts, streams.now() - past)
        if wanted:
            outbox.append(session, wanted)

    def _end(self, session: db_database.Session) -> None:
        streams.release(session, [self._hold], self._interval)
