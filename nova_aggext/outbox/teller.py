# SPDX-License-Identifier: Apache-2.0
"""Tells messages, each by the channel of its kind."""

import contextlib
import itertools
from collections.abc import Iterable
from collections.abc import Iterator
from collections.abc import Mapping
from collections.abc import Sequence
from typing import Any

from nova_aggext import tracing
from nova_aggext.metrics import meters as metrics_meters
from nova_aggext.outbox import backoff
from nova_aggext.outbox import types


class Teller:
    """What all who empty the outbox of one process have in common."""

    def __init__(
        self,
        channels: Sequence[types.Channel],
        meters: metrics_meters.Meters,
        max_backoff: float = 10,
        tracer: tracing.Tracer | None = None,
    ) -> None:
        """Take who tells, and how long to wait for whom they tell."""
        self._channels = {
            kind: channel for channel in channels for kind in channel.kinds
        }
        self._folding = {
            kind: channel
            for kind, channel in self._channels.items()
            if isinstance(channel, types.Folding)
        }
        self._preparing = [
            one for one in channels if isinstance(one, types.Preparing)
        ]
        self._meters = meters
        self._tracer = tracer
        self._backoffs = {
            channel: backoff.Backoff(max_backoff) for channel in channels
        }

    @property
    def away_until(self) -> float:
        """The moment of ``time.monotonic`` until which somebody is away."""
        return max((one.until for one in self._backoffs.values()), default=0)

    @property
    def away(self) -> frozenset[types.Channel]:
        """The channels whose other end is away."""
        return frozenset(
            channel for channel, one in self._backoffs.items() if one.is_away
        )

    def prepare(self, messages: Sequence[types.DraftT]) -> list[types.DraftT]:
        """Read what telling messages of held streams needs."""
        prepared = list(messages)
        for channel in self._preparing:
            prepared = channel.prepare(prepared)
        return prepared

    def runs(
        self, messages: Iterable[types.DraftT]
    ) -> Iterator[list[types.DraftT]]:
        """Part messages of one stream into those that are told at once."""
        for kind, several in itertools.groupby(messages, lambda m: m.kind):
            if kind in self._folding:
                yield list(several)
            else:
                yield from ([one] for one in several)

    def folds(self, message: types.Draft) -> bool:
        """Say whether one message stands for several of its kind."""
        return message.kind in self._folding

    def tell(self, run: Sequence[types.Draft], until: float | None) -> None:
        """Tell what ``runs`` gave.

        :raises Away: when nobody can be told anything
        :raises TryAgain: when this cannot be told at present
        """
        message = run[0]
        if message.kind in self._folding:
            message = self._folding[message.kind].fold(run)
        channel = self._channels[message.kind]
        try:
            with self._traced(run):
                channel.tell(message, until)
        except types.Away as error:
            self._backoffs[channel].failed(str(error))
            raise
        self._backoffs[channel].succeeded()
        self._meters.told(message.kind, len(run))

    def _traced(
        self, run: Sequence[types.Draft]
    ) -> contextlib.AbstractContextManager[None]:
        """Let the trace of the newest message go on, if that has one."""
        message = run[-1]
        trace = message.body.get(types.TRACE)
        if self._tracer is None or trace is None:
            return contextlib.nullcontext()
        return self._tracer.telling(trace, message.kind, message.stream)

    def strip(self, message: types.Draft) -> Mapping[str, Any]:
        """Give what is kept of the body of a message that is parked."""
        channel = self._channels.get(message.kind)
        if isinstance(channel, types.Confiding):
            return channel.strip(message)
        return message.body

    def refused(self, message: types.Draft) -> None:
        """Count an attempt that was refused."""
        self._meters.refused(message.kind)
