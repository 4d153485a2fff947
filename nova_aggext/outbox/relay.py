# SPDX-License-Identifier: Apache-2.0
"""The relay: takes a stream, tells its messages in order, deletes them."""

import atexit
import dataclasses
import logging
import queue
import random
import threading
import time
import uuid
from collections.abc import Sequence

from nova_aggext import exception
from nova_aggext import threads as aggext_threads
from nova_aggext.db import database as db_database
from nova_aggext.db import streams
from nova_aggext.outbox import backoff
from nova_aggext.outbox import handed
from nova_aggext.outbox import lane_rows
from nova_aggext.outbox import metrics
from nova_aggext.outbox import teller as outbox_teller
from nova_aggext.outbox import types
from nova_aggext.outbox import worker

LOG = logging.getLogger(__name__)

# How often a lease is renewed before it would end.
_RENEWALS = 3
# Streams looked at at a time.
_STREAMS = 20
# Seconds until others try a stream for which nobody could be told anything.
_MOMENT = 0.5
# Least seconds between two turns that nobody asked for.
_SHORTEST = 0.05
# Seconds in which others may store something to be told in the same turn.
_GATHER = 0.003
# Seconds that the end of a process waits for what is being told.
_FAREWELL = 1
# Streams told at once for requests that wait.
_HURRIES = 8


@dataclasses.dataclass(frozen=True, slots=True)
class Settings:
    """How patient a relay is.

    :ivar lease: seconds for which a stream is taken
    :ivar poll_interval: seconds after which others' streams are looked for
    :ivar max_backoff: most seconds between two attempts
    :ivar max_attempts: times a message may be refused before it is parked
    """

    lease: float
    poll_interval: float
    max_backoff: float
    max_attempts: int


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
        counters: metrics.Counters,
        threads: aggext_threads.Factory = threading.Thread,
    ) -> None:
        self.lane = lane
        self._rows = lane_rows.LaneRows(
            lane, database, settings.lease, settings.max_attempts
        )
        self._teller = outbox_teller.Teller(
            channels, counters, settings.max_backoff
        )
        self._settings = settings
        self._handed = handed.Handed(database, self._teller, settings.lease)
        self._asked = threading.Event()
        self._look_at = 0.0
        # Of the database, and of errors of our own.
        self._backoff = backoff.Backoff(settings.max_backoff)
        self._hurries = worker.Helpers(
            f'aggext-hurry-{lane}', _HURRIES, threads
        )
        self._held: dict[str, str] = {}
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

    def nudge(self) -> None:
        """Learn that something was stored."""
        self._asked.set()
        if not self._is_away():
            self._worker.wake()

    @property
    def takes(self) -> bool:
        """Whether streams may be stored as taken, and be handed over."""
        running = self._worker.running and not self._worker.stopped
        return running and not self._is_away() and not self._handed.full

    def hand_over(self, parcel: handed.Parcel) -> None:
        """Learn what was stored in a stream that was taken for this relay."""
        self._handed.put(parcel)
        if not self._is_away():
            self._worker.wake()

    def hurry(
        self, stream: str, until: float, parcel: handed.Parcel | None = None
    ) -> bool:
        """Tell a stream while the caller waits.

        False when it could not be told in time, when another one is at it,
        when nobody could be told anything a moment ago, or when there is no
        thread for it. It is told later then.

        :param parcel: what waits in it, where the stream was taken
        """
        answers: queue.SimpleQueue[bool] = queue.SimpleQueue()
        if not self._start_hurry(stream, until, parcel, answers):
            if parcel is None:
                self.nudge()
            else:
                self.hand_over(parcel)
            return False
        try:
            return answers.get(timeout=max(0, until - time.monotonic()))
        except queue.Empty:
            LOG.info('%s takes too long for a request', stream)
            return False

    def run_once(self) -> int:
        """Tell what is due; give the number of streams that were told.

        :raises Away: when nobody can be told anything
        :raises DatabaseUnavailable: when the outbox cannot be read
        :raises ThreadUnavailable: when leases could not be renewed
        """
        due = self._rows.due(_STREAMS)
        random.shuffle(due)
        told = 0
        try:
            while due and not self.stopped:
                told += self._tell(due.pop())
        except types.Away as error:
            self._rows.count_failure(due, str(error))
            raise
        return told

    @property
    def stopped(self) -> bool:
        """Whether nothing more is to be told."""
        return self._worker.stopped

    def _is_away(self) -> bool:
        return time.monotonic() < self._away_until

    @property
    def _away_until(self) -> float:
        return max(self._backoff.until, self._teller.away_until)

    def _start_hurry(
        self,
        stream: str,
        until: float,
        parcel: handed.Parcel | None,
        answers: queue.SimpleQueue[bool],
    ) -> bool:
        """Begin to tell a stream, unless that is in vain at present."""
        if self._is_away() or not self._keeper.start():
            return False
        return self._hurries.start(
            lambda: self._hurry(stream, until, parcel, answers)
        )

    def _hurry(
        self,
        stream: str,
        until: float,
        parcel: handed.Parcel | None,
        answers: queue.SimpleQueue[bool],
    ) -> None:
        """Tell a stream in a thread of its own: a caller waits no longer.

        Not every library beneath keeps to the time it is given.
        """
        told = False
        try:
            if parcel is None:
                told = self._tell(stream, until)
            else:
                told = self._handed.tell(
                    parcel, until, lambda: answers.put(True)
                )
        except types.Away as error:
            LOG.debug('%s is left to the relay: %s', stream, error)
            self._worker.wake()
        except exception.ServiceUnavailable as error:
            self._backoff.failed(str(error))
            self._worker.wake()
        except Exception:
            LOG.exception('%s is left to the relay', stream)
        finally:
            answers.put(told)
        if parcel is None or not told:
            # Others may have stored more, and found the stream taken.
            self.nudge()

    def _turn(self) -> float:
        try:
            self._require_keeper()
            if self._handed.waiting:
                time.sleep(_GATHER)
            if not self._handed.turn():
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
            return self._handed.rest(self._look_at - time.monotonic())
        self._asked.set()
        return max(_SHORTEST, self._away_until - time.monotonic())

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
        while self.run_once() == _STREAMS and not self.stopped:
            pass
        self._look_at = time.monotonic() + self._pause()

    def _let_go(self) -> None:
        try:
            self._handed.release()
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
        held = {**self._held, **self._handed.held}
        for owner, stream in held.items():
            try:
                self._rows.renew(stream, owner)
            except Exception:
                LOG.exception('The lease on %s may end', stream)
        return self._settings.lease / _RENEWALS

    def _tell(self, stream: str, until: float | None = None) -> bool:
        """Take a stream and tell what waits in it; False if all waits on."""
        self._require_keeper()
        owner = str(uuid.uuid4())
        messages = self._rows.take(stream, owner)
        if messages is None:
            return False
        self._held[owner] = stream
        try:
            return self._tell_taken(stream, owner, messages, until)
        finally:
            del self._held[owner]

    def _tell_taken(
        self,
        stream: str,
        owner: str,
        messages: Sequence[types.Message],
        until: float | None,
    ) -> bool:
        told: list[int] = []
        reason = None
        try:
            return self._tell_each(stream, owner, messages, told, until)
        except types.Away as error:
            seconds = min(_MOMENT, self._settings.max_backoff)
            self._rows.put_off(stream, owner, told, seconds, str(error))
            raise
        except exception.ServiceUnavailable:
            # The stream is ours until the lease ends; nothing can be stored.
            raise
        except types.TryAgain as error:
            LOG.info('%s waits: %s', stream, error)
            reason = str(error)
        except Exception as error:
            message = messages[len(told)]
            self._teller.refused(message)
            self._rows.refuse(message, error, self._teller.strip(message))
        failures = self._rows.failures(stream)
        seconds = backoff.seconds(failures, self._settings.max_backoff)
        self._rows.put_off(stream, owner, told, seconds, reason)
        return bool(told)

    def _tell_each(
        self,
        stream: str,
        owner: str,
        messages: Sequence[types.Message],
        told: list[int],
        until: float | None,
    ) -> bool:
        renew_at = time.monotonic() + self._settings.lease / 2
        for run in self._teller.runs(self._teller.prepare(messages)):
            if time.monotonic() > renew_at:
                if not self._rows.claim(stream, owner):
                    return False
                renew_at = time.monotonic() + self._settings.lease / 2
            self._teller.tell(run, until)
            told += [message.id for message in run]
        return self._rows.settle(stream, owner, told)
