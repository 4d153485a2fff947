# SPDX-License-Identifier: Apache-2.0
"""What schedulers are told when nobody has changed anything."""

from collections.abc import Callable
from typing import Any

import sqlalchemy as sa
from oslo_config import cfg

from nova_aggext import conf as aggext_conf
from nova_aggext import messaging
from nova_aggext.compute import api
from nova_aggext.compute import ports
from nova_aggext.compute import steps
from nova_aggext.db import changes
from nova_aggext.db import models
from nova_aggext.db import outbox
from nova_aggext.db import streams
from nova_aggext.outbox import channels
from nova_aggext.outbox import types
from nova_aggext.scheduler import channel
from nova_aggext.tests import base
from nova_aggext.tests.functional import databases
from nova_aggext.tests.unit import stubs


class Client:
    """A client that keeps what is cast."""

    def __init__(self) -> None:
        self.casts: list[tuple[str, dict[str, Any]]] = []

    def cast(self, who: Any, method: str, **arguments: Any) -> None:
        """Keep a cast."""
        self.casts.append((method, arguments))


class SchedulerCastsTest(base.TestCase):
    """Casts on a bus that leads nowhere."""

    def setUp(self) -> None:
        super().setUp()
        db = self.useFixture(databases.Database())
        with open(db.conf_file, 'a') as conf_file:
            conf_file.write('[DEFAULT]\ntransport_url = fake://\n')
        conf: cfg.ConfigOpts = aggext_conf.load([db.conf_file])
        self.database, inventory = db.database, stubs.Inventory(h1=0)
        self.api = api.AggregateAPI(db.database, inventory, ports.Silent())
        self.casts = channel.SchedulerCasts(
            channels.Services(conf, db.database, inventory)
        )
        self.addCleanup(self.casts.close)
        self.client = Client()
        self.casts._bus = messaging.Bus(
            conf, messaging.rpc_transport, lambda _: self.client, types.Away
        )

    def tell(self, *drafts: types.Draft) -> None:
        """Store messages and tell them."""
        self.database.write(lambda s: outbox.append(s, drafts))
        messages = self.database.read(lambda s: outbox.select(s, 9))
        for message in self.casts.prepare(messages):
            self.casts.tell(message, None)

    def test_truth_at_delivery(self) -> None:
        """A cast says what is true when it is sent."""
        made = self.api.create_aggregate(stubs.caller(), 'a', None)
        drafts = self.casts.recast([made.id])
        self.api.add_host_to_aggregate(stubs.caller(), made.id, 'h1')
        self.tell(*drafts)
        ((method, arguments),) = self.client.casts
        self.assertEqual('update_aggregates', method)
        (told,) = arguments['aggregates']
        self.assertEqual(['h1'], told['nova_object.data']['hosts'])

    def test_one_without_a_wire_form(self) -> None:
        """An aggregate that cannot be told of does not hold up others."""
        who = stubs.caller()
        bad = self.api.create_aggregate(who, 'bad', None)
        good = self.api.create_aggregate(who, 'good', None)
        nameless = (
            sa.update(models.aggregates)
            .where(models.aggregates.c.id == bad.id)
            .values(name=None)
        )
        self.database.write(lambda s: s.execute(nameless))
        drafts = self.casts.recast([bad.id, good.id])
        first, second = self.casts.prepare(drafts)
        self.assertRaises(ValueError, self.casts.tell, first, None)
        self.casts.tell(second, None)
        self.assertEqual(1, len(self.client.casts))

    def test_gone(self) -> None:
        """Nothing is said of an aggregate that is gone."""
        self.tell(*self.casts.recast([7]))
        self.assertEqual([], self.client.casts)

    def test_deleted(self) -> None:
        """A deletion is told again as it is remembered."""
        made = self.api.create_aggregate(stubs.caller(), 'a', 'z')
        self.api.delete_aggregate(stubs.caller(), made.id)
        long_ago = streams.now().replace(year=2000)
        gone = self.database.read(
            lambda s: changes.select_deleted(s, long_ago)
        )
        self.tell(*self.casts.recast_deleted(gone))
        ((method, arguments),) = self.client.casts
        self.assertEqual('delete_aggregate', method)
        data = arguments['aggregate']['nova_object.data']
        self.assertEqual(
            (made.id, made.uuid, 'a', {'availability_zone': 'z'}),
            tuple(data[name] for name in ('id', 'uuid', 'name', 'metadata')),
        )


class SeveralTest(SchedulerCastsTest):
    """A change of several aggregates."""

    def compose(self, *subjects: steps.Subject) -> list[types.Draft]:
        """Give all that is to be told of it."""
        done = steps.Done(stubs.caller(), subjects)
        return [
            draft
            for subject in subjects
            for moment in types.Moment
            for draft in self.casts.compose(
                done, subject, subject.steps[-1], moment
            )
        ]

    def test_one_cast(self) -> None:
        """It stands in each stream, and is cast once: who gains is first."""
        who = stubs.caller()
        left = self.api.create_aggregate(who, 'left', None)
        joined = self.api.create_aggregate(who, 'joined', None)
        joined = self.api.add_host_to_aggregate(who, joined.id, 'h1')
        drafts = self.compose(
            steps.Subject(left, (steps.RemovingHost('h1', left, left),)),
            steps.Subject(joined, (steps.AddingHost('h1', joined, joined),)),
        )
        streams_ = [f'aggregate:{one.id}' for one in (left, joined)]
        self.assertEqual(streams_, [one.stream for one in drafts])
        self.tell(*drafts)
        ((method, arguments),) = self.client.casts
        self.assertEqual('update_aggregates', method)
        self.assertEqual(
            [joined.id, left.id],
            [one['nova_object.data']['id'] for one in arguments['aggregates']],
        )

    def test_deleted(self) -> None:
        """A deletion comes after the others, in its stream."""
        left, joined = stubs.aggregate(1), stubs.aggregate(2)
        drafts = self.compose(
            steps.Subject(left, (steps.Deleting(left),)),
            steps.Subject(joined, (steps.AddingHost('h1', joined, joined),)),
        )
        self.assertEqual(
            [
                ('aggregate:1', channel.UPDATE),
                ('aggregate:1', channel.DELETE),
                ('aggregate:2', channel.UPDATE),
            ],
            [(one.stream, one.kind) for one in drafts],
        )

    def test_one_that_could_not_be_cast_is_cast_again(self) -> None:
        one, two = stubs.aggregate(1), stubs.aggregate(2)
        made = self.api.create_aggregate(stubs.caller(), 'a', None)
        self.assertEqual(1, made.id)
        first, *_ = self.compose(
            steps.Subject(one, (steps.Renaming(one, 'b', one),)),
            steps.Subject(two, (steps.Renaming(two, 'c', two),)),
        )
        (first,) = self.casts.prepare([first])
        cast = self.client.cast

        def fail(*_arguments: Any, **_named: Any) -> None:
            raise ValueError('no')

        self.patch(self.client, 'cast', fail)
        self.assertRaises(ValueError, self.casts.tell, first, None)
        self.patch(self.client, 'cast', cast)
        self.casts.tell(first, None)
        self.casts.tell(first, None)
        self.assertEqual(1, len(self.client.casts))


class TwoProcessesTest(SchedulerCastsTest):
    """Two processes, each of which holds the stream of one of two aggregates.

    Whatever the first one casts late, the scheduler ends with the truth.
    """

    def setUp(self) -> None:
        super().setUp()
        who = stubs.caller()
        self.mine = self.api.create_aggregate(who, 'mine', None)
        self.theirs = self.api.create_aggregate(who, 'theirs', None)
        self.act: Callable[[], None] = ports.nothing
        self.cast = self.client.cast
        self.patch(self.client, 'cast', self.act_and_cast)

    def act_and_cast(self, *arguments: Any, **named: Any) -> None:
        """Let another process act just before a cast arrives."""
        act, self.act = self.act, ports.nothing
        act()
        self.cast(*arguments, **named)

    def tell_move(self) -> None:
        """Tell of a change of both."""
        several = (self.mine, self.theirs)
        subjects = tuple(
            steps.Subject(one, (steps.Renaming(one, one.name, one),))
            for one in several
        )
        done = steps.Done(stubs.caller(), subjects)
        (draft,) = self.casts.compose(
            done, subjects[0], subjects[0].steps[-1], types.Moment.FINISHED
        )
        self.tell(draft)

    def believed(self) -> dict[int, str]:
        """Give what a scheduler believes that took all casts."""
        found = {}
        for method, arguments in self.client.casts:
            for one in arguments.get('aggregates', ()):
                data = one['nova_object.data']
                found[data['id']] = data['name']
            if method == channel.DELETE:
                data = arguments['aggregate']['nova_object.data']
                found.pop(data['id'], None)
        return found

    def test_changed_meanwhile(self) -> None:
        """The other process has told of a newer state."""

        def rename() -> None:
            values = {'name': 'newer'}
            self.api.update_aggregate(stubs.caller(), self.theirs.id, values)
            self.tell(*self.casts.recast([self.theirs.id]))

        self.act = rename
        self.tell_move()
        self.assertEqual(
            {self.mine.id: 'mine', self.theirs.id: 'newer'}, self.believed()
        )

    def test_deleted_meanwhile(self) -> None:
        """The other process has told that it is gone."""

        def delete() -> None:
            self.api.delete_aggregate(stubs.caller(), self.theirs.id)

        self.act = delete
        self.tell_move()
        self.assertEqual({self.mine.id: 'mine'}, self.believed())

    def test_changed_all_the_time(self) -> None:
        """It is told later; others are told meanwhile."""

        def rename() -> None:
            values = {'name': f'newer-{len(self.client.casts)}'}
            self.api.update_aggregate(stubs.caller(), self.theirs.id, values)
            self.act = rename

        self.act = rename
        self.assertRaises(types.TryAgain, self.tell_move)
