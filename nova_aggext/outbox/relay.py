# SPDX-License-Identifier: Apache-2.0
"""The relay: takes a stream, tells its messages in order, deletes them."""

import dataclasses
import logging
import random
import time
import uuid
from collections.abc import Sequence

from nova_aggext import exception
from nova_aggext.db import database as db_database
from nova_aggext.db import outbox
from nova_aggext.outbox import metrics
from nova_aggext.outbox import types
from nova_aggext.outbox import worker

LOG = logging.getLogger(__name__)

# Streams looked at, and messages read, at a time.
_STREAMS = 20
_MESSAGES = 50
# Seconds until others try a stream for which nobody could be told anything.
_MOMENT = 0.5


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
    holds its lease. One that loses the lease tells no further message.
    """

    def __init__(
        self,
        lane: str,
        database: db_database.Database,
        channels: Sequence[types.Channel],
        settings: Settings,
        counters: metrics.Counters,
    ) -> None:
        self.lane = lane
        self._database = database
        self._channels = {
            kind: channel for channel in channels for kind in channel.kinds
        }
        self._settings = settings
        self._counters = counters
        self._failures = 0
        self._worker = worker.Worker(f'aggext-relay-{lane}', self._turn)

    def start(self) -> None:
        """Begin to tell, in a thread of its own."""
        self._worker.start()

    def stop(self) -> None:
        """Tell nothing more."""
        self._worker.stop()

    def nudge(self) -> None:
        """Learn that something was stored."""
        if not self._failures:
            self._worker.wake()

    def hurry(self, stream: str, until: float) -> bool:
        """Tell a stream in the thread of the caller; never raises.

        False when it could not be told in time, or another one is at it.
        """
        try:
            return self._tell(stream, until)
        except (types.Away, exception.ServiceUnavailable) as error:
            LOG.info('%s is left to the relay: %s', stream, error)
            return False

    def run_once(self) -> bool:
        """Tell what is due; False when there was nothing to tell.

        :raises Away: when nobody can be told anything
        :raises DatabaseUnavailable: when the outbox cannot be read
        """
        due = self._database.read(
            lambda session: outbox.due(session, self.lane, _STREAMS)
        )
        random.shuffle(due)
        told = [self._tell(stream) for stream in due]
        return any(told)

    def _turn(self) -> float:
        try:
            while self.run_once() and not self._worker.stopped:
                continue
        except (types.Away, exception.ServiceUnavailable) as error:
            LOG.warning('The outbox waits: %s', error)
        except Exception:
            LOG.exception('The outbox waits after an error of its own')
        else:
            self._failures = 0
            return self._settings.poll_interval * random.uniform(0.5, 1)
        self._failures += 1
        return self._backoff(self._failures)

    def _backoff(self, failures: int) -> float:
        longest = min(
            0.25 * 2 ** min(failures, 10), self._settings.max_backoff
        )
        return random.uniform(longest / 2, longest)

    def _tell(self, stream: str, until: float | None = None) -> bool:
        """Take a stream and tell what waits in it; False if all waits on."""
        owner = str(uuid.uuid4())
        if not self._claim(stream, owner):
            return False
        messages = self._database.read(
            lambda session: outbox.read(session, stream, _MESSAGES)
        )
        told: list[int] = []
        try:
            return self._tell_each(stream, owner, messages, told, until)
        except types.Away:
            self._put_off(stream, owner, told, _MOMENT)
            raise
        except types.TryAgain as error:
            LOG.info('%s waits: %s', stream, error)
        except Exception as error:
            self._refuse(messages[len(told)], error)
        failures = self._database.read(lambda s: outbox.failures(s, stream))
        self._put_off(stream, owner, told, self._backoff(failures))
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
        for message in messages:
            if time.monotonic() > renew_at:
                if not self._claim(stream, owner):
                    return False
                renew_at = time.monotonic() + self._settings.lease / 2
            self._channels[message.kind].tell(message, until)
            self._counters.told(message.kind)
            told.append(message.id)
        return self._database.write(
            lambda session: outbox.settle(session, stream, owner, told)
        )

    def _claim(self, stream: str, owner: str) -> bool:
        lease = self._settings.lease
        return self._database.write(
            lambda session: outbox.claim(session, stream, owner, lease)
        )

    def _put_off(
        self, stream: str, owner: str, told: list[int], seconds: float
    ) -> None:
        self._database.write(
            lambda session: outbox.put_off(
                session, stream, owner, told, seconds
            )
        )

    def _refuse(self, message: types.Message, error: Exception) -> None:
        limit = self._settings.max_attempts
        self._counters.refused(message.kind)
        LOG.error(
            'Message %s (%s of %s) was refused %s times',
            message.id,
            message.kind,
            message.stream,
            message.attempts + 1,
            exc_info=error,
        )
        text = f'{type(error).__name__}: {error}'
        self._database.write(
            lambda session: outbox.refuse(session, message, text, limit)
        )
