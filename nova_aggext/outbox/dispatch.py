# SPDX-License-Identifier: Apache-2.0
"""Dispatch: tells the messages of held streams, and settles the streams."""

import dataclasses
import itertools
import logging
import time
from collections.abc import Collection
from collections.abc import Sequence

from nova_aggext import exception
from nova_aggext.db import settlements
from nova_aggext.db import streams
from nova_aggext.outbox import backoff
from nova_aggext.outbox import held as outbox_held
from nova_aggext.outbox import lane_rows
from nova_aggext.outbox import teller as outbox_teller
from nova_aggext.outbox import types

LOG = logging.getLogger(__name__)

Held = outbox_held.Held

# Seconds until others try a stream for which nobody could be told anything.
_MOMENT = 0.5


@dataclasses.dataclass(frozen=True, slots=True)
class Settings:
    """How patient a relay is.

    :ivar lease: seconds for which a stream is taken
    :ivar poll_interval: seconds after which others' streams are looked for
    :ivar max_backoff: most seconds between two attempts
    :ivar max_attempts: times a message may be refused before it is parked
    :ivar settle_delay: seconds after which it is stored what was told; who
        dies before that lets it be told once more
    """

    lease: float
    poll_interval: float
    max_backoff: float
    max_attempts: int
    settle_delay: float = 0.05


@dataclasses.dataclass(slots=True)
class _Gathered:
    """What is to be settled.

    :ivar awaited: streams that were prefetched, of which more may come
    """

    told: list[types.Draft] = dataclasses.field(default_factory=list)
    ended: dict[streams.Hold, streams.Position] = dataclasses.field(
        default_factory=dict
    )
    awaited: set[streams.Hold] = dataclasses.field(default_factory=set)
    put_off: list[settlements.PutOff] = dataclasses.field(default_factory=list)
    refused: list[settlements.Refusal] = dataclasses.field(
        default_factory=list
    )


class Dispatch:
    """Tells held streams, and settles them; for one thread.

    What was told is settled a moment later, many streams together, but at
    once where something could not be told. To a stream that was prefetched
    more may be appended meanwhile; what has not come here by the next
    settlement has to be read.

    :ivar settle_at: the moment of ``time.monotonic`` to settle
    """

    def __init__(
        self,
        rows: lane_rows.LaneRows,
        teller: outbox_teller.Teller,
        settings: Settings,
    ) -> None:
        self.settle_at = float('inf')
        self._rows = rows
        self._teller = teller
        self._settings = settings
        self._gathered = _Gathered()

    def may_wait(self, prefetch: Held) -> bool:
        """Say whether a prefetch is told together with those still to come.

        Where one message stands for all that follow each other, the stream is
        told no more often than it is settled.
        """
        return prefetch.hold in self._gathered.awaited and all(
            self._teller.folds(one) for one in prefetch.messages
        )

    def tell(
        self, several: Sequence[Held], until: float | None = None
    ) -> bool:
        """Tell all messages; False when some have to be read.

        :param until: the moment of ``time.monotonic`` to give up at
        :raises Away: when nobody can be told anything
        :raises ServiceUnavailable: when the database is away
        """
        self._rows.telling(one.hold for one in several)
        untold = self._in_order(several)
        try:
            for held, messages in self._prepared(untold):
                self._tell(held, messages, until)
                untold.remove(held)
        except Exception as error:
            # Leases that nobody settles would be renewed for ever.
            seconds = min(_MOMENT, self._settings.max_backoff)
            self._put_off([one.hold for one in untold], seconds, str(error))
            raise
        finally:
            told = not self._gathered.put_off
            if not told or time.monotonic() >= self.settle_at:
                told = self.settle()
        return told

    def settle(self, *, last: bool = False) -> bool:
        """Store what became of streams; False when some have to be read.

        :param last: nothing more will come here
        :raises ServiceUnavailable: when the database is away
        """
        made, self._gathered = self._gathered, _Gathered()
        self.settle_at = float('inf')
        if not (made.ended or made.put_off):
            return True
        awaited = frozenset(() if last else made.awaited)
        left = self._rows.settle(
            settlements.Settlement(
                made.told,
                made.ended.values(),
                awaited,
                made.put_off,
                made.refused,
            )
        )
        for hold in left & awaited:
            self._rows.telling([hold])
            self._end(made.ended[hold])
        return not (left - awaited or made.put_off)

    def release(self, untold: Sequence[Held]) -> None:
        """Settle, and let others tell what was not told here.

        :raises ServiceUnavailable: when the database is away
        """
        self._put_off([one.hold for one in untold])
        self.settle(last=True)

    def _in_order(self, several: Sequence[Held]) -> list[Held]:
        """Join those of each stream; put off where something is missing."""
        found = []
        for hold, group in outbox_held.by_hold(several).items():
            ended = self._gathered.ended.get(hold)
            one = outbox_held.joined(group, ended.number if ended else 0)
            if one is None:
                self._put_off([hold])
            else:
                found.append(one)
        return found

    def _prepared(
        self, several: Sequence[Held]
    ) -> list[tuple[Held, Sequence[types.Draft]]]:
        """Read at once what telling all of them needs.

        Where that fails one after the other, to find out which is to blame.
        """
        every = [message for one in several for message in one.messages]
        try:
            ready = iter(self._teller.prepare(every))
        except (types.Away, exception.ServiceUnavailable):
            raise
        except Exception as error:
            if len(several) > 1:
                return [
                    pair for one in several for pair in self._prepared([one])
                ]
            self._refuse(several[0], several[0].messages[0], error)
            return []
        return [
            (one, list(itertools.islice(ready, len(one.messages))))
            for one in several
        ]

    def _tell(
        self, held: Held, messages: Sequence[types.Draft], until: float | None
    ) -> None:
        """Tell prepared messages of a stream, as far as it goes.

        :raises Away: when nobody can be told anything
        :raises ServiceUnavailable: when the database is away
        """
        told = 0
        renew_at = held.since + self._settings.lease / 2
        try:
            for run in self._teller.runs(messages):
                if time.monotonic() > renew_at:
                    if not self._rows.renew([held.hold]):
                        self._put_off([held.hold])
                        return
                    renew_at = time.monotonic() + self._settings.lease / 2
                self._teller.tell(run, until)
                told += len(run)
        except (types.Away, exception.ServiceUnavailable):
            raise
        except types.TryAgain as error:
            LOG.info('%s waits: %s', held.hold.stream, error)
            self._try_again(held, str(error))
        except Exception as error:
            self._refuse(held, held.messages[told], error)
        else:
            self._end(held.position)
            if held.prefetched:
                self._gathered.awaited.add(held.hold)
        finally:
            self._gathered.told += held.messages[:told]

    def _end(self, position: streams.Position) -> None:
        """Let a stream be settled that was told up to a position."""
        self._gathered.ended[position.hold] = position
        settle_at = time.monotonic() + self._settings.settle_delay
        self.settle_at = min(self.settle_at, settle_at)

    def _put_off(
        self,
        holds: Collection[streams.Hold],
        seconds: float = 0,
        error: str | None = None,
    ) -> None:
        """Let streams go that were not told to their end."""
        for hold in holds:
            self._gathered.ended.pop(hold, None)
        if holds:
            made = settlements.PutOff(holds, seconds, error)
            self._gathered.put_off.append(made)

    def _try_again(self, held: Held, error: str | None) -> None:
        seconds = backoff.seconds(
            held.position.failures, self._settings.max_backoff
        )
        self._put_off([held.hold], seconds, error)

    def _refuse(
        self, held: Held, message: types.Draft, error: Exception
    ) -> None:
        """Count that a message was refused; park it after the last time."""
        attempts = message.attempts + 1
        LOG.error(
            'Message %s (%s of %s) was refused %s times',
            getattr(message, 'id', message.message_id),
            message.kind,
            message.stream,
            attempts,
            exc_info=error,
        )
        self._teller.refused(message)
        parked = attempts >= self._settings.max_attempts
        refusal = settlements.Refusal(
            message,
            attempts,
            f'{type(error).__name__}: {error}',
            self._teller.strip(message) if parked else None,
        )
        self._gathered.refused.append(refusal)
        self._try_again(held, None)
