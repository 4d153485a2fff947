# SPDX-License-Identifier: Apache-2.0
"""How requests are run, and what the outbox is told of them."""

import dataclasses
from typing import Any

from nova_aggext import exception
from nova_aggext.compute import api
from nova_aggext.compute import findings
from nova_aggext.compute import requests
from nova_aggext.compute import runner
from nova_aggext.compute import steps
from nova_aggext.db import database as db_database
from nova_aggext.tests import base
from nova_aggext.tests.functional import databases
from nova_aggext.tests.unit import stubs
from nova_aggext.tests.unit.compute import clouds

Item = requests.Item


class RunnerTestCase(base.TestCase):
    """A runner on SQLite, with the use cases beside it."""

    def setUp(self) -> None:
        super().setUp()
        self.database = self.useFixture(databases.Database()).database
        self.outbox = stubs.Outbox()
        self.inventory = stubs.Inventory(h1=0, h2=0)
        self.api = api.AggregateAPI(self.database, self.inventory, self.outbox)
        self.who = stubs.caller()
        self.one = self.api.create_aggregate(self.who, 'a', 'z1')
        self.runner = runner.Runner(self.database, self.inventory, self.outbox)

    def last(self) -> steps.Done:
        """Give what was told after the commit; the same as before it."""
        self.assertEqual(self.outbox.appended[-1], self.outbox.committed[-1])
        return self.outbox.committed[-1]

    def steps(self) -> tuple[steps.Step, ...]:
        """Give what was done last, to one aggregate."""
        (subject,) = self.last().subjects
        return subject.steps


class DoneTest(RunnerTestCase):
    """What the use cases did."""

    def test_create(self) -> None:
        uuid = str(self.one.uuid)
        step = steps.Creating(uuid, 'a', 'z1', self.one)
        self.assertEqual((step,), self.steps())

    def test_update(self) -> None:
        zone = clouds.zone('z2')
        after = self.api.update_aggregate(
            self.who, self.one.id, {'name': 'b', **zone}
        )
        renamed = dataclasses.replace(self.one, name='b')
        left = dataclasses.replace(
            renamed, metadata={'availability_zone': 'z2'}
        )
        self.assertEqual(
            (
                steps.Renaming(self.one, 'b', renamed),
                steps.SettingMetadata(renamed, zone, left),
            ),
            self.steps(),
        )
        self.assertEqual(after, self.last().subjects[0].aggregate)

    def test_hosts(self) -> None:
        # The instances are asked for, so the transaction is begun anew.
        put = self.api.add_host_to_aggregate(
            self.who, self.one.id, 'h1', written='+1'
        )
        self.assertEqual(
            (steps.AddingHost('h1', self.one, put),), self.steps()
        )
        self.assertEqual('+1', self.last().written(put))
        self.assertEqual(['h1'], list(self.last().found))
        out = self.api.remove_host_from_aggregate(self.who, self.one.id, 'h1')
        self.assertEqual((steps.RemovingHost('h1', put, out),), self.steps())
        self.assertEqual(str(put.id), self.last().written(put))

    def test_delete(self) -> None:
        self.api.delete_aggregate(self.who, self.one.id)
        self.assertEqual((steps.Deleting(self.one),), self.steps())

    def test_transaction_that_is_begun_anew(self) -> None:
        """What is told is what the last one did."""
        write, lost = self.database.write, [True]

        def write_twice(work: Any) -> Any:
            def rolled_back(session: db_database.Session) -> Any:
                done = work(session)
                if lost:
                    raise Lost
                return done

            try:
                write(rolled_back)
            except Lost:
                lost.clear()
            return write(work)

        self.patch(self.database, 'write', write_twice)
        self.api.update_aggregate(self.who, self.one.id, {'name': 'b'})
        self.assertEqual(3, len(self.outbox.appended))
        self.assertEqual(2, len(self.outbox.committed))
        self.assertEqual('b', self.last().subjects[0].aggregate.name)


class Lost(Exception):
    """A race was lost."""


class RefusedTest(RunnerTestCase):
    """What was begun of what was refused."""

    def begun(
        self, error: type[Exception], use_case: Any, *arguments: Any
    ) -> list[str]:
        """Give the names of the steps, with whether more was known."""
        self.assertRaises(error, use_case, self.who, *arguments)
        (refusal,) = self.outbox.refused_
        self.outbox.refused_.clear()
        self.assertEqual(use_case.__name__, refusal.operation)
        return [
            type(one).__name__ + (' found' if _before(one) else '')
            for one in refusal.begun
        ]

    def test_name(self) -> None:
        taken = exception.AggregateNameExists
        self.assertEqual(
            ['Creating'],
            self.begun(taken, self.api.create_aggregate, 'A', None),
        )
        two = self.api.create_aggregate(self.who, 'b', None)
        values = {'name': 'A', **clouds.zone('z1')}
        self.assertEqual(
            ['Renaming found'],
            self.begun(taken, self.api.update_aggregate, two.id, values),
        )

    def test_zone(self) -> None:
        self.api.add_host_to_aggregate(self.who, self.one.id, 'h1')
        self.inventory.instances['h1'] = 1
        refused = exception.InvalidAggregateActionUpdate
        for values, expected in (
            (clouds.zone('z2'), []),
            ({'name': 'b', **clouds.zone('z2')}, ['Renaming found']),
        ):
            found = self.begun(
                refused, self.api.update_aggregate, self.one.id, values
            )
            self.assertEqual(expected, found)

    def test_metadata(self) -> None:
        self.assertEqual(
            ['SettingMetadata found'],
            self.begun(
                exception.AggregateMetadataKeyExists,
                self.api.update_aggregate_metadata,
                self.one.id,
                {'Availability_zone': 'z1'},
            ),
        )

    def test_hosts(self) -> None:
        add = self.api.add_host_to_aggregate
        remove = self.api.remove_host_from_aggregate
        for error, use_case, host, expected in (
            (exception.ComputeHostNotFound, add, 'x', ['AddingHost']),
            (
                exception.AggregateHostNotFound,
                remove,
                'h2',
                ['RemovingHost found'],
            ),
        ):
            found = self.begun(error, use_case, self.one.id, host)
            self.assertEqual(expected, found)
        add(self.who, self.one.id, 'h1')
        self.assertEqual(
            ['AddingHost found'],
            self.begun(exception.AggregateHostExists, add, self.one.id, 'h1'),
        )

    def test_not_found(self) -> None:
        missing = exception.AggregateNotFound
        for use_case, arguments, expected in (
            (self.api.update_aggregate, ({'name': 'b'},), []),
            (self.api.update_aggregate_metadata, ({},), []),
            (self.api.delete_aggregate, (), ['Deleting']),
            (self.api.add_host_to_aggregate, ('h1',), ['AddingHost']),
        ):
            found = self.begun(missing, use_case, 99, *arguments)
            self.assertEqual(expected, found)

    def test_inventory_that_is_away_when_counts_are_wanted(self) -> None:
        """The aggregate was found before that."""
        self.api.add_host_to_aggregate(self.who, self.one.id, 'h1')

        def fail(_hosts: object) -> None:
            raise exception.ServiceUnavailable

        self.patch(self.inventory, 'count_instances', fail)
        values = {'name': 'b', **clouds.zone('z2')}
        self.assertEqual(
            ['Renaming found'],
            self.begun(
                exception.ServiceUnavailable,
                self.api.update_aggregate,
                self.one.id,
                values,
            ),
        )


class FollowTest(RunnerTestCase):
    """What was committed, or refused, is answered as that."""

    def test_outbox_that_raises_once_committed(self) -> None:
        def deliver() -> None:
            raise ArithmeticError('no delivery')

        self.outbox.deliver = deliver
        self.api.update_aggregate(self.who, self.one.id, {'name': 'b'})
        self.assertIn('no delivery', self.log.output)
        found = self.api.get_aggregate(self.who, self.one.id)
        self.assertEqual('b', found.name)

    def test_outbox_that_raises_when_refused(self) -> None:
        def refuse(refusal: steps.Refusal) -> None:
            raise ArithmeticError('no refusal')

        self.outbox.refuse = refuse
        self.assertRaises(
            exception.AggregateNotFound,
            self.api.delete_aggregate,
            self.who,
            99,
        )
        self.assertIn('no refusal', self.log.output)

    def test_interrupted(self) -> None:
        def stop(_host: str) -> None:
            raise KeyboardInterrupt

        self.patch(self.inventory, 'get_host', stop)
        before = list(self.outbox.committed)
        self.assertRaises(
            KeyboardInterrupt,
            self.api.add_host_to_aggregate,
            self.who,
            self.one.id,
            'h1',
        )
        self.assertEqual([], self.outbox.refused_)
        self.assertEqual(before, self.outbox.committed)


class PlanTest(RunnerTestCase):
    """What would happen."""

    def test_plan_changes_nothing(self) -> None:
        asked = clouds.request(
            Item(self.one.id, name='b', add=('h1', 'x')),
            Item(None, uuid='u', name='c', add=('h2',)),
        )
        told = len(self.outbox.appended)
        decision = self.runner.plan(asked).decision
        self.assertEqual(
            (findings.HostUnknown(self.one, 'x'),), decision.found
        )
        self.assertEqual(
            ['b', 'c'], [one.subject.name for one in decision.changes]
        )
        self.assertEqual([self.one], self.api.get_aggregate_list(self.who))
        self.assertEqual(told, len(self.outbox.appended))

    def test_what_was_planned_happens(self) -> None:
        two = self.api.create_aggregate(self.who, 'b', 'z1')
        asked = clouds.request(
            Item(self.one.id, name='b', add=('h1',)),
            Item(two.id, name='a', add=('h1', 'h2')),
        )
        decision = self.runner.plan(asked).decision
        self.assertEqual((), decision.found)
        self.runner.run(asked, runner.NovaCase(asked))
        planned = [
            (one.subject.name, one.subject.hosts) for one in decision.changes
        ]
        found = self.api.get_aggregate_list(self.who)
        self.assertEqual(planned, [(one.name, one.hosts) for one in found])

    def test_nothing_to_do(self) -> None:
        told = len(self.outbox.appended)
        asked = clouds.request(Item(self.one.id, name='a'))
        self.assertEqual((), self.runner.run(asked, runner.NovaCase(asked)))
        self.assertEqual(told, len(self.outbox.appended))


def _before(step: steps.Step) -> object:
    return getattr(step, 'before', None)
