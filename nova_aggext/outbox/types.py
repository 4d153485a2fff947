# SPDX-License-Identifier: Apache-2.0
"""What the outbox and the channels that empty it say to each other."""

import enum
from collections.abc import Iterable
from collections.abc import Mapping
from collections.abc import Sequence
from typing import Any, Protocol, TypeVar, runtime_checkable

from nova_aggext.compute import audit
from nova_aggext.compute import steps
from nova_aggext.db import outbox

Draft = outbox.Draft
Message = outbox.Message

DraftT = TypeVar('DraftT', bound=Draft)

# Lanes: what waits in one does not delay another.
AGGREGATES = 'aggregate'
HOSTS = 'host'
ZONES = 'zone'


# In the body of a message: which trace goes on when it is told.
TRACE = 'trace'


def stream_of_aggregate(aggregate_id: int | str) -> str:
    """Name the stream of all that is told of an aggregate."""
    return f'{AGGREGATES}:{aggregate_id}'


def stream_of_host(host: str) -> str:
    """Name the stream of all that is told of a host."""
    return f'{HOSTS}:{host}'


def stream_of_zone(aggregate_id: int) -> str:
    """Name the stream of what is told of the zone of an aggregate."""
    return f'{ZONES}:{aggregate_id}'


class Moment(enum.Enum):
    """When a message stands in the order of a request."""

    STARTED = 'the step began'
    CHANGED = 'the step was taken'
    ENDED = 'after all that follows the step'
    FINISHED = 'after the last step'


# The moments of each step, in their order.
OF_STEP = (Moment.STARTED, Moment.CHANGED, Moment.ENDED)


class Away(Exception):
    """Nobody can be told anything at present, whatever it is."""


class TryAgain(Exception):
    """This message cannot be told at present; others perhaps can."""


@runtime_checkable
class Checkable(Protocol):
    """A channel that can find out whether what it told is still true."""

    def check(self) -> audit.Check:
        """Give the check, for the audit."""


@runtime_checkable
class Probing(Protocol):
    """A channel that can find out whether anybody could be told."""

    def probe(self) -> None:
        """Call the outside, and leave nothing there.

        :raises ServiceUnavailable: when nobody can be told anything
        """


@runtime_checkable
class Folding(Protocol):
    """A channel for which one message can stand for several."""

    def fold(self, messages: Sequence[Draft]) -> Draft:
        """Give what to tell instead of messages that follow each other."""


@runtime_checkable
class Preparing(Protocol):
    """A channel that can read for many messages at once."""

    def prepare(self, messages: Sequence[DraftT]) -> list[DraftT]:
        """Give messages, those of its kinds with what was read for them.

        Their streams are held, so that nobody tells of them meanwhile. What
        is wrong with a single message is for ``tell`` to find out.

        :raises ServiceUnavailable: when nothing can be read
        """


@runtime_checkable
class Confiding(Protocol):
    """A channel whose messages hold what is not to be kept for long."""

    def strip(self, message: Draft) -> Mapping[str, Any]:
        """Give what may be kept of the body of a message that is parked.

        Where it cannot be told any more, ``outbox.UNABLE`` in it says why.
        """


class Channel(Protocol):
    """One way to tell the outside.

    :ivar kinds: of the messages it composes and tells
    :ivar lanes: in which they wait
    """

    kinds: frozenset[str]
    lanes: frozenset[str]

    def compose(
        self,
        done: steps.Done,
        subject: steps.Subject,
        step: steps.Step,
        moment: Moment,
    ) -> Iterable[Draft]:
        """Give what is to be told of a step at a moment, in its order.

        :param subject: one of those of ``done``, whose step it is
        """

    def compose_whole(self, done: steps.Done) -> Iterable[Draft]:
        """Give what is to be told once of all that a request did."""

    def compose_refusal(self, refusal: steps.Refusal) -> Iterable[Draft]:
        """Give what is to be told of a refused request."""

    def tell(self, message: Draft, until: float | None) -> None:
        """Tell the outside. May be repeated with the same message.

        :param until: the moment of ``time.monotonic`` to give up at; None
            leaves that to the channel
        :raises Away: when nobody can be told anything
        :raises TryAgain: when this cannot be told at present
        """

    def close(self) -> None:
        """Give back what the channel holds."""


class Plain:
    """What a channel does that tells of nothing and holds nothing."""

    def compose(
        self,
        done: steps.Done,
        subject: steps.Subject,
        step: steps.Step,
        moment: Moment,
    ) -> Iterable[Draft]:
        """Give nothing of a single step."""
        return ()

    def compose_whole(self, done: steps.Done) -> Iterable[Draft]:
        """Give nothing of the whole."""
        return ()

    def compose_refusal(self, refusal: steps.Refusal) -> Iterable[Draft]:
        """Give nothing: nothing was changed."""
        return ()

    def close(self) -> None:
        """Do nothing."""
