# SPDX-License-Identifier: Apache-2.0
"""The tests that every database goes through."""

import random
from typing import ClassVar

from nova_aggext.tests.race import cloud as race_cloud
from nova_aggext.tests.race import linear
from nova_aggext.tests.race import pairs
from nova_aggext.tests.race import served
from nova_aggext.tests.race import settings
from nova_aggext.tests.race import tables
from nova_aggext.tests.race import workload


class RaceTest(served.ServedTestCase):
    """Races of three server processes on a database of some kind.

    A class that derives from it and names a kind gets all its tests, with
    one more for each pair of calls.
    """

    kind: ClassVar[str] = ''

    def test_pairs(self) -> None:
        """Each pair of calls has one of the outcomes that are right."""
        wrong = {}
        for pair in pairs.TABLE:
            found = pairs.Race(self.cloud, pair).run(settings.rounds())
            if found:
                wrong[pair.name] = found
        pairs_run = f'{len(pairs.TABLE)} pairs, {settings.rounds()} rounds'
        settings.report(f'{self.id()}: {pairs_run} each, wrong: {wrong}')
        self.assertEqual({}, wrong)

    def test_mix(self) -> None:
        """A random mix breaks no rule, at any moment that a reader sees."""
        mix = workload.Mix(self.cloud.servers)
        reader = workload.Reader(self.cloud.databases)
        mix.run(lambda: reader.during(lambda: _wait()))
        self.report(mix, f'{reader.looks} looks')
        self.assertEqual([], reader.found)
        self.assertEqual([], workload.wrong(self.database, mix.events))

    def test_linearizable(self) -> None:
        """The answers fit some order of the calls."""
        for _ in range(settings.rounds()):
            tables.prepare(self.database)
            mix = workload.Mix(self.cloud.servers, 6, ('n1', 'N1', 'n2'))
            mix.run(lambda: workload.wait(0.5))
            if linear.find_order(mix.events) is None:
                self.fail(f'no order explains {mix.events}')

    def test_kills(self) -> None:
        """A process that is killed leaves no change half done."""
        mix = workload.Mix(self.cloud.servers)
        reader = workload.Reader(self.cloud.databases)
        mix.run(lambda: reader.during(self._kill))
        self.report(mix, f'{settings.kills()} kills')
        self.assertEqual([], reader.found)
        found = workload.wrong(self.database, mix.events, [workload.NOTHING])
        self.assertEqual([], found)

    def _kill(self) -> None:
        """Kill servers at random moments, each second one as a whole."""
        for number in range(settings.kills()):
            workload.wait(random.uniform(0.1, 0.6))
            one = random.choice(self.cloud.servers)
            if number % 2:
                race_cloud.kill_worker(one)
            else:
                race_cloud.kill(one)
                one.start()

    def report(self, mix: workload.Mix, more: str) -> None:
        """Report figures of a mix."""
        text = f'{self.id()}: {workload.summary(mix.events)}, {more}'
        settings.report(text)


def _wait() -> None:
    workload.wait(settings.seconds())
