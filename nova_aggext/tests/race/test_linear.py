# SPDX-License-Identifier: Apache-2.0
"""The check for linearizability finds what it is made to find."""

from typing import Any

from nova_aggext.tests import base
from nova_aggext.tests.race import calls
from nova_aggext.tests.race import linear
from nova_aggext.tests.race import model

ONE = model.Aggregate(1, 'a')


def event(
    call: calls.Call,
    status: int,
    sent: float,
    received: float,
    shown: model.Aggregate | None = None,
) -> linear.Event:
    """Make a call that was answered."""
    body: Any = None
    if shown is not None:
        body = {
            'aggregate': {
                'id': shown.id,
                'name': shown.name,
                'hosts': list(shown.hosts),
                'metadata': dict(shown.metadata),
            }
        }
    answer = calls.Answer(status, {}, body, sent, received, '')
    return linear.Event(call, answer)


class LinearTest(base.TestCase):
    """Histories that fit an order, and some that fit none."""

    def assert_order(self, *events: linear.Event) -> None:
        found = linear.find_order(events, (ONE,))
        self.assertEqual(set(map(id, events)), set(map(id, found or ())))

    def assert_none(self, *events: linear.Event) -> None:
        self.assertIsNone(linear.find_order(events, (ONE,)))

    def test_nothing_happened(self) -> None:
        self.assertEqual([], linear.find_order([]))

    def test_one_after_the_other(self) -> None:
        named = model.Aggregate(1, 'b')
        self.assert_order(
            event(calls.rename(1, 'b'), 200, 0, 1, named),
            event(calls.show(1), 200, 2, 3, named),
            event(calls.delete(1), 200, 4, 5),
            event(calls.show(1), 404, 6, 7),
        )

    def test_old_state_is_shown_while_a_change_is_under_way(self) -> None:
        named = model.Aggregate(1, 'b')
        self.assert_order(
            event(calls.rename(1, 'b'), 200, 0, 9, named),
            event(calls.show(1), 200, 1, 2, ONE),
            event(calls.show(1), 200, 3, 4, named),
        )

    def test_old_state_is_not_shown_later(self) -> None:
        named = model.Aggregate(1, 'b')
        self.assert_none(
            event(calls.rename(1, 'b'), 200, 0, 1, named),
            event(calls.show(1), 200, 2, 3, ONE),
        )

    def test_new_state_is_not_taken_back(self) -> None:
        named = model.Aggregate(1, 'b')
        self.assert_none(
            event(calls.rename(1, 'b'), 200, 0, 9, named),
            event(calls.show(1), 200, 1, 2, named),
            event(calls.show(1), 200, 3, 4, ONE),
        )

    def test_one_of_two_wins(self) -> None:
        shown = model.Aggregate(1, 'a', ('h1',))
        won = event(calls.add(1, 'h1'), 200, 0, 5, shown)
        self.assert_order(won, event(calls.add(1, 'h1'), 409, 1, 4))
        again = event(calls.add(1, 'h1'), 200, 1, 4, shown)
        self.assert_none(won, again)

    def test_lost_key_is_noticed(self) -> None:
        metadata = {'k': '1', 'm': '2'}
        both = model.make(1, 'a', (), metadata)
        only = model.make(1, 'a', (), {'m': '2'})
        first = model.make(1, 'a', (), {'k': '1'})
        sets = event(calls.set_metadata(1, k='1'), 200, 0, 5, first)
        also = calls.set_metadata(1, m='2')
        self.assert_order(sets, event(also, 200, 0, 5, both))
        self.assert_none(sets, event(also, 200, 0, 5, only))

    def test_refusal_must_have_a_reason(self) -> None:
        self.assert_none(event(calls.delete(1), 400, 0, 1))
        self.assert_none(event(calls.show(1), 404, 0, 1))
        self.assert_none(event(calls.create('b'), 409, 0, 1))
        self.assert_order(event(calls.create('A'), 409, 0, 1))
