# SPDX-License-Identifier: Apache-2.0
"""What others write past us is found, and recorded."""

import dataclasses
from typing import Any

import fixtures
import sqlalchemy as sa
import testscenarios

from nova_aggext import services
from nova_aggext.compute import feed as compute_feed
from nova_aggext.db import entries
from nova_aggext.db import models
from nova_aggext.db import reading
from nova_aggext.db import seen
from nova_aggext.db import writing
from nova_aggext.hosts import registered
from nova_aggext.outbox import observer
from nova_aggext.outbox import sweep
from nova_aggext.tests import base
from nova_aggext.tests.functional import databases
from nova_aggext.tests.unit import stubs

load_tests = testscenarios.load_tests_apply_scenarios

# What a Nova does that deletes the service of a host.
DELETE_SERVICE = "DELETE FROM aggregate_hosts WHERE host = 'h1'"
WHO = stubs.caller(user_id='me')


class ObserverTest(base.TestCase):
    """Aggregates that we change, and others too."""

    scenarios = [(kind, {'kind': kind}) for kind in databases.KINDS]
    kind: str

    def setUp(self) -> None:
        super().setUp()
        fixture = self.useFixture(databases.Database(self.kind))
        made = services.Services(fixture.conf)
        self.addCleanup(made.close)
        self.database, self.api = made.database, made.aggregate_api
        hosts = registered.RegisteredHosts(fixture.conf, self.database)
        hosts.add_host('h1', 'h2')
        self.observer = observer.Observer(self.database)

    def execute(self, *statements: str) -> None:
        """Write past us."""
        quote = '`' if self.kind == 'mysql' else '"'

        def work(session: sa.Connection) -> None:
            for one in statements:
                session.execute(sa.text(one.replace('"', quote)))

        self.database.write(work)

    def make(self, name: str, *hosts: str) -> int:
        """Make an aggregate with hosts."""
        one = self.api.create_aggregate(WHO, name, 'z').id
        for host in hosts:
            self.api.add_host_to_aggregate(WHO, one, host)
        return one

    def look(self) -> None:
        """Look at all aggregates."""
        self.observer.look(0, None)

    def observed(self) -> list[Any]:
        """Give what was observed, since the start."""
        part = compute_feed.Feed(self.database).after(
            0, 100, entries.Filters()
        )
        return [
            {
                'op': effect['op'],
                'name': effect['aggregate']['name'],
                'id': effect['aggregate']['id'],
                **{
                    name: effect[name]
                    for name in ('hosts', 'metadata', 'availability_zone')
                    if name in effect
                },
            }
            for told in part.changes
            if told.entry.kind == 'observed'
            for effect in told.effects
        ]

    def test_deleted_service(self) -> None:
        """Its host left each aggregate; nobody knows by whom."""
        one, two = self.make('a', 'h1', 'h2'), self.make('b', 'h1')
        self.make('c', 'h2')
        self.look()
        self.execute(DELETE_SERVICE)
        self.assertEqual([], self.observed())
        self.look()
        gone = {'remove': ['h1']}
        wanted = [
            {'op': 'update', 'id': one, 'name': 'a', 'hosts': gone},
            {'op': 'update', 'id': two, 'name': 'b', 'hosts': gone},
        ]
        self.assertEqual(wanted, self.observed())
        self.look()
        self.assertEqual(wanted, self.observed())
        part = compute_feed.Feed(self.database).after(
            0, 100, entries.Filters()
        )
        row = part.changes[-1].entry.rows[0]
        self.assertEqual(
            (None, None, None), (row.user_id, row.project_id, row.request_id)
        )

    def test_after_changes_of_ours(self) -> None:
        """What we did meanwhile is told once, and not as observed."""
        one = self.make('a', 'h1')
        self.look()
        self.execute(DELETE_SERVICE)
        self.api.add_host_to_aggregate(WHO, one, 'h2')
        self.api.update_aggregate(WHO, one, {'name': 'b'})
        self.look()
        self.assertEqual(
            [
                {
                    'op': 'update',
                    'id': one,
                    'name': 'b',
                    'hosts': {'remove': ['h1']},
                }
            ],
            self.observed(),
        )

    def test_annotations(self) -> None:
        """What was said goes with an aggregate that others delete."""
        one = self.make('a')
        odd = '\U0001f3e2'
        self.look()

        def annotate(session: sa.Connection) -> None:
            (found,) = reading.some(session, [one])
            said = dataclasses.replace(found, description=odd, protected=True)
            writing.write_annotations(session, [said])

        self.database.write(annotate)
        self.look()
        self.execute(
            f'DELETE FROM aggregate_metadata WHERE aggregate_id = {one}',
            f'DELETE FROM aggregates WHERE id = {one}',
        )
        self.look()
        self.look()
        part = compute_feed.Feed(self.database).after(
            0, 100, entries.Filters()
        )
        set_, gone = (
            effect
            for told in part.changes
            if told.entry.kind == 'observed'
            for effect in told.effects
        )
        self.assertEqual((odd, True), (set_['description'], set_['protected']))
        self.assertEqual('delete', gone['op'])
        before = gone['before']
        self.assertEqual(
            (odd, True), (before['description'], before['protected'])
        )

    def test_before_the_first_look(self) -> None:
        """The record tells all of what was made on our path."""
        one = self.make('a', 'h1')
        self.execute(DELETE_SERVICE)
        self.look()
        self.assertEqual([one], [found['id'] for found in self.observed()])

    def test_what_was_there_first(self) -> None:
        """Of that nobody knows where it came from."""
        self.execute(
            "INSERT INTO aggregates (id, uuid, name) VALUES (7, 'u', 'old')",
            'INSERT INTO aggregate_hosts (host, aggregate_id) '
            "VALUES ('h1', 7)",
        )
        self.api.add_host_to_aggregate(WHO, 7, 'h2')
        self.look()
        self.assertEqual([], self.observed())
        self.execute(DELETE_SERVICE)
        self.look()
        (found,) = self.observed()
        self.assertEqual({'remove': ['h1']}, found['hosts'])

    def test_made_and_deleted_by_others(self) -> None:
        one = self.make('a')
        self.look()
        self.execute(
            f'DELETE FROM aggregate_metadata WHERE aggregate_id = {one}',
            f'DELETE FROM aggregates WHERE id = {one}',
            "INSERT INTO aggregates (id, uuid, name) VALUES (70, 'u', 'new')",
            'INSERT INTO aggregate_metadata (aggregate_id, "key", value) '
            "VALUES (70, 'x', '1')",
        )
        self.look()
        self.assertEqual(
            [
                {'op': 'delete', 'id': one, 'name': 'a'},
                {
                    'op': 'create',
                    'id': 70,
                    'name': 'new',
                    'metadata': {'add': {'x': '1'}},
                },
            ],
            self.observed(),
        )
        kept = sa.select(models.seen.c.aggregate_id)
        self.assertEqual(
            [70], self.database.read(lambda s: list(s.scalars(kept)))
        )

    def test_renamed_and_other_zone(self) -> None:
        one = self.make('a')
        self.look()
        self.execute(
            f"UPDATE aggregates SET name = 'b' WHERE id = {one}",
            "UPDATE aggregate_metadata SET value = 'y'",
        )
        self.look()
        self.assertEqual(
            [
                {
                    'op': 'update',
                    'id': one,
                    'name': 'a',
                    'availability_zone': 'y',
                }
            ],
            self.observed(),
        )

    def test_nothing_of_ours_is_observed(self) -> None:
        """However much it was, and however it is cut."""
        self.useFixture(fixtures.MonkeyPatch('nova_aggext.db.seen.ROWS', 2))
        one, two = self.make('a', 'h1', 'h2'), self.make('b')
        self.look()
        for _ in range(3):
            self.api.remove_host_from_aggregate(WHO, one, 'h1')
            self.api.update_aggregate_metadata(
                WHO, one, {'x': '1', 'availability_zone': 'z2'}
            )
            self.api.add_host_to_aggregate(WHO, one, 'h1')
            self.api.update_aggregate_metadata(
                WHO, one, {'x': None, 'availability_zone': 'z'}
            )
        self.api.update_aggregate(WHO, two, {'name': 'c'})
        self.api.delete_aggregate(WHO, two)
        self.look()
        self.look()
        self.assertEqual([], self.observed())

    def test_quiet_looks_write_nothing(self) -> None:
        self.make('a', 'h1')
        self.look()
        (before,) = self.database.read(lambda s: seen.look(s, [1]))
        self.assertFalse(before.is_stale)

    def test_sweep_looks(self) -> None:
        """At all that it tells of, and at what is gone at its end."""
        one, two = self.make('a', 'h1'), self.make('b')
        self.look()
        self.execute(
            DELETE_SERVICE,
            f'DELETE FROM aggregate_metadata WHERE aggregate_id = {two}',
            f'DELETE FROM aggregates WHERE id = {two}',
        )
        made = sweep.Sweep(
            self.database,
            sweep.NoCasts(),
            interval=0.000001,
            rate=1000,
            lease=60,
        )
        # It is not due at first.
        for _ in range(4):
            made.step()
        self.assertEqual(
            [one, two], [found['id'] for found in self.observed()]
        )

    def test_range(self) -> None:
        """Only what is in it is looked at."""
        one, two = self.make('a', 'h1'), self.make('b', 'h1')
        self.look()
        self.execute(DELETE_SERVICE)
        self.observer.look(one, two)
        self.assertEqual([two], [found['id'] for found in self.observed()])
        self.observer.look(0, one)
        self.assertEqual(
            [two, one], [found['id'] for found in self.observed()]
        )
