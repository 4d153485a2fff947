# SPDX-License-Identifier: Apache-2.0
"""The feed of changes, while others write."""

import threading

import sqlalchemy as sa
import testscenarios

from nova_aggext.compute import feed as compute_feed
from nova_aggext.db import changes
from nova_aggext.db import database as db_database
from nova_aggext.db import entries
from nova_aggext.db import feed
from nova_aggext.tests import base
from nova_aggext.tests import record
from nova_aggext.tests.functional import databases
from nova_aggext.tests.functional.db import followers
from nova_aggext.tests.functional.db import older

load_tests = testscenarios.load_tests_apply_scenarios

COUNT = 40
EVERYTHING = entries.Filters()


class FeedTest(base.TestCase):
    """Writers and followers, each with connections of its own."""

    scenarios = [(kind, {'kind': kind}) for kind in databases.KINDS]
    kind: str

    def setUp(self) -> None:
        super().setUp()
        self.fixture = self.useFixture(databases.Database(self.kind))
        self.database = self.fixture.database
        followers.prepare(self.database)

    def open(self) -> db_database.Database:
        """Open the database once more."""
        opened = db_database.Database(self.fixture.conf)
        self.addCleanup(opened.close)
        return opened

    def make(self) -> tuple[list[followers.Writer], list[followers.Follower]]:
        """Make writers and followers."""
        return (
            [followers.Writer(self.open(), one, COUNT) for one in range(4)],
            [followers.Follower(self.open(), one) for one in range(3)],
        )

    def test_followers(self) -> None:
        """Each has the tables in the end, and saw each change once."""
        writers, following = self.make()
        followers.run(writers, following)
        found = self.database.read(record.every)
        ids = {one.change_id or changes.id_of(one.sequence) for one in found}
        self.assertEqual(len(writers) * COUNT, len(ids))
        wanted = followers.tables(self.database)
        for one in following:
            self.assertEqual([], one.wrong)
            self.assertEqual(wanted, one.state)
            self.assertEqual(1, one.lists)
            self.assertEqual(ids, set(one.seen))

    def test_retention(self) -> None:
        """Who is too slow is told so, and lists again; nothing is missed."""
        writers, following = self.make()
        with followers.retention(self.open(), 0.05) as forgotten:
            followers.run(writers, following)
        self.assertNotEqual(0, sum(forgotten))
        wanted = followers.tables(self.database)
        for one in following:
            self.assertEqual([], one.wrong)
            self.assertEqual(wanted, one.state)

    def ids(self, query: entries.Filters) -> list[str]:
        """Give the ids of changes that pass."""
        part = compute_feed.Feed(self.database).after(0, 1000, query)
        return [one.entry.id for one in part.changes]

    def test_filters(self) -> None:
        """What each database finds is what is asked for."""
        for ids, host in (((1,), 'h1'), ((1, 2), 'h2'), ((2,), 'h1')):
            followers.change(self.database, ids, host, lambda: None)
        first, both, second = self.ids(EVERYTHING)
        for name, value, wanted in (
            ('host', 'h1', [first, second]),
            ('host', 'H1', []),
            ('host', 'h_', []),
            ('aggregate_id', 1, [first, both]),
            ('aggregate_id', 2**40, []),
            ('aggregate_uuid', 'x', []),
            ('user_id', 'me', [first, both, second]),
            ('user_id', 'me ', []),
            ('user_id', 'ME', []),
            ('kind', 'nova', [first, second]),
            ('kind', 'change', []),
            ('manager', 'x', []),
        ):
            one = entries.Filter(name, frozenset([value]))
            found = self.ids(entries.Filters((one,)))
            self.assertEqual(wanted, found, f'{name} {value}')
            other = entries.Filter(name, frozenset([value]), is_negated=True)
            found += self.ids(entries.Filters((other,)))
            if name != 'kind':
                self.assertEqual({first, both, second}, set(found))


class OddOrderTest(base.TestCase):
    """Where two may write at the same time."""

    scenarios = [(kind, {'kind': kind}) for kind in databases.SERVERS]
    kind: str

    def test_smaller_sequence_is_committed_later(self) -> None:
        """It comes after what was told before, with a greater position."""
        fixture = self.useFixture(databases.Database(self.kind))
        database = fixture.database
        followers.prepare(database)
        inserted, told = threading.Event(), threading.Event()

        def wait() -> None:
            inserted.set()
            told.wait(followers.PATIENCE)

        late = threading.Thread(
            target=followers.change, args=(database, [1], 'h1', wait)
        )
        late.start()
        self.assertTrue(inserted.wait(followers.PATIENCE))
        followers.change(database, [2], 'h1', lambda: None)
        reader = compute_feed.Feed(database)
        before = reader.after(0, 9, EVERYTHING)
        told.set()
        late.join()
        after = reader.after(before.position, 9, EVERYTHING)
        rows = [
            (one.entry.rows[0].aggregate_id, one.entry.position)
            for part in (before, after)
            for one in part.changes
        ]
        self.assertEqual([(2, 1), (1, 2)], rows)
        sequences = [
            one.entry.rows[0].sequence
            for part in (before, after)
            for one in part.changes
        ]
        self.assertEqual(sorted(sequences, reverse=True), sequences)

    def test_nobody_who_writes_waits(self) -> None:
        """While one numbers, others record changes."""
        fixture = self.useFixture(databases.Database(self.kind))
        database = fixture.database
        followers.prepare(database)
        engine = sa.create_engine(fixture.url)
        self.addCleanup(engine.dispose)
        older.fill(engine, 60)
        # There are some that have positions, and more that have none.
        database.write(feed.number)
        older.fill(engine, 600)
        seen = []

        def number(session: db_database.Session) -> None:
            seen.append(feed.number(session))
            for ids in ([1], [1, 2], [3]):
                followers.change(database, ids, 'h2', lambda: None)

        database.write(number)
        self.assertEqual([600], seen)
        part = compute_feed.Feed(database).after(0, 999, EVERYTHING)
        positions = [one.entry.position for one in part.changes]
        self.assertEqual(list(range(1, 664)), positions)
