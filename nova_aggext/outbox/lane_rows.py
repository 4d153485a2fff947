# SPDX-License-Identifier: Apache-2.0
"""What a relay reads and writes of the streams of its lane."""

import datetime
import logging
from collections.abc import Collection
from collections.abc import Mapping
from typing import Any

from nova_aggext.db import database as db_database
from nova_aggext.db import outbox
from nova_aggext.db import streams
from nova_aggext.outbox import types

LOG = logging.getLogger(__name__)

# Messages read at a time.
_MESSAGES = 50


class LaneRows:
    """The rows of a lane; each call is a transaction of its own.

    :raises DatabaseUnavailable: from every call
    """

    def __init__(
        self,
        lane: str,
        database: db_database.Database,
        lease: float,
        max_attempts: int,
    ) -> None:
        """Take whose rows, and how streams are held.

        :param lease: seconds for which a stream is taken
        :param max_attempts: times a message may be refused
        """
        self._lane = lane
        self._database = database
        self._lease = lease
        self._max_attempts = max_attempts

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

    def failures(self, stream: str) -> int:
        """Give how often in a row a stream was put off."""
        return self._database.ask(
            lambda session: streams.failures(session, stream)
        )

    def take(self, stream: str, owner: str) -> list[types.Message] | None:
        """Take a stream and read it; None where another one holds it."""

        def work(session: db_database.Session) -> list[types.Message] | None:
            if not streams.claim(session, stream, owner, self._lease):
                return None
            return outbox.read(session, stream, _MESSAGES)

        return self._database.write(work)

    def claim(self, stream: str, owner: str) -> bool:
        """Take a stream for some more time; False when it was lost."""
        return self._database.write(
            lambda s: streams.claim(s, stream, owner, self._lease)
        )

    def renew(self, stream: str, owner: str) -> None:
        """Hold a stream for some more time, if it is held still."""
        self._database.write(
            lambda s: streams.renew(s, [stream], [owner], self._lease)
        )

    def settle(self, stream: str, owner: str, told: Collection[int]) -> bool:
        """Delete what was told and let go; False when it was lost."""
        return self._database.write(
            lambda session: outbox.settle(session, stream, owner, told)
        )

    def put_off(
        self,
        stream: str,
        owner: str,
        told: Collection[int],
        seconds: float,
        reason: str | None,
    ) -> None:
        """Delete what was told and let the rest of a stream wait."""
        self._database.write(
            lambda session: outbox.put_off(
                session, stream, owner, told, seconds, reason
            )
        )

    def count_failure(self, names: Collection[str], reason: str) -> None:
        """Count an attempt in vain for streams nobody could be told of."""
        self._database.write(
            lambda session: outbox.count_failure(session, names, reason)
        )

    def refuse(
        self,
        message: types.Message,
        error: Exception,
        kept: Mapping[str, Any],
    ) -> None:
        """Count that a message was refused; park it after the last time.

        :param kept: what its body is once it is parked
        """
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
            lambda session: outbox.refuse(
                session, message, text, self._max_attempts, kept
            )
        )
