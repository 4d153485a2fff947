# SPDX-License-Identifier: Apache-2.0
"""Streams that are held here, with what is to be told of them.

A relay reads messages from the tables, after it took their stream. A prefetch
is what it would have read: the request that stores messages takes their
stream for the relays of its process, and keeps the messages for them.
"""

import collections
import dataclasses
from collections.abc import Callable
from collections.abc import Iterable
from collections.abc import Sequence

from nova_aggext.db import streams
from nova_aggext.outbox import types

# With so many prefetches more are left to be read.
_MOST = 100


@dataclasses.dataclass(frozen=True, slots=True)
class Held:
    """A stream that this process holds, and messages of it.

    :ivar position: where the messages end
    :ivar since: the moment of ``time.monotonic`` when the stream was held
    :ivar prefetched: the messages are those of one transaction, which were
        not read; what was in the stream before is not among them
    """

    position: streams.Position
    since: float
    messages: Sequence[types.Draft]
    prefetched: bool = False

    @property
    def hold(self) -> streams.Hold:
        """What the stream is held by."""
        return self.position.hold

    @property
    def is_first(self) -> bool:
        """Whether a prefetch has all that is in the stream."""
        return self.position.number == 1


def by_hold(several: Iterable[Held]) -> dict[streams.Hold, list[Held]]:
    """Group them by their streams, each in order."""
    groups: dict[streams.Hold, list[Held]] = {}
    for one in several:
        groups.setdefault(one.hold, []).append(one)
    for group in groups.values():
        group.sort(key=lambda one: one.position.number)
    return groups


def joined(group: Sequence[Held], after: int) -> Held | None:
    """Make one of prefetches of a stream that follow each other.

    None when something is missing among them, which must be read. What was
    read stays as it is.

    :param after: the number up to which the stream was told
    """
    if not group[0].prefetched:
        return group[0]
    numbers = [one.position.number for one in group]
    if numbers != list(range(after + 1, after + 1 + len(numbers))):
        return None
    messages = [message for one in group for message in one.messages]
    return dataclasses.replace(
        group[-1], since=group[0].since, messages=messages
    )


class Prefetches:
    """Keeps prefetches until they are told; any thread may add some."""

    def __init__(self, may_wait: Callable[[Held], bool]) -> None:
        """Take what says whether one is told with those still to come."""
        self._may_wait = may_wait
        self._queue: collections.deque[Held] = collections.deque()

    @property
    def waiting(self) -> bool:
        """Whether some are to be told now."""
        return any(not self._may_wait(one) for one in tuple(self._queue))

    @property
    def full(self) -> bool:
        """Whether there are enough."""
        return len(self._queue) >= _MOST

    def add(self, prefetch: Held) -> None:
        """Keep one."""
        self._queue.append(prefetch)

    def take(self, every: bool = False) -> list[Held]:
        """Give those that are to be told now, or every one."""
        taken = []
        for _ in range(len(self._queue)):
            one = self._queue.popleft()
            if every or not self._may_wait(one):
                taken.append(one)
            else:
                self._queue.append(one)
        return taken
