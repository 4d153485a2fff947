# SPDX-License-Identifier: Apache-2.0
"""The outbox on the database, with its relays."""

import dataclasses
import functools
import logging
import os
import secrets
import time
from collections.abc import Collection
from collections.abc import Iterator
from collections.abc import Mapping
from collections.abc import Sequence

from nova_aggext import exception
from nova_aggext import tracing
from nova_aggext.compute import ports
from nova_aggext.compute import steps
from nova_aggext.db import database as db_database
from nova_aggext.db import outbox
from nova_aggext.db import streams
from nova_aggext.outbox import held
from nova_aggext.outbox import relay
from nova_aggext.outbox import types

LOG = logging.getLogger(__name__)

Moment = types.Moment


class StoredOutbox:
    """Stores what has to be told, and wakes who tells it."""

    def __init__(
        self,
        database: db_database.Database,
        channels: Sequence[types.Channel],
        relays: Sequence[relay.Relay],
        mirror_deadline: float,
        lease: float = 60,
        tracer: tracing.Tracer | None = None,
    ) -> None:
        """Take what it works with.

        :param mirror_deadline: seconds that the request itself may spend on
            what is told of hosts; 0 leaves it to the relay
        :param lease: seconds for which the relays take streams
        :param tracer: knows the trace to be stored with what is to be told
        """
        self._database = database
        self._channels = channels
        self._relays = {one.lane: one for one in relays}
        self._mirror_deadline = mirror_deadline
        self._lease = lease
        self._tracer = tracer
        self._token = secrets.token_hex(7)

    def append(
        self, session: db_database.Session, done: steps.Done
    ) -> ports.Committed:
        """Store what was done; gives what wakes the relays."""
        drafts = list(self._compose(done))
        if done.change_id is not None:
            drafts = [
                dataclasses.replace(draft, change_id=done.change_id)
                for draft in drafts
            ]
        return self._store(session, drafts) if drafts else ports.nothing

    def refused(self, refusal: steps.Refusal) -> None:
        """Store what has to be told of a refusal, and wake the relay."""
        drafts = [
            draft
            for channel in self._channels
            for draft in channel.compose_refusal(refusal)
        ]
        if not drafts or _is_database_away(refusal.error):
            return
        try:
            committed = self._database.write(lambda s: self._store(s, drafts))
        except exception.ServiceUnavailable as error:
            LOG.warning('Nobody is told of a refused request: %s', error)
        else:
            committed()

    def close(self) -> None:
        """Stop the relays."""
        for one in self._relays.values():
            one.stop()
        for channel in self._channels:
            channel.close()

    def _store(
        self, session: db_database.Session, drafts: Sequence[types.Draft]
    ) -> ports.Committed:
        """Store messages, in streams that the relays here take if they can."""
        if self._tracer is not None:
            drafts = _traced(drafts, self._tracer.here())
        lanes = {lane for lane, one in self._relays.items() if one.takes}
        claim = self._claim(lanes) if lanes else None
        since = time.monotonic()
        positions = outbox.append(session, drafts, claim)
        messages: dict[str, list[types.Draft]] = {}
        for draft in drafts:
            messages.setdefault(draft.stream, []).append(draft)
        prefetches = {
            one.hold.stream: held.Held(
                one, since, messages[one.hold.stream], prefetched=True
            )
            for one in positions
        }
        return functools.partial(self._deliver, list(messages), prefetches)

    def _claim(self, lanes: Collection[str]) -> streams.Claim:
        # A process that was forked is another one.
        family = f'{self._token}.{os.getpid():x}.'
        return streams.Claim(
            owner=f'{family}{secrets.token_hex(6)}',
            family=family,
            seconds=self._lease,
            lanes=frozenset(lanes),
        )

    def _deliver(
        self, names: Sequence[str], prefetches: Mapping[str, held.Held]
    ) -> None:
        """Wake the relays; tell of hosts at once, as far as time allows."""
        until = time.monotonic() + self._mirror_deadline
        # Hosts last: for them the request waits.
        for stream in sorted(names, key=_is_of_host):
            one = self._relays.get(streams.lane_of(stream))
            prefetch = prefetches.get(stream)
            if one is None:
                continue
            if self._mirror_deadline and _is_of_host(stream):
                first = prefetch if prefetch and prefetch.is_first else None
                one.hurry(stream, until, first)
            else:
                one.nudge(prefetch)

    def _compose(self, done: steps.Done) -> Iterator[types.Draft]:
        for subject in done.subjects:
            for step in subject.steps:
                for moment in types.OF_STEP:
                    yield from self._at(done, subject, step, moment)
            last = subject.steps[-1]
            yield from self._at(done, subject, last, Moment.FINISHED)
        for channel in self._channels:
            yield from channel.compose_whole(done)

    def _at(
        self,
        done: steps.Done,
        subject: steps.Subject,
        step: steps.Step,
        moment: types.Moment,
    ) -> Iterator[types.Draft]:
        for channel in self._channels:
            yield from channel.compose(done, subject, step, moment)


def _is_of_host(stream: str) -> bool:
    return streams.lane_of(stream) == types.HOSTS


def _is_database_away(error: Exception) -> bool:
    return isinstance(error, exception.DatabaseUnavailable)


def _traced(
    drafts: Sequence[types.Draft], trace: tracing.Trace | None
) -> Sequence[types.Draft]:
    """Let the trace that is under way, if any, go on where they are told."""
    if trace is None:
        return drafts
    return [
        dataclasses.replace(draft, body={**draft.body, types.TRACE: trace})
        for draft in drafts
    ]
