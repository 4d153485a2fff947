# SPDX-License-Identifier: Apache-2.0
"""What a process stored it tells without reading, as long as it can."""

import dataclasses
import time
from collections.abc import Sequence

import testscenarios

from nova_aggext.db import database
from nova_aggext.db import outbox
from nova_aggext.db import streams
from nova_aggext.metrics import meters as metrics_meters
from nova_aggext.outbox import dispatch
from nova_aggext.outbox import held
from nova_aggext.outbox import lane_rows
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


class Preparing(channel.Channel):
    """A channel that cannot prepare one of the messages."""

    def prepare(self, messages: Sequence[types.DraftT]) -> list[types.DraftT]:
        """Fail if that is among them."""
        if any(one.body['text'] == 'bad' for one in messages):
            raise KeyError('bad')
        return list(messages)


class DispatchTest(base.TestCase):
    """Prefetches of one process; a relay of another one reads the rest."""

    scenarios = [(kind, {'kind': kind}) for kind in databases.KINDS]
    kind: str

    def setUp(self) -> None:
        super().setUp()
        made = self.useFixture(databases.Database(self.kind))
        self.database = made.database
        self.owners = 0
        self.use(channel.Channel())

    def use(
        self,
        told_by: channel.Channel,
        settings: dispatch.Settings = SETTINGS,
    ) -> None:
        """Tell by a channel."""
        self.channel = told_by
        meters = metrics_meters.Meters()
        tells = teller.Teller([told_by], meters)
        self.rows = lane_rows.LaneRows(types.AGGREGATES, self.database, LEASE)
        self.dispatch = dispatch.Dispatch(self.rows, tells, settings)
        self.prefetches = held.Prefetches(self.dispatch.may_wait)

    def append(
        self, text: str, stream: str = STREAM, family: str = 'ours'
    ) -> list[held.Held]:
        """Store a message as a process does; give what it prefetches."""
        self.owners += 1
        claim = streams.Claim(
            f'{family}.{self.owners}',
            f'{family}.',
            LEASE,
            frozenset((types.AGGREGATES,)),
        )
        drafts = [types.Draft(stream, channel.KIND, text, {'text': text})]
        found = self.database.write(lambda s: outbox.append(s, drafts, claim))
        since = time.monotonic()
        return [held.Held(one, since, drafts, True) for one in found]

    def add(self, *prefetched: list[held.Held]) -> None:
        """Hand over what was prefetched, each time something."""
        for several in prefetched:
            (one,) = several
            self.prefetches.add(one)

    def turn(self) -> bool:
        """Tell what is to be told now."""
        return self.dispatch.tell(self.prefetches.take())

    def settle(self) -> bool:
        """Take the turn in which what was told is stored."""
        left = self.dispatch.settle_at - time.monotonic()
        time.sleep(max(0, min(1, left)))
        return self.turn()

    def read(self, *errors: Exception) -> list[object]:
        """Let a relay tell what it can read; give that."""
        reads = channel.Channel()
        reads.errors.extend(errors)
        relay.Relay(
            types.AGGREGATES,
            self.database,
            [reads],
            SETTINGS,
            metrics_meters.Meters(),
        ).run_once()
        return reads.told

    def take(self) -> held.Held | None:
        """Take the stream, and read what waits in it."""
        return self.rows.take(STREAM)

    def errors(self) -> list[str | None]:
        """Give what is known of why messages wait."""
        found = self.database.read(lambda s: outbox.select(s, 100))
        return [one.error for one in found]

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
        self.add(self.append('one'), self.append('two', OTHER))
        self.assertTrue(self.turn())
        self.assertEqual(['one', 'two'], self.channel.told)
        self.assertEqual([], self.read())
        self.assertTrue(self.settle())
        self.assertEqual([], self.waiting())
        self.assertEqual(float('inf'), self.dispatch.settle_at)

    def test_order(self) -> None:
        """What follows in a stream is told after it, whoever came first."""
        one, two, three = [self.append(text) for text in ('1', '2', '3')]
        self.add(two, one)
        self.assertTrue(self.turn())
        self.add(three)
        self.assertTrue(self.turn())
        self.assertEqual(['1', '2', '3'], self.channel.told)
        self.assertTrue(self.settle())
        self.assertEqual([], self.waiting())

    def test_more_of_others(self) -> None:
        """What others appended is read once what was prefetched is told."""
        self.add(self.append('ours'))
        self.assertEqual([], self.append('theirs', family='others'))
        self.assertTrue(self.turn())
        # It might be on its way here.
        self.assertTrue(self.settle())
        self.assertEqual([], self.read())
        self.assertFalse(self.settle())
        self.assertEqual(['theirs'], self.read())
        self.assertEqual([], self.waiting())

    def test_more_on_its_way(self) -> None:
        """A prefetch that comes after that was noticed is told as well."""
        self.add(self.append('one'))
        two = self.append('two')
        self.assertTrue(self.turn())
        self.assertTrue(self.settle())
        self.add(two)
        self.assertTrue(self.turn())
        self.assertTrue(self.settle())
        self.assertEqual(['one', 'two'], self.channel.told)
        self.assertEqual([], self.waiting())

    def test_behind_others(self) -> None:
        """What stands behind a message of others has to be read."""
        one = self.append('one')
        self.append('theirs', family='others')
        three = self.append('three')
        self.add(one)
        self.assertTrue(self.turn())
        self.add(three)
        self.assertFalse(self.turn())
        self.assertEqual(['one'], self.channel.told)
        self.assertEqual(['theirs', 'three'], self.read())

    def test_refused(self) -> None:
        """What cannot be told is left to who reads; others are told."""
        self.channel.errors.append(ValueError('no'))
        self.add(self.append('one'), self.append('two', OTHER))
        self.assertFalse(self.turn())
        self.assertEqual(['two'], self.channel.told)
        (refused,) = self.database.read(lambda s: outbox.select(s, 100))
        self.assertEqual(
            (1, 'ValueError: no'), (refused.attempts, refused.error)
        )
        self.assertEqual(['one'], self.read())
        self.assertTrue(self.settle())
        self.assertEqual([], self.waiting())

    def test_parked(self) -> None:
        """Each refusal counts, whether the message was read or not."""
        self.channel.errors.append(ValueError('no'))
        self.add(self.append('one'))
        self.assertFalse(self.turn())
        self.assertEqual([], self.read(ValueError('never')))
        (parked,) = self.database.read(lambda s: outbox.select(s, 100))
        self.assertEqual((2, True), (parked.attempts, parked.parked))

    def test_not_prepared(self) -> None:
        """One message that cannot be prepared does not hold up others."""
        self.use(Preparing())
        self.add(
            self.append('one'),
            self.append('bad', OTHER),
            self.append('three', 'aggregate:9'),
        )
        self.assertFalse(self.turn())
        self.assertEqual(['one', 'three'], self.channel.told)
        (refused,) = self.database.read(lambda s: outbox.select(s, 100))
        self.assertEqual(('bad', 1), (refused.message_id, refused.attempts))

    def test_away(self) -> None:
        """Where nobody can be told anything all is let go, and says why."""
        self.channel.errors.append(types.Away('nobody there'))
        self.add(self.append('one'), self.append('two', OTHER))
        self.assertRaises(types.Away, self.turn)
        self.assertEqual(['nobody there'] * 2, self.errors())
        self.assertEqual(['one', 'two'], sorted(map(str, self.read())))

    def test_away_later(self) -> None:
        """What was told before that is never told again."""
        self.add(self.append('one'))
        self.turn()
        self.channel.errors.append(types.Away('nobody there'))
        self.add(self.append('two'))
        self.assertRaises(types.Away, self.turn)
        self.assertEqual(['two'], self.read())
        self.assertEqual([], self.waiting())

    def test_lost(self) -> None:
        """What somebody else holds by now is not told."""
        (late,) = self.append('one')
        other = streams.Hold(STREAM, 'other')

        def lose(session: database.Session) -> None:
            streams.release(session, [late.hold])
            streams.claim(session, other, LEASE)

        self.database.write(lose)
        since = late.since - LEASE
        self.add([held.Held(late.position, since, late.messages, True)])
        self.assertFalse(self.turn())
        self.assertEqual([], self.channel.told)
        self.database.write(lambda s: streams.release(s, [other]))
        self.assertEqual(['one'], self.read())

    def test_late(self) -> None:
        """What is held still is told, however long it waited."""
        (late,) = self.append('one')
        since = late.since - LEASE
        self.add([held.Held(late.position, since, late.messages, True)])
        self.assertTrue(self.turn())
        self.assertEqual(['one'], self.channel.told)

    def test_made_anew(self) -> None:
        """A stream that others told meanwhile is not taken for the old one."""
        (one,) = self.append('one')
        self.add([one])
        self.append('two', family='others')
        self.turn()
        self.settle()
        # As if the lease had ended.
        ended = streams.Position(one.hold, 2)
        self.database.write(lambda s: streams.close(s, [ended]))
        self.add(self.append('three'))
        self.assertTrue(self.turn())
        self.assertEqual(['one', 'three'], self.channel.told)

    def test_late_of_the_old(self) -> None:
        """What comes late of the old one does not disturb the new one."""
        (one,) = self.append('one')
        late = self.append('two')
        ended = streams.Position(one.hold, 2)
        self.database.write(lambda s: streams.close(s, [ended]))
        self.add(self.append('three'))
        self.assertTrue(self.turn())
        self.add(late)
        self.assertFalse(self.turn())
        self.add(self.append('four'))
        self.assertTrue(self.turn())
        self.assertTrue(self.settle())
        self.assertEqual(['three', 'four'], self.channel.told)
        self.assertIsNone(
            self.database.ask(lambda s: streams.next_due(s, types.AGGREGATES))
        )

    def test_release(self) -> None:
        """Who stops tells nothing more, and leaves the rest to others."""
        self.add(self.append('one'))
        self.turn()
        self.add(self.append('two', OTHER))
        self.dispatch.release(self.prefetches.take(every=True))
        self.assertEqual(['one'], self.channel.told)
        self.assertEqual(['two'], self.read())
        self.assertEqual([], self.waiting())

    def test_last(self) -> None:
        """Who tells but one thing leaves what came after it to others."""
        one = self.append('one')
        self.append('two')
        self.assertTrue(self.dispatch.tell(one, time.monotonic() + 5))
        self.assertEqual([], self.read())
        self.assertFalse(self.dispatch.settle(last=True))
        self.assertEqual(['one'], self.channel.told)
        self.assertEqual(['two'], self.read())

    def test_read(self) -> None:
        """What was read is settled with what was prefetched."""
        drafts = [channel.draft(STREAM, 'read')]
        self.database.write(lambda s: outbox.append(s, drafts))
        self.add(self.append('prefetched', OTHER))
        self.assertTrue(self.turn())
        found = self.take()
        assert found is not None
        self.assertTrue(self.dispatch.tell([found]))
        self.assertIsNone(self.take())
        self.assertTrue(self.settle())
        self.assertEqual(['prefetched', 'read'], self.channel.told)
        self.assertEqual([], self.waiting())

    def test_more_than_was_read(self) -> None:
        """What was appended to a stream that was read is read at once."""
        drafts = [channel.draft(STREAM, 'one')]
        self.database.write(lambda s: outbox.append(s, drafts))
        found = self.take()
        assert found is not None
        self.assertEqual([], self.append('two'))
        self.assertTrue(self.dispatch.tell([found]))
        self.assertFalse(self.settle())
        self.assertEqual(['one'], self.channel.told)
        self.assertEqual(['two'], self.read())
        self.assertEqual([], self.waiting())

    def test_many(self) -> None:
        """A stream is there until the last of its messages is told."""
        texts = [f'{number:03}' for number in range(120)]
        drafts = [channel.draft(STREAM, text) for text in texts]
        self.database.write(lambda s: outbox.append(s, drafts))
        told: list[object] = []
        while found := self.read():
            self.assertTrue(len(found) <= 50)
            told += found
        self.assertEqual(texts, told)
        self.assertEqual([], self.waiting())

    def test_folded(self) -> None:
        """Messages that follow each other may be told as one."""
        self.use(Folding())
        self.add(*[self.append(text) for text in ('1', '2', '3')])
        self.assertTrue(self.turn())
        self.assertEqual(['3'], self.channel.told)
        self.assertTrue(self.settle())
        self.assertEqual([], self.waiting())

    def test_folded_later(self) -> None:
        """What follows what was told a moment ago waits for more."""
        # Nobody is so slow that it would be settled before the test does.
        self.use(Folding(), dataclasses.replace(SETTINGS, settle_delay=60))
        self.add(self.append('1'))
        self.turn()
        self.add(self.append('2'))
        self.assertFalse(self.prefetches.waiting)
        self.turn()
        self.add(self.append('3'))
        self.assertEqual(['1'], self.channel.told)
        self.dispatch.settle()
        self.assertTrue(self.prefetches.waiting)
        self.turn()
        self.assertEqual(['1', '3'], self.channel.told)
        self.assertTrue(self.dispatch.settle())
        self.assertEqual([], self.waiting())
