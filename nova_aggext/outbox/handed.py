# SPDX-License-Identifier: Apache-2.0
"""Messages that this process has just stored, told without reading them.

Their stream was taken in the transaction that stored them, so that nobody
else tells it until the lease is over. What cannot be told this way is let go,
and read by a relay like all that others stored.
"""

import collections
import dataclasses
import itertools
import logging
import time
from collections.abc import Callable
from collections.abc import Mapping
from collections.abc import Sequence

from nova_aggext.db import database as db_database
from nova_aggext.db import outbox
from nova_aggext.db import streams
from nova_aggext.outbox import teller as outbox_teller
from nova_aggext.outbox import types

LOG = logging.getLogger(__name__)

# More than so many are left to be read.
_MOST = 100
# Seconds after which it is stored what was told. Who dies before that lets it
# be told once more.
_DELAY = 0.05


@dataclasses.dataclass(frozen=True, slots=True)
class Parcel:
    """What one transaction stored in one stream.

    :ivar place: where that is in the stream, which this process holds
    :ivar since: the moment of ``time.monotonic`` when it was stored
    """

    stream: str
    place: streams.Place
    since: float
    messages: Sequence[types.Draft]

    @property
    def is_first(self) -> bool:
        """Whether nothing was in the stream before."""
        return self.place.number == 1


@dataclasses.dataclass(frozen=True, slots=True)
class _Open:
    """A stream that was told, which is not stored yet.

    :ivar place: how far it was told
    :ivar left: more was appended, when that was stored, than had come here
    """

    place: streams.Place
    left: bool = False


class Handed:
    """Keeps parcels and tells them.

    One thread takes turns; any may put parcels, and tell one that is the
    first of its stream.
    """

    def __init__(
        self,
        database: db_database.Database,
        teller: outbox_teller.Teller,
        lease: float,
    ) -> None:
        self._database = database
        self._teller = teller
        self._lease = lease
        self._queue: collections.deque[Parcel] = collections.deque()
        self._open: dict[str, _Open] = {}
        self._telling: dict[str, str] = {}
        self._told: list[str] = []
        self._settle_at = float('inf')

    @property
    def waiting(self) -> bool:
        """Whether parcels wait that are to be told now."""
        return any(not self._may_wait(parcel) for parcel in tuple(self._queue))

    @property
    def held(self) -> dict[str, str]:
        """The streams that are being told, by those who hold them."""
        opened = list(self._open.items())
        return {
            **self._telling,
            **{one.place.owner: stream for stream, one in opened},
        }

    @property
    def full(self) -> bool:
        """Whether enough waits here."""
        return len(self._queue) >= _MOST

    def put(self, parcel: Parcel) -> None:
        """Keep a parcel until it is told."""
        self._queue.append(parcel)

    def tell(
        self, parcel: Parcel, until: float, told: Callable[[], None]
    ) -> bool:
        """Tell a first parcel; False when more has to be read.

        :param told: called once it is told, before that is stored
        :raises Away: when nobody can be told anything
        :raises ServiceUnavailable: when the database is away
        """
        self._telling[parcel.place.owner] = parcel.stream
        try:
            return self._tell_first(parcel, until, told)
        finally:
            del self._telling[parcel.place.owner]

    def turn(self) -> bool:
        """Tell all that was handed over; False when more has to be read.

        :raises Away: when nobody can be told anything
        :raises ServiceUnavailable: when the database is away
        """
        parcels = self._take(self._may_wait)
        broken = self._begin(parcels)
        try:
            for stream, several in self._prepared(parcels).items():
                if self._tell(stream, several):
                    broken.discard(stream)
        finally:
            if broken or time.monotonic() >= self._settle_at:
                broken |= self._settle(broken)
        return not broken

    def rest(self, seconds: float) -> float:
        """Give the seconds until the next turn, at most those given."""
        if self.waiting:
            return 0
        return max(0, min(seconds, self._settle_at - time.monotonic()))

    def release(self) -> None:
        """Store what was told, and let others tell what is still here."""
        broken = self._begin(self._take(lambda parcel: False))
        left = {name for name, one in self._open.items() if one.left}
        self._settle(broken | left)

    def _may_wait(self, parcel: Parcel) -> bool:
        """Say whether a parcel is told together with those still to come.

        Where one message stands for all that follow each other, the stream is
        told no more often than what was told is stored.
        """
        known = self._open.get(parcel.stream)
        return (
            known is not None
            and not known.left
            and known.place.number > 0
            and all(self._teller.folds(one) for one in parcel.messages)
        )

    def _take(
        self, may_wait: Callable[[Parcel], bool]
    ) -> dict[str, list[Parcel]]:
        """Give what is kept, in the order of each stream."""
        parcels: dict[str, list[Parcel]] = {}
        for _ in range(len(self._queue)):
            parcel = self._queue.popleft()
            if may_wait(parcel):
                self._queue.append(parcel)
            else:
                parcels.setdefault(parcel.stream, []).append(parcel)
        for several in parcels.values():
            several.sort(key=lambda parcel: parcel.place.number)
        return parcels

    def _prepared(
        self, parcels: Mapping[str, Sequence[Parcel]]
    ) -> dict[str, list[Parcel]]:
        """Read at once what telling all of them needs."""
        every = [
            one
            for several in parcels.values()
            for parcel in several
            for one in parcel.messages
        ]
        ready = iter(self._teller.prepare(every))
        return {
            stream: [
                dataclasses.replace(
                    parcel,
                    messages=list(
                        itertools.islice(ready, len(parcel.messages))
                    ),
                )
                for parcel in several
            ]
            for stream, several in parcels.items()
        }

    def _tell_first(
        self, parcel: Parcel, until: float, told: Callable[[], None]
    ) -> bool:
        done: list[str] = []
        broken = {parcel.stream}
        try:
            messages = self._teller.prepare(parcel.messages)
            if self._tell_messages(messages, until, done):
                broken.clear()
                told()
        finally:
            places = {parcel.stream: parcel.place}
            left = self._store(outbox.Told(places, done, broken), None)
        return not (broken or left)

    def _begin(self, parcels: Mapping[str, Sequence[Parcel]]) -> set[str]:
        """Open the streams of parcels, where they are not yet; give them."""
        for stream, several in parcels.items():
            owner = several[0].place.owner
            known = self._open.get(stream)
            if known is None or known.place.owner != owner:
                self._open[stream] = _Open(streams.Place(owner, 0))
        if parcels:
            soon = time.monotonic() + _DELAY
            self._settle_at = min(self._settle_at, soon)
        return set(parcels)

    def _tell(self, stream: str, parcels: Sequence[Parcel]) -> bool:
        """Tell parcels of one stream; False unless all could be told."""
        place = self._open[stream].place
        messages: list[types.Draft] = []
        for parcel in parcels:
            place = streams.Place(place.owner, place.number + 1)
            if parcel.place != place or self._is_old(parcel):
                return False
            messages += parcel.messages
        if not self._tell_messages(messages, None, self._told):
            return False
        self._open[stream] = _Open(place)
        return True

    def _is_old(self, parcel: Parcel) -> bool:
        """Say whether somebody else may tell a parcel soon."""
        return time.monotonic() > parcel.since + self._lease / 2

    def _tell_messages(
        self,
        messages: Sequence[types.Draft],
        until: float | None,
        told: list[str],
    ) -> bool:
        try:
            for run in self._teller.runs(messages):
                self._teller.tell(run, until)
                told += [one.message_id for one in run]
        except types.Away:
            raise
        except Exception as error:
            LOG.info('%s is told later: %s', messages[0].stream, error)
            return False
        return True

    def _settle(self, broken: set[str]) -> set[str]:
        """Store what was told; give streams that are given up.

        In those something was appended that did not come here.
        """
        opened, self._open = self._open, {}
        messages, self._told = self._told, []
        self._settle_at = float('inf')
        lost = {name for name, one in opened.items() if one.left}
        places = {name: one.place for name, one in opened.items()}
        told = outbox.Told(places, messages, broken | lost)
        for name in self._store(told, self._lease):
            self._open[name] = _Open(places[name], left=True)
            self._settle_at = time.monotonic() + _DELAY
        return lost

    def _store(
        self, told: outbox.Told, seconds: float | None
    ) -> frozenset[str]:
        """Store what was told; give streams to which more was appended."""
        if not told.places:
            return frozenset()
        return self._database.write(
            lambda session: outbox.settle_handed(session, told, seconds)
        )
