# SPDX-License-Identifier: Apache-2.0
"""A placement that goes away and comes back."""

import time
from collections.abc import Callable

from nova_aggext.tests.delivery import proxy
from nova_aggext.tests.outage import base
from nova_aggext.tests.outage import settings

_EVER = 10**9


class PlacementTest(base.OutageTest):
    """Hosts are added and removed meanwhile; placement learns it later."""

    def test_stopped(self) -> None:
        """Placement refuses connections."""
        way = self.cloud.placement.proxy
        self.run_through(lambda: _during(way.refuse, way.serve))

    def test_hanging(self) -> None:
        """Placement takes requests and does not answer."""
        self.check_fault(None)

    def test_conflict(self) -> None:
        """Placement finds that another one was faster, again and again."""
        self.check_fault(409)

    def test_error(self) -> None:
        """Placement fails."""
        self.check_fault(500)

    def test_unavailable(self) -> None:
        """Something before placement says that it is not there."""
        self.check_fault(503)

    def check_fault(self, status: int | None) -> None:
        """Check a placement that gives all requests one answer, or none."""
        way = self.cloud.placement.proxy

        def matches(call: proxy.Call) -> bool:
            return status != 409 or call.method == 'PUT'

        fault = proxy.Fault(matches, times=_EVER, status=status)
        self.run_through(
            lambda: _during(lambda: way.faults.append(fault), way.release)
        )


def _during(begin: Callable[[], None], end: Callable[[], None]) -> None:
    begin()
    time.sleep(settings.stopped())
    end()
