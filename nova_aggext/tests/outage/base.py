# SPDX-License-Identifier: Apache-2.0
"""What the tests of outages share."""

import statistics
import time
import unittest
from collections.abc import Callable
from collections.abc import Sequence
from typing import ClassVar

import fixtures

from nova_aggext.tests import base
from nova_aggext.tests.outage import cloud as outage_cloud
from nova_aggext.tests.outage import heard
from nova_aggext.tests.outage import settings
from nova_aggext.tests.race import linear
from nova_aggext.tests.race import tables
from nova_aggext.tests.race import workload

# Seconds beyond its deadline that the mirror may cost a request.
_MARGIN = 0.1
# Seconds for which clients work before anything happens. What is slow then
# is slow for other reasons: requests may be as much slower later on.
_BEFORE = 1.5
_CLIENTS = 4
_READS = ('show', 'list')


class OutageTest(base.TestCase):
    """Tests with one cloud."""

    cloud: ClassVar[outage_cloud.Cloud]

    @classmethod
    def make_cloud(cls) -> outage_cloud.Cloud:
        """Make the cloud of the class."""
        return outage_cloud.Cloud()

    @classmethod
    def setUpClass(cls) -> None:
        """Start everything once."""
        super().setUpClass()
        cls.cloud = cls.make_cloud()
        try:
            cls.cloud.setUp()
        except fixtures.MultipleExceptions as error:
            for _, one, _ in error.args:
                # A fixture within a fixture wants the tests to be skipped.
                if isinstance(one, unittest.SkipTest):
                    raise one from None
            raise
        cls.addClassCleanup(cls.cloud.cleanUp)
        # The first requests of a process load what they need.
        mix = workload.Mix(cls.cloud.servers, 2 * len(cls.cloud.servers))
        mix.run(lambda: time.sleep(_BEFORE))

    def setUp(self) -> None:
        super().setUp()
        tables.prepare(self.cloud.database)
        self.cloud.settle()
        for provider in self.cloud.providers.values():
            self.cloud.placement.set_aggregates(provider, ())
        self.cloud.tap.take()
        self.addCleanup(self.cloud.mend)

    def run_through(
        self,
        during: Callable[[], None],
        tolerated: Sequence[int] = (),
        clients: int = _CLIENTS,
        *,
        casts: bool = True,
        names: Sequence[str] = workload.NAMES,
    ) -> workload.Mix:
        """Let clients work while something happens; check what is heard."""
        mix = workload.Mix(self.cloud.servers, clients, names)
        moments: list[float] = []

        def run() -> None:
            time.sleep(_BEFORE)
            moments.append(time.monotonic())
            during()

        mix.run(run)
        self.cloud.mend()
        began = time.monotonic()
        left = self.cloud.settle()
        recovery = time.monotonic() - began
        messages = self.cloud.tap.take()
        settings.report(
            f'{self.id()}: {workload.summary(mix.events)}; '
            f'{_latencies(mix.events)}; all told after {recovery:.1f} s in '
            f'{len(messages)} messages, {heard.duplicates(messages)} twice'
        )
        self.assertEqual(0, left.parked)
        database = self.cloud.database
        self.assertEqual([], workload.wrong(database, mix.events, tolerated))
        found = heard.wrong(database, mix.events, messages, casts=casts)
        self.assertEqual([], found)
        self.assertEqual({}, heard.memberships(self.cloud))
        self.check_latencies(mix.events, moments[0])
        return mix

    def check_latencies(
        self, events: Sequence[linear.Event], moment: float
    ) -> None:
        """Check that nobody waited for what was away since a moment."""
        before = [one for one in events if one.answer.sent < moment]
        usual = percentile(before, [one.call.verb for one in before])
        slack = _MARGIN + settings.slack() + usual
        events = [one for one in events if one.answer.sent >= moment]
        adds = percentile(events, ('add_host',))
        bound = outage_cloud.MIRROR_DEADLINE + slack
        self.assertTrue(adds < bound, f'adds took {adds} s')
        for verbs in (_READS, ('create', 'update', 'set_metadata', 'delete')):
            others = percentile(events, verbs)
            self.assertTrue(others < slack, f'{verbs} took {others} s')


def percentile(
    events: Sequence[linear.Event], verbs: Sequence[str], at: int = 99
) -> float:
    """Give the seconds within which so many of 100 calls were answered."""
    taken = [
        event.answer.received - event.answer.sent
        for event in events
        if event.call.verb in verbs and event.answer.status
    ]
    if len(taken) < 2:
        return max(taken, default=0.0)
    return statistics.quantiles(taken, n=100, method='inclusive')[at - 1]


def _latencies(events: Sequence[linear.Event]) -> str:
    kinds = {
        'add': ('add_host',),
        'remove': ('remove_host',),
        'others': ('create', 'update', 'set_metadata', 'delete'),
        'reads': _READS,
    }
    return 'ms p50/p99: ' + ', '.join(
        f'{name} {1000 * percentile(events, verbs, 50):.0f}/'
        f'{1000 * percentile(events, verbs):.0f}'
        for name, verbs in kinds.items()
    )
