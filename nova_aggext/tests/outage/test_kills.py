# SPDX-License-Identifier: Apache-2.0
"""Servers that are killed at any moment."""

import random
import time

from nova_aggext.tests.outage import base
from nova_aggext.tests.outage import cloud as outage_cloud
from nova_aggext.tests.outage import settings
from nova_aggext.tests.outage import watch
from nova_aggext.tests.race import cloud as race_cloud
from nova_aggext.tests.race import workload


class KillsTest(base.OutageTest):
    """What was committed is told, though who did it is gone."""

    def test_bus_there(self) -> None:
        """Servers and relays are killed while they tell."""
        self.run_through(self.kill, [workload.NOTHING])

    def test_bus_away(self) -> None:
        """Servers are killed while nothing can be told."""

        def run() -> None:
            self.cloud.link.close()
            self.kill()
            self.cloud.link.open()

        self.run_through(run, [workload.NOTHING])

    def kill(self) -> None:
        """Kill servers, now and then a relay."""
        for number in range(settings.kills()):
            time.sleep(random.uniform(0.1, 0.6))
            if number % 4 == 3:
                one = random.choice(self.cloud.relays)
                one.kill()
                one.start()
            else:
                race_cloud.kill_worker(random.choice(self.cloud.servers))


class RelaysTest(base.OutageTest):
    """Several relays and servers at once."""

    @classmethod
    def make_cloud(cls) -> outage_cloud.Cloud:
        """Make four servers and two relays."""
        return outage_cloud.Cloud(servers=4, relays=2)

    def test_order(self) -> None:
        """Nothing is told out of order, and no living lease is broken."""
        watching = self.useFixture(watch.Watch(self.cloud.url))
        self.run_through(lambda: time.sleep(settings.seconds()), clients=8)
        taken, broken = watching.read()
        settings.report(f'{self.id()}: {taken} claims')
        self.assertEqual([], broken)
        self.assertTrue(taken)
