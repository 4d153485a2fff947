# SPDX-License-Identifier: Apache-2.0
"""The outbox on the database, with its relays."""

import logging
import time
from collections.abc import Iterator
from collections.abc import Sequence

from nova_aggext import context
from nova_aggext import exception
from nova_aggext.compute import steps
from nova_aggext.db import database as db_database
from nova_aggext.db import outbox
from nova_aggext.db import records
from nova_aggext.outbox import relay
from nova_aggext.outbox import types

LOG = logging.getLogger(__name__)

Moment = types.Moment

_HOST_STEPS = (steps.AddingHost, steps.RemovingHost)


class StoredOutbox:
    """Stores what has to be told, and wakes who tells it."""

    def __init__(
        self,
        database: db_database.Database,
        channels: Sequence[types.Channel],
        relays: Sequence[relay.Relay],
        mirror_deadline: float,
    ) -> None:
        """Take what it works with.

        :param mirror_deadline: seconds that the request itself may spend on
            what is told of hosts; 0 leaves it to the relay
        """
        self._database = database
        self._channels = channels
        self._relays = {one.lane: one for one in relays}
        self._mirror_deadline = mirror_deadline

    def append(
        self,
        session: db_database.Session,
        who: context.RequestContext,
        subject: records.Aggregate,
        taken: tuple[steps.Step, ...],
    ) -> None:
        """Store what was done."""
        stream = types.stream_of_aggregate(subject.id)
        drafts = list(self._compose(who, stream, taken))
        if drafts:
            outbox.append(session, drafts)

    def committed(
        self, who: context.RequestContext, taken: tuple[steps.Step, ...]
    ) -> None:
        """Wake the relays; tell of hosts at once, as far as time allows."""
        self._nudge(types.AGGREGATES)
        self._nudge(types.ZONES)
        mirror = self._relays.get(types.HOSTS)
        if mirror is None:
            return
        for step in taken:
            if isinstance(step, _HOST_STEPS):
                until = time.monotonic() + self._mirror_deadline
                stream = types.stream_of_host(step.host)
                if not self._mirror_deadline or not mirror.hurry(
                    stream, until
                ):
                    mirror.nudge()

    def refused(
        self, who: context.RequestContext, refusal: steps.Refusal
    ) -> None:
        """Store what has to be told of a refusal, and wake the relay."""
        stream = types.stream_of_aggregate(
            _number(refusal.arguments.get('aggregate_id'))
        )
        drafts = list(self._compose_refusal(who, stream, refusal))
        if not drafts or _is_database_away(refusal.error):
            return
        try:
            self._database.write(lambda s: outbox.append(s, drafts))
        except exception.ServiceUnavailable as error:
            LOG.warning('Nobody is told of a refused request: %s', error)
        self._nudge(types.AGGREGATES)

    def close(self) -> None:
        """Stop the relays."""
        for one in self._relays.values():
            one.stop()
        for channel in self._channels:
            channel.close()

    def _nudge(self, lane: str) -> None:
        if lane in self._relays:
            self._relays[lane].nudge()

    def _compose(
        self,
        who: context.RequestContext,
        stream: str,
        taken: tuple[steps.Step, ...],
    ) -> Iterator[types.Draft]:
        for step in taken:
            for moment in (Moment.STARTED, Moment.CHANGED, Moment.ENDED):
                for channel in self._channels:
                    yield from channel.compose(who, stream, step, moment)
        for channel in self._channels:
            yield from channel.compose(who, stream, taken[-1], Moment.FINISHED)

    def _compose_refusal(
        self,
        who: context.RequestContext,
        stream: str,
        refusal: steps.Refusal,
    ) -> Iterator[types.Draft]:
        for step in refusal.taken:
            for channel in self._channels:
                yield from channel.compose(who, stream, step, Moment.STARTED)
        for channel in self._channels:
            yield from channel.compose_refusal(who, stream, refusal)


def _number(written: str | None) -> str:
    """Give the name of the stream of an aggregate that may not exist."""
    return 'new' if written is None else str(int(written))


def _is_database_away(error: Exception) -> bool:
    return isinstance(error, exception.DatabaseUnavailable)
