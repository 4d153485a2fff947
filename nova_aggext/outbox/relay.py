# SPDX-License-Identifier: Apache-2.0
"""The relay: empties one lane of the outbox, in threads of its own."""

import atexit
import functools
import logging
import queue
import random
import threading
import time
from collections.abc import Callable
from collections.abc import Sequence

from nova_aggext import exception
from nova_aggext import threads as aggext_threads
from nova_aggext import tracing
from nova_aggext.db import database as db_database
from nova_aggext.db import streams
from nova_aggext.metrics import meters as metrics_meters
from nova_aggext.outbox import backoff
from nova_aggext.outbox import dispatch
from nova_aggext.outbox import held as outbox_held
from nova_aggext.outbox import lane_rows
from nova_aggext.outbox import teller as outbox_teller
from nova_aggext.outbox import types
from nova_aggext.outbox import worker

LOG = logging.getLogger(__name__)

Held = outbox_held.Held
Settings = dispatch.Settings

# How often a lease is renewed before it would end.
_RENEWALS = 3
# Streams looked at at a time.
_STREAMS = 20
# Least seconds between two turns that nobody asked for.
_SHORTEST = 0.05
# Seconds in which others may store something to be told in the same turn.
_GATHER = 0.003
# Seconds that the end of a process waits for what is being told.
_FAREWELL = 1
# Streams told at once for requests that wait.
_HURRIES = 8


class Relay:
    """Empties one lane of the outbox.

    Any number may run, in any number of processes: a stream is told by who
    holds its lease. That is renewed as long as its process lives, though
    what is told hangs: a message that comes late must not come after those
    that another relay told meanwhile. One that loses the lease tells no
    further message.
    """

    def __init__(
        self,
        lane: str,
        database: db_database.Database,
        channels: Sequence[types.Channel],
        settings: Settings,
        meters: metrics_meters.Meters,
        threads: aggext_threads.Factory = threading.Thread,
        tracer: tracing.Tracer | None = None,
    ) -> None:
        self.lane = lane
        self._rows = lane_rows.LaneRows(lane, database, settings.lease)
        self._teller = outbox_teller.Teller(
            channels, meters, settings.max_backoff, tracer
        )
        self._settings = settings
        self._dispatch = self._make_dispatch()
        self._prefetches = outbox_held.Prefetches(self._dispatch.may_wait)
        self._asked = threading.Event()
        self._look_at = 0.0
        # Of the database, and of errors of our own.
        self._backoff = backoff.Backoff(settings.max_backoff)
        self._hurries = worker.Helpers(
            f'aggext-hurry-{lane}', _HURRIES, threads
        )
        self._worker = worker.Worker(
            f'aggext-relay-{lane}', self._turn, threads
        )
        self._keeper = worker.Worker(
            f'aggext-lease-{lane}', self._keep, threads
        )

    def start(self) -> None:
        """Begin to tell, in a thread of its own, as soon as there is one."""
        if not self._worker.running and self._worker.start():
            atexit.unregister(self.stop)
            atexit.register(self.stop, _FAREWELL)

    def stop(self, seconds: float = 10) -> None:
        """Tell nothing more; wait for the present turn no longer than told."""
        atexit.unregister(self.stop)
        ended = self._worker.stop(seconds)
        self._keeper.stop(seconds)
        if ended:
            # Else what is being told must not be told by others.
            self._let_go()

    def nudge(self, prefetch: Held | None = None) -> None:
        """Learn that something was stored.

        :param prefetch: what, in a stream that was taken for this relay
        """
        if prefetch is None:
            self._asked.set()
        else:
            self._prefetches.add(prefetch)
        if not self._is_away():
            self._worker.wake()

    @property
    def takes(self) -> bool:
        """Whether streams may be stored as taken, and be prefetched."""
        running = self._worker.running and not self._worker.stopped
        return running and not self._is_away() and not self._prefetches.full

    @property
    def running(self) -> bool:
        """Whether this process has the thread that tells."""
        return self._worker.running

    @property
    def held(self) -> int:
        """How many streams it holds."""
        return self._rows.held

    @property
    def away(self) -> frozenset[types.Channel]:
        """The channels that it waits for."""
        return self._teller.away

    def hurry(
        self, stream: str, until: float, prefetch: Held | None = None
    ) -> bool:
        """Tell a stream while the caller waits.

        False when it could not be told in time, when another one is at it,
        when nobody could be told anything a moment ago, or when there is no
        thread for it. It is told later then.

        :param prefetch: what is in it, if that is known
        """
        answers: queue.SimpleQueue[bool] = queue.SimpleQueue()
        work = functools.partial(
            self._hurry, stream, until, prefetch, answers.put
        )
        if self._is_away() or not (
            self._keeper.start() and self._hurries.start(work)
        ):
            self.nudge(prefetch)
            return False
        try:
            return answers.get(timeout=max(0, until - time.monotonic()))
        except queue.Empty:
            LOG.info('%s takes too long for a request', stream)
            return False

    def run_once(self) -> int:
        """Tell what is due; give the number of streams that were taken.

        :raises Away: when nobody can be told anything
        :raises DatabaseUnavailable: when the outbox cannot be read
        :raises ThreadUnavailable: when leases could not be renewed
        """
        self._require_keeper()
        due = self._rows.due(_STREAMS)
        random.shuffle(due)
        taken = 0
        once = self._make_dispatch()
        try:
            while due and not self.stopped:
                found = self._rows.take(due.pop())
                if found is not None:
                    taken += 1
                    once.tell([found])
        except types.Away as error:
            self._rows.count_failure(due, str(error))
            raise
        finally:
            once.settle(last=True)
        return taken

    @property
    def stopped(self) -> bool:
        """Whether nothing more is to be told."""
        return self._worker.stopped

    def _is_away(self) -> bool:
        return time.monotonic() < self._away_until

    @property
    def _away_until(self) -> float:
        return max(self._backoff.until, self._teller.away_until)

    def _make_dispatch(self) -> dispatch.Dispatch:
        return dispatch.Dispatch(self._rows, self._teller, self._settings)

    def _hurry(
        self,
        stream: str,
        until: float,
        prefetch: Held | None,
        answer: Callable[[bool], None],
    ) -> None:
        """Tell a stream in a thread of its own: a caller waits no longer.

        Not every library beneath keeps to the time it is given.
        """
        told = done = False
        try:
            found = prefetch or self._rows.take(stream)
            if found is not None:
                once = self._make_dispatch()
                told = once.tell([found], until)
                if found.prefetched:
                    # Who stored it need not wait until it is deleted.
                    answer(told)
                done = once.settle(last=True) and told
        except types.Away as error:
            LOG.debug('%s is left to the relay: %s', stream, error)
            self._worker.wake()
        except exception.ServiceUnavailable as error:
            self._backoff.failed(str(error))
            self._worker.wake()
        except Exception:
            LOG.exception('%s is left to the relay', stream)
        finally:
            answer(told)
        if not done:
            self.nudge()

    def _turn(self) -> float:
        try:
            self._require_keeper()
            if self._prefetches.waiting:
                time.sleep(_GATHER)
            if not self._dispatch.tell(self._prefetches.take()):
                self._asked.set()
            if self._asked.is_set() or time.monotonic() >= self._look_at:
                self._look()
        except types.Away:
            # Who is away, and for how long, the teller knows.
            pass
        except exception.ServiceUnavailable as error:
            self._backoff.failed(str(error))
        except Exception as error:
            self._backoff.failed(f'{type(error).__name__}: {error}', error)
        else:
            self._backoff.succeeded()
            return self._rest()
        self._asked.set()
        return max(_SHORTEST, self._away_until - time.monotonic())

    def _rest(self) -> float:
        """Give the seconds until the next turn."""
        if self._prefetches.waiting:
            return 0
        until = min(self._look_at, self._dispatch.settle_at)
        return max(0, until - time.monotonic())

    def _require_keeper(self) -> None:
        """Tell nothing while leases could not be renewed.

        :raises ThreadUnavailable: when no thread can be started for that
        """
        if not self._keeper.start():
            raise exception.ThreadUnavailable()

    def _look(self) -> None:
        """Tell what is found, and say when to look again."""
        self._asked.clear()
        # Fewer than it looks at is all there is.
        more = self.run_once() == _STREAMS
        self._look_at = time.monotonic() + (0 if more else self._pause())

    def _let_go(self) -> None:
        try:
            self._dispatch.release(self._prefetches.take(every=True))
        except exception.ServiceUnavailable as error:
            LOG.warning('Messages wait until their lease is over: %s', error)

    def _pause(self) -> float:
        """Give the seconds until something may be due."""
        longest = self._settings.poll_interval * random.uniform(0.5, 1)
        due_at = self._rows.next_due()
        if due_at is None:
            return longest
        left = (due_at - streams.now()).total_seconds()
        return min(longest, max(_SHORTEST, left))

    def _keep(self) -> float:
        """Renew the leases on what is being told."""
        try:
            self._rows.keep()
        except Exception:
            LOG.exception('Leases may end')
        return self._settings.lease / _RENEWALS
