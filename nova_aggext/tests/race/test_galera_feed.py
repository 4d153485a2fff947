# SPDX-License-Identifier: Apache-2.0
"""The feed on a Galera cluster, each writer and follower on its own node."""

from collections.abc import Sequence

from nova_aggext.db import changes
from nova_aggext.tests import base
from nova_aggext.tests import record
from nova_aggext.tests.functional.db import followers
from nova_aggext.tests.race import cloud
from nova_aggext.tests.race import galera

COUNT = 60


class Nodes(cloud.Cloud):
    """The nodes, and nobody who serves."""

    def _serve(self, confs: Sequence[str]) -> None:
        """Serve nothing."""


class GaleraFeedTest(base.TestCase):
    """Sequences leap by three, in no order of the commits."""

    def setUp(self) -> None:
        super().setUp()
        self.nodes = self.useFixture(Nodes('galera'))
        self.databases = self.nodes.databases
        followers.prepare(self.databases[0])

    def test_followers(self) -> None:
        """Each has the tables in the end, and saw each change once."""
        assert self.nodes.cluster is not None
        for node in self.nodes.cluster.nodes:
            step = node.ask('SELECT @@auto_increment_increment')
            self.assertEqual((galera.NODES,), step)
        following = [
            followers.Follower(one, seed)
            for seed, one in enumerate(self.databases)
        ]
        writers = [
            followers.Writer(one, seed, COUNT)
            for seed, one in enumerate(self.databases * 2)
        ]
        followers.run(writers, following)
        rows = self.databases[0].read(record.every)
        ids = {one.change_id or changes.id_of(one.sequence) for one in rows}
        self.assertEqual(len(writers) * COUNT, len(ids))
        # Else the test has not shown what it is for.
        self.assertNotEqual(
            [one.sequence for one in rows],
            [
                one.sequence
                for one in sorted(rows, key=lambda one: one.position or 0)
            ],
        )
        wanted = followers.tables(self.databases[0])
        for one in following:
            self.assertEqual([], one.wrong)
            self.assertEqual(wanted, one.state)
            self.assertEqual(ids, set(one.seen))

    def test_retention(self) -> None:
        """Who is too slow is told so, and lists again; nothing is missed."""
        following = [
            followers.Follower(one, seed)
            for seed, one in enumerate(self.databases)
        ]
        writers = [
            followers.Writer(one, seed, COUNT)
            for seed, one in enumerate(self.databases)
        ]
        with followers.retention(self.databases[1], 0.05) as forgotten:
            followers.run(writers, following)
        self.assertNotEqual(0, sum(forgotten))
        wanted = followers.tables(self.databases[0])
        for one in following:
            self.assertEqual([], one.wrong)
            self.assertEqual(wanted, one.state)
