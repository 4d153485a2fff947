# SPDX-License-Identifier: Apache-2.0
"""What a relay reads and writes of the streams of its lane."""

import datetime
import time
import uuid
from collections.abc import Collection
from collections.abc import Iterable

from nova_aggext.db import database as db_database
from nova_aggext.db import outbox
from nova_aggext.db import settlements
from nova_aggext.db import streams
from nova_aggext.outbox import held

# Messages read at a time.
_MESSAGES = 50


class LaneRows:
    """The rows of a lane; each call is a transaction of its own.

    It knows what is being told by any thread, so that leases are renewed.

    :raises DatabaseUnavailable: from every call that reads or writes
    """

    def __init__(
        self, lane: str, database: db_database.Database, lease: float
    ) -> None:
        """Take whose rows, and for how many seconds streams are held."""
        self._lane = lane
        self._database = database
        self._lease = lease
        self._telling: set[streams.Hold] = set()

    def due(self, limit: int) -> list[str]:
        """Give streams that somebody should tell."""
        return self._database.ask(
            lambda session: streams.due(session, self._lane, limit)
        )

    def next_due(self) -> datetime.datetime | None:
        """Give when the next stream is due, if there is one."""
        return self._database.ask(
            lambda session: streams.next_due(session, self._lane)
        )

    def take(self, stream: str) -> held.Held | None:
        """Take a stream and read it; None where another one holds it."""
        since = time.monotonic()
        hold = streams.Hold(stream, str(uuid.uuid4()))

        def work(session: db_database.Session) -> held.Held | None:
            if not streams.claim(session, hold, self._lease):
                return None
            (position,) = streams.positions(session, [stream])
            messages = outbox.read(session, stream, _MESSAGES)
            if len(messages) == _MESSAGES:
                # There may be more, so that the stream does not end there.
                position = streams.Position(hold, 0, position.failures)
            return held.Held(position, since, messages)

        return self._database.write(work)

    def telling(self, holds: Iterable[streams.Hold]) -> None:
        """Let leases be renewed by ``keep`` until they are settled."""
        self._telling.update(holds)

    @property
    def held(self) -> int:
        """How many streams are held."""
        return len(self._telling)

    def keep(self) -> None:
        """Renew the leases on all that is being told."""
        holds = self._telling.copy()
        if holds:
            self.renew(holds)

    def renew(self, holds: Collection[streams.Hold]) -> bool:
        """Hold streams for some more time; False when none is held still."""
        return self._database.write(
            lambda session: streams.renew(session, holds, self._lease)
        )

    def settle(
        self, settlement: settlements.Settlement
    ) -> frozenset[streams.Hold]:
        """Store what became of streams; give those that had come further.

        Their leases are renewed no more.
        """
        self._telling.difference_update(one.hold for one in settlement.ended)
        for each in settlement.put_off:
            self._telling.difference_update(each.holds)
        return self._database.write(
            lambda s: settlements.settle(s, settlement, self._lease)
        )

    def count_failure(self, names: Collection[str], reason: str) -> None:
        """Count an attempt in vain for streams nobody could be told of."""
        self._database.write(
            lambda session: outbox.count_failure(session, names, reason)
        )
