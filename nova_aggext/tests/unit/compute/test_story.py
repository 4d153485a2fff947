# SPDX-License-Identifier: Apache-2.0
"""What the outbox is told of a request."""

import dataclasses

from nova_aggext import exception
from nova_aggext.compute import api
from nova_aggext.compute import steps
from nova_aggext.compute import story
from nova_aggext.tests import base
from nova_aggext.tests.functional import databases
from nova_aggext.tests.unit import stubs


AGGREGATE = stubs.aggregate(1)


class StoryTest(base.TestCase):
    """Steps of one request."""

    one = steps.AddingHost('1', 'h1')
    other = steps.RemovingHost('1', 'h1')

    def setUp(self) -> None:
        super().setUp()
        self.outbox = stubs.Outbox()
        self.who = stubs.caller()
        self.story = story.Story(self.who, self.outbox, 'operation', {'a': 1})
        self.database = self.useFixture(databases.Database()).database

    def store(self) -> None:
        """Store the steps in a transaction."""
        self.database.write(lambda s: self.story.store(s, AGGREGATE))

    def test_done(self) -> None:
        with self.story as told:
            told.take(self.one)
            self.store()
            self.assertEqual([], self.outbox.committed)
        self.assertEqual([(self.one,)], self.outbox.committed)
        self.assertEqual([], self.outbox.refused_)

    def test_refused(self) -> None:
        error = exception.DuplicateImage()

        def fail() -> None:
            with self.story as told:
                told.take(self.one)
                raise error

        self.assertRaises(exception.DuplicateImage, fail)
        refusal = steps.Refusal('operation', {'a': 1}, (self.one,), error)
        self.assertEqual([refusal], self.outbox.refused_)
        self.assertEqual([], self.outbox.committed)

    def test_outbox_that_raises_once_committed(self) -> None:
        """What was changed is answered as that."""

        def deliver() -> None:
            raise ArithmeticError('no delivery')

        with self.story as told:
            told.take(self.one)
            self.outbox.deliver = deliver
            self.store()
        self.assertIn('no delivery', self.log.output)

    def test_outbox_that_raises_when_refused(self) -> None:
        """What was refused is answered as that."""

        def refuse(refusal: steps.Refusal) -> None:
            raise ArithmeticError('no refusal')

        def fail() -> None:
            with self.story:
                raise exception.DuplicateImage

        self.outbox.refuse = refuse
        self.assertRaises(exception.DuplicateImage, fail)
        self.assertIn('no refusal', self.log.output)

    def test_interrupted(self) -> None:
        def stop() -> None:
            with self.story:
                raise KeyboardInterrupt

        self.assertRaises(KeyboardInterrupt, stop)
        self.assertEqual([], self.outbox.refused_ + self.outbox.committed)

    def test_a_step_that_goes_further_is_told_once(self) -> None:
        further = steps.AddingHost('1', 'h2')
        with self.story as told:
            told.take(self.other)
            told.take(self.one)
            told.take(further)
            self.store()
        self.assertEqual([(self.other, further)], self.outbox.committed)

    def test_begun_anew(self) -> None:
        with self.story as told:
            told.take(self.other)
            self.store()
            told.restart()
            told.take(self.one)
            self.store()
        self.assertEqual([(self.one,)], self.outbox.committed)


class RequestsTest(base.TestCase):
    """Steps of the use cases."""

    def setUp(self) -> None:
        super().setUp()
        database = self.useFixture(databases.Database()).database
        self.outbox = stubs.Outbox()
        inventory = stubs.Inventory(h1=0)
        self.api = api.AggregateAPI(database, inventory, self.outbox)
        self.who = stubs.caller()
        self.one = self.api.create_aggregate(self.who, 'a', 'z1')

    def _last(self) -> tuple[steps.Step, ...]:
        """Give what was told after the commit; the same as before it."""
        self.assertEqual(self.outbox.appended[-1], self.outbox.committed[-1])
        self.assertEqual([], self.outbox.refused_)
        return self.outbox.committed[-1]

    def test_create(self) -> None:
        uuid = str(self.one.uuid)
        step = steps.Creating('a', 'z1', uuid, self.one)
        self.assertEqual((step,), self._last())

    def test_update(self) -> None:
        zone = {'availability_zone': 'z2'}
        after = self.api.update_aggregate(
            self.who, self.one.id, {'name': 'b', **zone}
        )
        renamed = dataclasses.replace(after, metadata=self.one.metadata)
        self.assertEqual(
            (
                steps.Renaming(renamed, renamed),
                steps.SettingMetadata(renamed, zone, after),
            ),
            self._last(),
        )

    def test_hosts(self) -> None:
        # The instances are asked for, so the transaction is begun anew.
        put = self.api.add_host_to_aggregate(
            self.who, self.one.id, 'h1', written='+1'
        )
        self.assertEqual(
            (steps.AddingHost('+1', 'h1', self.one, put),), self._last()
        )
        out = self.api.remove_host_from_aggregate(
            self.who, self.one.id, 'h1', written='+1'
        )
        self.assertEqual(
            (steps.RemovingHost('+1', 'h1', put, out),), self._last()
        )

    def test_delete(self) -> None:
        self.api.delete_aggregate(self.who, self.one.id, written='+1')
        step = steps.Deleting('+1', self.one, self.one)
        self.assertEqual((step,), self._last())

    def test_refusal(self) -> None:
        self.assertRaises(
            exception.AggregateNameExists,
            self.api.create_aggregate,
            self.who,
            'A',
            None,
        )
        (refusal,) = self.outbox.refused_
        self.assertEqual('create_aggregate', refusal.operation)
        self.assertEqual(1, len(refusal.taken))
        self.assertEqual(1, len(self.outbox.committed))
