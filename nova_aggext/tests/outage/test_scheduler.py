# SPDX-License-Identifier: Apache-2.0
"""What a real nova-scheduler believes, and what is true."""

import time
from typing import Any, ClassVar

from nova_aggext.tests.outage import base
from nova_aggext.tests.outage import scheduler
from nova_aggext.tests.outage import settings
from nova_aggext.tests.peer import environment

# About half as many aggregates are there at any time.
NAMES = tuple(f'aggregate{number}' for number in range(100))
RECAST_INTERVAL = 6
# Seconds for the sweep itself, and for a busy machine.
_MORE = 6


class SchedulerTest(base.OutageTest):
    """Clients change aggregates; a scheduler listens."""

    cloud: ClassVar[scheduler.Cloud]

    @classmethod
    def setUpClass(cls) -> None:
        """Start everything once, where there is a Nova."""
        environment.prepared()
        super().setUpClass()

    @classmethod
    def make_cloud(cls) -> scheduler.Cloud:
        """Make one in which all aggregates are told of now and then."""
        return scheduler.Cloud(
            options=f'[aggext_outbox]\nrecast_interval = {RECAST_INTERVAL}\n'
        )

    def setUp(self) -> None:
        super().setUp()
        # Those of other tests were removed from the tables, behind its back.
        self.old = set(self.cloud.scheduler.belief()['aggregates'])

    def test_belief(self) -> None:
        """It believes what is true as soon as everything is told."""
        self.run_through(
            lambda: time.sleep(settings.seconds()),
            clients=settings.clients(),
            names=NAMES,
        )
        self.check_belief(_MORE)

    def test_restarted(self) -> None:
        """It does so within one interval after a restart."""

        def restart() -> None:
            time.sleep(settings.seconds() / 2)
            self.cloud.scheduler.kill()
            self.cloud.scheduler.start()
            time.sleep(settings.seconds() / 2)

        self.run_through(restart, clients=settings.clients(), names=NAMES)
        self.check_belief(RECAST_INTERVAL + _MORE)

    def check_belief(self, seconds: float) -> None:
        """Check what it believes after some seconds at most."""
        began = time.monotonic()
        truth = self.read_truth()
        while self.read_belief() != truth:
            if time.monotonic() - began > seconds:
                break
            time.sleep(0.1)
        settings.report(
            f'{self.id()}: {len(truth["aggregates"])} aggregates, believed '
            f'after {time.monotonic() - began:.1f} s'
        )
        self.assertEqual(truth, self.read_belief())

    def read_belief(self) -> Any:
        """Give what the scheduler believes of the aggregates of a test."""
        found = self.cloud.scheduler.belief()
        for one in self.old & found['aggregates'].keys():
            del found['aggregates'][one]
        for host, ids in list(found['hosts'].items()):
            left = [one for one in ids if str(one) not in self.old]
            found['hosts'][host] = left
            if not left:
                del found['hosts'][host]
        return found

    def read_truth(self) -> Any:
        """Give what it should believe."""
        found = self.cloud.read_aggregates()
        hosts: dict[str, list[int]] = {}
        for one in found:
            for host in one.hosts:
                hosts.setdefault(host, []).append(one.id)
        return {
            'aggregates': {
                str(one.id): {
                    'name': one.name,
                    'hosts': sorted(one.hosts),
                    'metadata': dict(one.metadata),
                }
                for one in found
            },
            'hosts': hosts,
        }
