# SPDX-License-Identifier: Apache-2.0
"""What a process stored it tells without reading, as long as it can."""

import time
from collections.abc import Sequence

import testscenarios

from nova_aggext.db import outbox
from nova_aggext.db import streams
from nova_aggext.outbox import handed
from nova_aggext.outbox import metrics
from nova_aggext.outbox import relay
from nova_aggext.outbox import teller
from nova_aggext.outbox import types
from nova_aggext.tests import base
from nova_aggext.tests.functional import databases
from nova_aggext.tests.unit.outbox import channel

load_tests = testscenarios.load_tests_apply_scenarios

STREAM = 'aggregate:7'
OTHER = 'aggregate:8'
LEASE = 60.0
SETTINGS = relay.Settings(
    lease=LEASE, poll_interval=5, max_backoff=0.000001, max_attempts=2
)


class Folding(channel.Channel):
    """A channel for which the last message stands for all."""

    def fold(self, messages: Sequence[types.Draft]) -> types.Draft:
        """Give the last one."""
        return messages[-1]


class HandedTest(base.TestCase):
    """Parcels of one process; a relay of another one reads the rest."""

    scenarios = [(kind, {'kind': kind}) for kind in databases.KINDS]
    kind: str

    def setUp(self) -> None:
        super().setUp()
        made = self.useFixture(databases.Database(self.kind))
        self.database = made.database
        self.channel = channel.Channel()
        self.handed = self.make(self.channel)
        self.owners = 0

    def make(self, told_by: types.Channel) -> handed.Handed:
        """Make one that tells by a channel."""
        counters = metrics.Counters()
        tells = teller.Teller([told_by], counters)
        return handed.Handed(self.database, tells, LEASE)

    def append(
        self, text: str, stream: str = STREAM, family: str = 'ours'
    ) -> handed.Parcel | None:
        """Store a message as a process does; give its parcel."""
        self.owners += 1
        claim = streams.Claim(
            f'{family}.{self.owners}',
            f'{family}.',
            LEASE,
            frozenset((types.AGGREGATES,)),
        )
        drafts = [types.Draft(stream, channel.KIND, text, {'text': text})]
        places = self.database.write(lambda s: outbox.append(s, drafts, claim))
        if stream not in places:
            return None
        since = time.monotonic()
        return handed.Parcel(stream, places[stream], since, drafts)

    def hand_over(self, *parcels: handed.Parcel | None) -> None:
        """Hand parcels over."""
        for parcel in parcels:
            self.assertIsNotNone(parcel)
            if parcel is not None:
                self.handed.put(parcel)

    def settle(self) -> bool:
        """Take the turn in which what was told is stored."""
        time.sleep(self.handed.rest(1))
        return self.handed.turn()

    def read(self) -> list[object]:
        """Let a relay tell what it can read; give that."""
        reads = channel.Channel()
        relay.Relay(
            types.AGGREGATES,
            self.database,
            [reads],
            SETTINGS,
            metrics.Counters(),
        ).run_once()
        return reads.told

    def waiting(self) -> list[str]:
        """Give the messages that are stored, and the streams."""
        messages = self.database.read(lambda s: outbox.select(s, 100))
        names = self.database.read(
            lambda s: [
                name
                for name in (STREAM, OTHER)
                if streams.next_due(s, streams.lane_of(name)) is not None
            ]
        )
        return [one.message_id for one in messages] + (names and ['stream'])

    def test_told(self) -> None:
        """It is told at once, and nobody else tells it."""
        self.hand_over(self.append('one'), self.append('two', OTHER))
        self.assertTrue(self.handed.turn())
        self.assertEqual(['one', 'two'], self.channel.told)
        self.assertEqual([], self.read())
        self.assertTrue(self.settle())
        self.assertEqual([], self.waiting())
        self.assertEqual(1, self.handed.rest(1))

    def test_order(self) -> None:
        """What follows in a stream is told after it, whoever came first."""
        one, two, three = [self.append(text) for text in ('1', '2', '3')]
        self.hand_over(two, one)
        self.assertTrue(self.handed.turn())
        self.hand_over(three)
        self.assertTrue(self.handed.turn())
        self.assertEqual(['1', '2', '3'], self.channel.told)
        self.assertTrue(self.settle())
        self.assertEqual([], self.waiting())

    def test_more_of_others(self) -> None:
        """What others appended is read once what was handed over is told."""
        self.hand_over(self.append('ours'))
        self.assertIsNone(self.append('theirs', family='others'))
        self.assertTrue(self.handed.turn())
        # It might be on its way here.
        self.assertTrue(self.settle())
        self.assertEqual([], self.read())
        self.assertFalse(self.settle())
        self.assertEqual(['theirs'], self.read())
        self.assertEqual([], self.waiting())

    def test_more_on_its_way(self) -> None:
        """A parcel that comes after that was noticed is told as well."""
        self.hand_over(self.append('one'))
        two = self.append('two')
        self.assertTrue(self.settle())
        self.hand_over(two)
        self.assertTrue(self.handed.turn())
        self.assertTrue(self.settle())
        self.assertEqual(['one', 'two'], self.channel.told)
        self.assertEqual([], self.waiting())

    def test_behind_others(self) -> None:
        """What stands behind a message of others has to be read."""
        one = self.append('one')
        self.append('theirs', family='others')
        three = self.append('three')
        self.hand_over(one)
        self.assertTrue(self.handed.turn())
        self.hand_over(three)
        self.assertFalse(self.handed.turn())
        self.assertEqual(['one'], self.channel.told)
        self.assertEqual(['theirs', 'three'], self.read())

    def test_refused(self) -> None:
        """What cannot be told is left to who reads; others are told."""
        self.channel.errors.append(ValueError('no'))
        self.hand_over(self.append('one'), self.append('two', OTHER))
        self.assertFalse(self.handed.turn())
        self.assertEqual(['two'], self.channel.told)
        self.assertEqual(['one'], self.read())
        self.assertTrue(self.settle())
        self.assertEqual([], self.waiting())

    def test_away(self) -> None:
        """Where nobody can be told anything all is let go."""
        self.channel.errors.append(types.Away('nobody there'))
        self.hand_over(self.append('one'), self.append('two', OTHER))
        self.assertRaises(types.Away, self.handed.turn)
        self.assertEqual(['one', 'two'], sorted(map(str, self.read())))

    def test_late(self) -> None:
        """What somebody else may hold soon is not told."""
        parcel = self.append('one')
        self.assertIsNotNone(parcel)
        if parcel is not None:
            since = parcel.since - LEASE
            late = handed.Parcel(STREAM, parcel.place, since, parcel.messages)
            self.hand_over(late)
        self.assertFalse(self.handed.turn())
        self.assertEqual(['one'], self.read())

    def test_made_anew(self) -> None:
        """A stream that others told meanwhile is not taken for the old one."""
        self.hand_over(self.append('one'))
        self.append('two', family='others')
        self.settle()
        # As if the lease had ended.
        self.database.write(lambda s: streams.delete(s, STREAM))
        self.hand_over(self.append('three'))
        self.assertTrue(self.handed.turn())
        self.assertEqual(['one', 'three'], self.channel.told)

    def test_release(self) -> None:
        """Who stops tells nothing more, and leaves the rest to others."""
        self.hand_over(self.append('one'))
        self.handed.turn()
        self.hand_over(self.append('two', OTHER))
        self.handed.release()
        self.assertEqual(['one'], self.channel.told)
        self.assertEqual(['two'], self.read())
        self.assertEqual([], self.waiting())

    def test_first(self) -> None:
        """A request tells the first message of a stream by itself."""
        one = self.append('one')
        self.assertIsNotNone(one)
        if one is None:
            return
        waits = []
        soon = time.monotonic() + 5
        self.append('two')
        told = self.handed.tell(one, soon, lambda: waits.append(self.read()))
        self.assertEqual([[]], waits)
        self.assertFalse(told)
        self.assertEqual(['one'], self.channel.told)
        self.assertEqual(['two'], self.read())

    def test_folded(self) -> None:
        """Messages that follow each other may be told as one."""
        folding = Folding()
        self.handed = self.make(folding)
        self.hand_over(*[self.append(text) for text in ('1', '2', '3')])
        self.assertTrue(self.handed.turn())
        self.assertEqual(['3'], folding.told)
        self.assertTrue(self.settle())
        self.assertEqual([], self.waiting())

    def test_folded_later(self) -> None:
        """What follows what was told a moment ago waits for more."""
        folding = Folding()
        self.handed = self.make(folding)
        self.hand_over(self.append('1'))
        self.handed.turn()
        self.hand_over(self.append('2'))
        self.assertFalse(self.handed.waiting)
        self.handed.turn()
        self.hand_over(self.append('3'))
        self.assertEqual(['1'], folding.told)
        self.settle()
        self.assertTrue(self.handed.waiting)
        self.handed.turn()
        self.assertEqual(['1', '3'], folding.told)
        self.assertTrue(self.settle())
        self.assertEqual([], self.waiting())
