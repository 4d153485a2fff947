# SPDX-License-Identifier: Apache-2.0
"""A channel that writes down what happens to it."""

from collections.abc import Iterator

from nova_aggext.compute import steps
from nova_aggext.outbox import types

KIND = 'kind'


class Channel:
    """Composes one message a moment, and tells as it is told.

    :ivar told: the bodies of what it told
    :ivar errors: what to raise for the next messages
    """

    def __init__(self, lane: str = types.AGGREGATES) -> None:
        self.kinds = frozenset((KIND,))
        self.lanes = frozenset((lane,))
        self.told: list[object] = []
        self.errors: list[Exception] = []
        self.closed = False

    def compose(
        self,
        done: steps.Done,
        subject: steps.Subject,
        step: steps.Step,
        moment: types.Moment,
    ) -> Iterator[types.Draft]:
        """Say when it was asked."""
        stream = types.stream_of_aggregate(subject.aggregate.id)
        yield draft(stream, f'{type(step).__name__} {moment.name}')

    def compose_whole(self, done: steps.Done) -> tuple[types.Draft, ...]:
        """Say nothing."""
        return ()

    def compose_refusal(self, refusal: steps.Refusal) -> Iterator[types.Draft]:
        """Say what was refused."""
        yield draft('aggregate:7', refusal.operation)

    def tell(self, message: types.Draft, until: float | None) -> None:
        """Raise the next error, or keep the message."""
        if self.errors:
            raise self.errors.pop(0)
        self.told.append(message.body['text'])

    def close(self) -> None:
        """Remember that."""
        self.closed = True


def draft(stream: str, text: str) -> types.Draft:
    """Make a message."""
    return types.Draft(stream, KIND, 'an id', {'text': text})
