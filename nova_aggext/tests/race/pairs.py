# SPDX-License-Identifier: Apache-2.0
"""The pairs of calls that can meet, as one table.

Calls name aggregates by their position among those prepared. Besides the
answers listed here, answers and tables must fit one of the two orders of the
calls; see ``model``.
"""

import dataclasses
import random
import threading
from concurrent import futures

from nova_aggext.tests.race import calls
from nova_aggext.tests.race import cloud as race_cloud
from nova_aggext.tests.race import linear
from nova_aggext.tests.race import model
from nova_aggext.tests.race import tables

Made = tables.Prepared

# Seconds by which one of the two calls may be late.
_LAG = 0.004

ZONE_1 = (('availability_zone', 'z1'),)
ZONE_2 = (('availability_zone', 'z2'),)
BOTH = frozenset({(200, 200)})
ONE = frozenset({(200, 409), (409, 200)})


@dataclasses.dataclass(frozen=True)
class Pair:
    """Two calls, what is there before, and the answers that are right."""

    name: str
    prepared: tuple[Made, ...]
    left: calls.Call
    right: calls.Call
    allowed: frozenset[tuple[int, int]]


TABLE = (
    Pair(
        'add_add_two_zones',
        (Made('a', metadata=ZONE_1), Made('b', metadata=ZONE_2)),
        calls.add(0, 'host1'),
        calls.add(1, 'host1'),
        ONE,
    ),
    Pair(
        'add_add_same',
        (Made('a', metadata=ZONE_1),),
        calls.add(0, 'host1'),
        calls.add(0, 'host1'),
        ONE,
    ),
    Pair(
        'add_add_two_hosts',
        (Made('a', metadata=ZONE_1),),
        calls.add(0, 'host1'),
        calls.add(0, 'host2'),
        BOTH,
    ),
    Pair(
        'add_zone_change',
        (Made('a', ('host1',), ZONE_1), Made('b', metadata=ZONE_1)),
        calls.add(1, 'host1'),
        calls.move(0, 'z2'),
        frozenset({(200, 400), (409, 200)}),
    ),
    Pair(
        'add_zone_set_as_metadata',
        (Made('a', ('host1',)), Made('b', metadata=ZONE_1)),
        calls.add(1, 'host1'),
        calls.set_metadata(0, availability_zone='z2'),
        frozenset({(200, 400), (409, 200)}),
    ),
    Pair(
        'zone_change_zone_change',
        (Made('a', ('host1',)), Made('b', ('host1',))),
        calls.move(0, 'z1'),
        calls.move(1, 'z2'),
        frozenset({(200, 400), (400, 200)}),
    ),
    Pair(
        'add_delete',
        (Made('a'),),
        calls.add(0, 'host1'),
        calls.delete(0),
        frozenset({(200, 400), (404, 200)}),
    ),
    Pair(
        'remove_delete',
        (Made('a', ('host1',)),),
        calls.remove(0, 'host1'),
        calls.delete(0),
        frozenset({(200, 200), (200, 400)}),
    ),
    Pair(
        'delete_delete',
        (Made('a', metadata=ZONE_1),),
        calls.delete(0),
        calls.delete(0),
        frozenset({(200, 404), (404, 200)}),
    ),
    Pair(
        'delete_set_metadata',
        (Made('a', metadata=ZONE_1),),
        calls.delete(0),
        calls.set_metadata(0, k='1'),
        frozenset({(200, 200), (200, 404)}),
    ),
    Pair(
        'delete_rename',
        (Made('a'),),
        calls.delete(0),
        calls.rename(0, 'b'),
        frozenset({(200, 200), (200, 404)}),
    ),
    Pair('create_create', (), calls.create('a'), calls.create('a', 'z1'), ONE),
    Pair('create_create_case', (), calls.create('a'), calls.create('A'), ONE),
    Pair(
        'create_rename',
        (Made('b'),),
        calls.create('a'),
        calls.rename(0, 'a'),
        ONE,
    ),
    Pair(
        'rename_rename',
        (Made('a'), Made('b')),
        calls.rename(0, 'c'),
        calls.rename(1, 'C'),
        ONE,
    ),
    Pair(
        'rename_swap',
        (Made('a'), Made('b')),
        calls.rename(0, 'b'),
        calls.rename(1, 'a'),
        frozenset({(409, 409)}),
    ),
    Pair(
        'remove_remove',
        (Made('a', ('host1', 'host2')),),
        calls.remove(0, 'host1'),
        calls.remove(0, 'host1'),
        frozenset({(200, 404), (404, 200)}),
    ),
    Pair(
        'remove_add_elsewhere',
        (Made('a', ('host1',), ZONE_1), Made('b', metadata=ZONE_2)),
        calls.remove(0, 'host1'),
        calls.add(1, 'host1'),
        frozenset({(200, 200), (200, 409)}),
    ),
    Pair(
        'set_metadata_one_key',
        (Made('a'),),
        calls.set_metadata(0, k='1', other='1'),
        calls.set_metadata(0, k='2', other='2'),
        BOTH,
    ),
    Pair(
        'set_metadata_two_keys',
        (Made('a'),),
        calls.set_metadata(0, k='1'),
        calls.set_metadata(0, m='2'),
        BOTH,
    ),
    Pair(
        'set_metadata_remove_key',
        (Made('a', metadata=(('k', '0'),)),),
        calls.set_metadata(0, k=None),
        calls.set_metadata(0, k='1', m='1'),
        BOTH,
    ),
    Pair(
        'set_metadata_key_case',
        (Made('a'),),
        calls.set_metadata(0, k='1'),
        calls.set_metadata(0, K='2'),
        frozenset({(200, 400), (400, 200)}),
    ),
)


class Race:
    """Lets the calls of one pair meet, again and again."""

    def __init__(self, cloud: race_cloud.Cloud, pair: Pair) -> None:
        self.cloud = cloud
        self.pair = pair

    def run(self, rounds: int) -> list[str]:
        """Run rounds and give what was wrong, in words."""
        ports = [one.port for one in self.cloud.servers]
        callers = [calls.Caller(port) for port in ports]
        with futures.ThreadPoolExecutor(2) as pool:
            found = [
                wrong
                for number in range(rounds)
                for wrong in self._round(pool, callers, number)
            ]
        for caller in callers:
            caller.close()
        return found

    def _round(
        self,
        pool: futures.Executor,
        callers: list[calls.Caller],
        number: int,
    ) -> list[str]:
        start = tables.prepare(self.cloud.databases[0], *self.pair.prepared)
        ids = [one.id for one in start] or [0]
        sides = (_for(self.pair.left, ids), _for(self.pair.right, ids))
        gate = threading.Barrier(2)
        left = callers[number % len(callers)]
        right = callers[(number + 1) % len(callers)]
        pending = [
            pool.submit(_meet, gate, caller, call)
            for caller, call in zip((left, right), sides, strict=True)
        ]
        events = [
            linear.Event(call, one.result())
            for call, one in zip(sides, pending, strict=True)
        ]
        end = tables.read(self.cloud.databases[number % len(callers)])
        return _wrong(self.pair, start, events, end)


def _meet(
    gate: threading.Barrier, caller: calls.Caller, call: calls.Call
) -> calls.Answer:
    gate.wait(calls.PATIENCE)
    threading.Event().wait(random.uniform(0, _LAG))
    return caller.send(call)


def _for(call: calls.Call, ids: list[int]) -> calls.Call:
    return dataclasses.replace(call, aggregate=ids[call.aggregate])


def _wrong(
    pair: Pair,
    start: model.State,
    events: list[linear.Event],
    end: model.State,
) -> list[str]:
    found = tables.broken(end)
    statuses = (events[0].answer.status, events[1].answer.status)
    if statuses not in pair.allowed:
        bodies = [event.answer.body for event in events]
        found.append(f'answers {statuses}: {bodies}')
    if end not in _possible(start, events):
        found.append(f'answers {statuses} left {end} of {start}')
    return found


def _possible(
    start: model.State, events: list[linear.Event]
) -> list[model.State]:
    """Give the states that the answers can leave, in one order or another."""
    found = []
    for order in (events, events[::-1]):
        state: model.State | None = start
        for event in order:
            if state is not None:
                state = linear.explain(state, event)
        if state is not None:
            found.append(state)
    return found
