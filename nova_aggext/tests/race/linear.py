# SPDX-License-Identifier: Apache-2.0
"""Linearizability: do the answers of a history fit some order of the calls?

The search of Wing and Gong, remembering what was tried: a set of calls that
took effect, with the state they left. A call takes effect at one moment
between its sending and its answer.
"""

import dataclasses
from collections.abc import Iterator
from collections.abc import Sequence

from nova_aggext.tests.race import calls
from nova_aggext.tests.race import model


@dataclasses.dataclass(frozen=True, slots=True)
class Event:
    """A call that was answered."""

    call: calls.Call
    answer: calls.Answer


def find_order(
    events: Sequence[Event], start: model.State = ()
) -> list[Event] | None:
    """Give an order that explains all answers; None when there is none."""
    history = sorted(events, key=lambda event: event.answer.sent)
    everything = (1 << len(history)) - 1
    tried: set[tuple[int, model.State]] = set()
    path: list[int] = []
    stack = [_steps(history, 0, start)]
    while stack:
        if len(path) == len(history):
            return [history[index] for index in path]
        step = next(stack[-1], None)
        if step is None:
            stack.pop()
            if path:
                path.pop()
            continue
        index, done, state = step
        if (done, state) in tried:
            continue
        tried.add((done, state))
        path.append(index)
        stack.append(
            iter(()) if done == everything else _steps(history, done, state)
        )
    return None if history else []


def _steps(
    history: Sequence[Event], done: int, state: model.State
) -> Iterator[tuple[int, int, model.State]]:
    """Give the calls that may be next: index, the calls then done, state."""
    for index in _candidates(history, done):
        event = history[index]
        after = explain(state, event)
        if after is not None:
            yield index, done | 1 << index, after


def _candidates(history: Sequence[Event], done: int) -> list[int]:
    """Give the calls sent before any other open one was answered."""
    found: list[int] = []
    earliest = float('inf')
    first = (~done & (done + 1)).bit_length() - 1
    for index in range(first, len(history)):
        if done >> index & 1:
            continue
        answer = history[index].answer
        if answer.sent > earliest:
            break
        found.append(index)
        earliest = min(earliest, answer.received)
    return sorted(found, key=lambda index: history[index].answer.received)


def explain(state: model.State, event: Event) -> model.State | None:
    """Give the state after an event; None when it cannot happen there."""
    call, answer = event.call, event.answer
    created = call.verb == 'create' and answer.status == 200
    new_id = answer.body['aggregate']['id'] if created else 0
    outcome = model.apply(state, call, new_id)
    if outcome.status != answer.status:
        return None
    if answer.status == 200 and outcome.shown != model.shown(
        call, answer.body
    ):
        return None
    return outcome.state
