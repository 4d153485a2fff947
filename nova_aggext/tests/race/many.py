# SPDX-License-Identifier: Apache-2.0
"""The pairs of requests of several aggregates that can meet, as one table.

Items name aggregates by their position among those prepared, from 1 on. What
two requests are answered, and what they leave, must fit one of their orders,
as the core decides without a database.
"""

import dataclasses
import random
import time
from collections.abc import Iterable
from collections.abc import Iterator
from collections.abc import Sequence
from typing import TypeAlias

from nova_aggext.compute import findings
from nova_aggext.db import database as db_database
from nova_aggext.db import records
from nova_aggext.tests.race import model
from nova_aggext.tests.race import sides
from nova_aggext.tests.race import tables
from nova_aggext.tests.race import workers
from nova_aggext.tests.unit.compute import clouds

Item = sides.Item
Made = tables.Prepared
Side = sides.Side

# What there is, by name: hosts and metadata.
State: TypeAlias = dict[str, tuple[frozenset[str], dict[str, str]]]
# Which of the requests were done, and what they left.
Outcome: TypeAlias = tuple[tuple[bool, ...], State]

# Seconds until both begin, and by which one of them may be late.
_SOON = 0.01
_LAG = 0.006

ZONE_1 = (('availability_zone', 'z1'),)
ZONE_2 = (('availability_zone', 'z2'),)
TO_2: dict[str, str | None] = {'availability_zone': 'z2'}
TWO = ('host1', 'host2')
LAST = ('host3', 'host4')
NEW = (
    '0f1c6f3e-6a5f-4ed0-8a4e-0a2c0d3f6b01',
    '0f1c6f3e-6a5f-4ed0-8a4e-0a2c0d3f6b02',
)


@dataclasses.dataclass(frozen=True)
class Pair:
    """Two requests, and what is there before."""

    name: str
    prepared: tuple[Made, ...]
    left: Side
    right: Side


def move(source: int, to: int, *hosts: str, strict: bool = False) -> Side:
    """Ask for hosts to be moved."""
    return sides.of(
        Item(source, remove=hosts), Item(to, add=hosts), strict=strict
    )


def rename(**names: str) -> Side:
    """Ask for names, by ids after a letter."""
    return sides.of(
        *(Item(int(one[1:]), name=name) for one, name in names.items())
    )


TABLE = (
    Pair(
        'move_move_back',
        (Made('a', TWO, ZONE_1), Made('b', LAST, ZONE_2)),
        move(1, 2, *TWO),
        move(2, 1, *LAST),
    ),
    Pair(
        'move_move_same_hosts_back',
        (Made('a', TWO, ZONE_1), Made('b', (), ZONE_2)),
        move(1, 2, *TWO),
        move(2, 1, *TWO),
    ),
    Pair(
        'strict_two_pools',
        (Made('a', TWO), Made('b'), Made('c')),
        move(1, 2, 'host1', strict=True),
        move(1, 3, 'host1', strict=True),
    ),
    Pair(
        'add_add_two_zones',
        (Made('a', (), ZONE_1), Made('b', (), ZONE_2)),
        sides.of(Item(1, add=TWO)),
        sides.of(Item(2, add=('host2', 'host3'))),
    ),
    Pair(
        'swap_names_rename',
        (Made('a'), Made('b')),
        rename(i1='b', i2='a'),
        sides.nova('update_aggregate', Item(1, name='c')),
    ),
    Pair(
        'swap_names_take_one',
        (Made('a'), Made('b'), Made('c')),
        rename(i1='b', i2='a'),
        sides.nova('update_aggregate', Item(3, name='A')),
    ),
    Pair(
        'swap_names_swap_names',
        (Made('a'), Made('b')),
        rename(i1='b', i2='a'),
        rename(i1='b', i2='a'),
    ),
    Pair(
        'cycle_names_swap_names',
        (Made('a'), Made('b'), Made('c')),
        rename(i1='b', i2='c', i3='a'),
        rename(i3='B', i2='C'),
    ),
    Pair(
        'zones_add_within',
        (Made('a', ('host1',), ZONE_1), Made('b', (), ZONE_1)),
        sides.of(Item(1, metadata=TO_2), Item(2, metadata=TO_2)),
        sides.nova('add_host_to_aggregate', Item(2, add=('host1',))),
    ),
    Pair(
        'zones_add_beyond',
        (
            Made('a', ('host1',), ZONE_1),
            Made('b', ('host2',), ZONE_1),
            Made('c', (), ZONE_1),
        ),
        sides.of(Item(1, metadata=TO_2), Item(2, metadata=TO_2)),
        sides.nova('add_host_to_aggregate', Item(3, add=('host2',))),
    ),
    Pair(
        'zones_zone_of_nova',
        (Made('a', TWO), Made('b', TWO)),
        sides.of(Item(1, metadata=TO_2), Item(2, metadata=TO_2)),
        sides.nova(
            'update_aggregate', Item(2, metadata={'availability_zone': 'z1'})
        ),
    ),
    Pair(
        'merge_add',
        (Made('a', TWO), Made('b')),
        sides.of(Item(1, remove=TWO, delete=True), Item(2, add=TWO)),
        sides.nova('add_host_to_aggregate', Item(1, add=('host3',))),
    ),
    Pair(
        'merge_merge',
        (Made('a', TWO), Made('b', LAST)),
        sides.of(Item(1, remove=TWO, delete=True), Item(2, add=TWO)),
        sides.of(Item(2, remove=LAST, delete=True), Item(1, add=LAST)),
    ),
    Pair(
        'create_create',
        (Made('a', TWO, ZONE_1),),
        sides.of(
            Item(1, remove=TWO), Item(None, uuid=NEW[0], name='n', add=TWO)
        ),
        sides.of(Item(None, uuid=NEW[1], name='N', metadata=TO_2, add=LAST)),
    ),
    Pair(
        'give_up_name_take_it',
        (Made('a'), Made('b')),
        sides.of(Item(1, delete=True), Item(2, name='a')),
        sides.nova(
            'create_aggregate', Item(None, uuid=NEW[0], name='b', metadata={})
        ),
    ),
    Pair(
        'keys_by_case',
        (Made('a'), Made('b')),
        sides.of(Item(1, metadata={'k': '1'}), Item(2, metadata={'k': '1'})),
        sides.of(Item(2, metadata={'K': '2'}), Item(1, metadata={'m': '2'})),
    ),
)


class Race:
    """Lets the requests of one pair meet, again and again.

    :ivar answers: of all rounds, in pairs
    """

    def __init__(
        self,
        databases: Sequence[db_database.Database],
        processes: Sequence[workers.Worker],
        pair: Pair,
    ) -> None:
        self.answers: list[tuple[workers.Answer, ...]] = []
        self._databases = databases
        self._processes = processes
        self._pair = pair

    def run(self, rounds: int) -> list[str]:
        """Run rounds and give what was wrong, in words."""
        return [
            wrong for number in range(rounds) for wrong in self._round(number)
        ]

    def _round(self, number: int) -> Iterator[str]:
        start = tables.prepare(self._databases[0], *self._pair.prepared)
        asked = (
            _for(self._pair.left, start),
            _for(self._pair.right, start),
        )
        first = number % len(self._processes)
        met = (*self._processes, *self._processes)[first : first + 2]
        at = time.monotonic() + _SOON
        for process, side in zip(met, asked, strict=True):
            process.send(side, at + random.uniform(0, _LAG))
        answers = tuple(process.answer() for process in met)
        self.answers.append(answers)
        end = tables.read(self._databases[number % len(self._databases)])
        yield from tables.broken(end)
        yield from (one.text for one in answers if one.code >= 500)
        done = tuple(one.code == 200 for one in answers)
        found = (done, _state(_records(end)))
        possible = [
            _outcome(_records(start), asked, order)
            for order in ((0, 1), (1, 0))
        ]
        if found not in possible:
            yield f'{found}, not one of {possible}: {answers}'


def _for(side: Side, start: model.State) -> Side:
    items = (
        one
        if one.aggregate_id is None
        else dataclasses.replace(
            one, aggregate_id=start[one.aggregate_id - 1].id
        )
        for one in side.items
    )
    return dataclasses.replace(side, items=tuple(items))


def _records(state: model.State) -> list[records.Aggregate]:
    return [
        records.Aggregate(
            id=one.id,
            uuid=str(one.id),
            name=one.name,
            hosts=one.hosts,
            metadata=dict(one.metadata),
            created_at=None,
            updated_at=None,
        )
        for one in state
    ]


def _outcome(
    start: Sequence[records.Aggregate],
    asked: Sequence[Side],
    order: Sequence[int],
) -> Outcome:
    """Give what comes of requests that follow each other."""
    cloud = clouds.of(*start)
    done = {}
    for number in order:
        decision = cloud.decide(asked[number].request())
        done[number] = all(
            isinstance(one, findings.WANTED) for one in decision.found
        )
        if done[number]:
            cloud = cloud.after(decision.changes)
    left = _state(cloud.aggregates.values())
    return tuple(done[number] for number in sorted(done)), left


def _state(aggregates: Iterable[records.Aggregate]) -> State:
    return {
        one.name: (frozenset(one.hosts), dict(one.metadata))
        for one in aggregates
    }
