# SPDX-License-Identifier: Apache-2.0
"""No scheduler that takes a cast ever has a moved host in no aggregate."""

import dataclasses
import json

import hypothesis
from hypothesis import strategies as st

from nova_aggext.compute import change as compute_change
from nova_aggext.compute import requests
from nova_aggext.compute import steps
from nova_aggext.db import records
from nova_aggext.scheduler import move
from nova_aggext.tests import base
from nova_aggext.tests.unit.compute import clouds

IDS = (1, 2, 3, 4)
HOSTS = ('h1', 'h2', 'h3')
States = dict[int, frozenset[str]]

states = st.fixed_dictionaries(
    {one: st.frozensets(st.sampled_from(HOSTS)) for one in IDS}
)


def subjects(
    before: States, after: States, *, delete: int | None = None
) -> list[steps.Subject]:
    """Give what a change of all of them did."""
    items = [
        requests.Item(
            one,
            add=tuple(sorted(after[one] - before[one])),
            remove=tuple(sorted(before[one] - after[one])),
            delete=one == delete,
        )
        for one in IDS
    ]
    made = compute_change.changes_of(
        clouds.request(*items),
        {one: clouds.aggregate(one, None, *before[one]) for one in IDS},
    )
    return list(steps.subjects(made))


def aggregates(of: States) -> dict[int, records.Aggregate]:
    """Give aggregates as they are read."""
    return {
        one: clouds.aggregate(one, None, *hosts) for one, hosts in of.items()
    }


def homeless(before: States, after: States, now: States) -> set[str]:
    """Give the hosts that are in none, and were in some and will be."""
    return {
        host
        for host in HOSTS
        if any(host in hosts for hosts in before.values())
        and any(host in hosts for hosts in after.values())
        and not any(host in hosts for hosts in now.values())
    }


class MoveTest(base.TestCase):
    """A scheduler that takes one entry after the other."""

    def told(
        self, before: States, after: States, now: States
    ) -> list[records.Aggregate]:
        """Give what is cast; it was stored, and is read when it is told."""
        described = move.describe(subjects(before, after))
        stored = json.loads(json.dumps(described))
        return list(move.order(stored, aggregates(now)))

    @hypothesis.settings(max_examples=1000, deadline=None, derandomize=True)
    @hypothesis.given(states, states)
    def test_no_gap(self, before: States, after: States) -> None:
        seen = dict(before)
        for one in self.told(before, after, after):
            seen[one.id] = frozenset(one.hosts)
            self.assertEqual(set(), homeless(before, after, seen))
        self.assertEqual(after, seen)

    @hypothesis.settings(max_examples=300, deadline=None, derandomize=True)
    @hypothesis.given(states, states, states)
    def test_told_late(
        self, before: States, after: States, now: States
    ) -> None:
        """What is left in the end is true when it is told."""
        seen = dict(before)
        for one in self.told(before, after, now):
            seen[one.id] = frozenset(one.hosts)
        for number in IDS:
            if before[number] != after[number]:
                self.assertEqual(now[number], seen[number])

    def test_swap(self) -> None:
        """Both have both hosts for a moment."""
        before = {1: frozenset({'h1'}), 2: frozenset({'h2'})}
        empty: States = {3: frozenset(), 4: frozenset()}
        after = {1: before[2], 2: before[1]}
        told = self.told({**before, **empty}, {**after, **empty}, after)
        self.assertEqual(
            [
                (1, ('h2', 'h1')),
                (2, ('h1', 'h2')),
                (1, ('h2',)),
                (2, ('h1',)),
            ],
            [(one.id, one.hosts) for one in told],
        )

    def test_who_only_gains_is_told_once(self) -> None:
        none: States = dict.fromkeys(IDS, frozenset())
        before = {**none, 1: frozenset({'h1'})}
        after = {**none, 2: frozenset({'h1'})}
        told = self.told(before, after, after)
        self.assertEqual([2, 1], [one.id for one in told])

    def test_deleted(self) -> None:
        """One that is gone is told of as that, after who got its hosts."""
        none: States = dict.fromkeys(IDS, frozenset())
        before = {**none, 1: frozenset({'h1'})}
        after = {**none, 2: frozenset({'h1'})}
        described = move.describe(subjects(before, after, delete=1))
        self.assertEqual([2], described['aggregates'])
        left = dataclasses.replace(clouds.aggregate(2), hosts=('h1',))
        self.assertEqual([left], list(move.order(described, {2: left})))
