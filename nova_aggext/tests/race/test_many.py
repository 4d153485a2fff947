# SPDX-License-Identifier: Apache-2.0
"""Races of changes of many aggregates, on each database."""

import random
from typing import ClassVar

from nova_aggext.tests import base
from nova_aggext.tests import record
from nova_aggext.tests.race import cloud as race_cloud
from nova_aggext.tests.race import many
from nova_aggext.tests.race import settings
from nova_aggext.tests.race import tables
from nova_aggext.tests.race import workers
from nova_aggext.tests.race import workload

# Rounds in which two pools want one host.
POOLS = 50
# A request that loses against others this often is near to giving up.
MOST_LOST = 25


class SQLiteManyTest(base.TestCase):
    """Three processes that hand requests to the core."""

    kind: ClassVar[str] = 'sqlite'
    cloud: ClassVar[race_cloud.CoreCloud]

    @classmethod
    def setUpClass(cls) -> None:
        super().setUpClass()
        cls.cloud = race_cloud.CoreCloud(cls.kind)
        cls.cloud.setUp()
        cls.addClassCleanup(cls.cloud.cleanUp)

    def setUp(self) -> None:
        super().setUp()
        self.database = self.cloud.databases[0]

    def race(self, pair: many.Pair) -> many.Race:
        """Make a race of a pair."""
        return many.Race(self.cloud.databases, self.cloud.workers, pair)

    def test_pairs(self) -> None:
        """Each pair ends as one of its orders does, whoever comes first."""
        wrong = {}
        answers: list[workers.Answer] = []
        for pair in many.TABLE:
            one = self.race(pair)
            found = one.run(settings.rounds())
            if found:
                wrong[pair.name] = found
            answers += [each for both in one.answers for each in both]
        self.report(answers)
        self.assertEqual({}, wrong)

    def test_two_pools(self) -> None:
        """Of two that want one host exactly one gets it, each time."""
        (pair,) = (one for one in many.TABLE if one.name == 'strict_two_pools')
        one = self.race(pair)
        self.assertEqual([], one.run(POOLS))
        wins = [sum(a.code == 200 for a in both) for both in one.answers]
        self.assertEqual([1] * POOLS, wins)

    def test_mix(self) -> None:
        """Requests of all kinds break no rule, and none fails."""
        tables.prepare(self.database)
        reader = workload.Reader(self.cloud.databases)
        answers: list[workers.Answer] = []
        seeds = [random.randrange(2**32) for _ in self.cloud.workers]

        def run() -> None:
            for one, seed in zip(self.cloud.workers, seeds, strict=True):
                one.send_many(settings.seconds(), seed)
            for one in self.cloud.workers:
                answers.extend(one.answers())

        reader.during(run)
        self.report(answers)
        self.assertEqual([], reader.found)
        self.assertEqual([], [one.text for one in answers if one.code >= 500])
        most = max(one.lost for one in answers)
        self.assertTrue(most < MOST_LOST, f'{most} times lost: {seeds}')
        rows = self.database.read(record.every)
        final = tables.read(self.database)
        self.assertEqual(final, tables.replay(rows)[''])

    def report(self, answers: list[workers.Answer]) -> None:
        """Report figures."""
        done = sum(one.code == 200 for one in answers)
        lost = sum(one.lost for one in answers)
        most = max(one.lost for one in answers)
        slowest = max(one.seconds for one in answers)
        settings.report(
            f'{self.id()}: {len(answers)} requests, {done} done, {lost} times '
            f'lost, one at most {most} times, {slowest:.2f} s at most'
        )


class MariaDBManyTest(SQLiteManyTest):
    kind = 'mysql'


class PostgreSQLManyTest(SQLiteManyTest):
    kind = 'postgresql'


class GaleraManyTest(SQLiteManyTest):
    """The same where each process is on its own node."""

    kind = 'galera'
