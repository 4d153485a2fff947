# SPDX-License-Identifier: Apache-2.0
"""A message bus that goes away and comes back."""

import random
import time

from nova_aggext.tests.outage import base
from nova_aggext.tests.outage import settings

_CUTS = 8


class BrokerTest(base.OutageTest):
    """Changes are made meanwhile as ever, and are told afterwards."""

    def test_up(self) -> None:
        """With everything there, all is told."""
        self.run_through(lambda: time.sleep(1))

    def test_stopped(self) -> None:
        """The bus refuses connections."""

        def stop() -> None:
            time.sleep(0.5)
            self.cloud.link.close()
            time.sleep(settings.stopped())
            self.cloud.link.open()

        self.run_through(stop)

    def test_frozen(self) -> None:
        """The bus takes connections and says nothing."""

        def freeze() -> None:
            time.sleep(0.5)
            self.cloud.link.freeze()
            time.sleep(settings.frozen())
            self.cloud.link.thaw()

        self.run_through(freeze)

    def test_cut(self) -> None:
        """Connections break in the middle of messages."""

        def cut() -> None:
            for _ in range(_CUTS):
                time.sleep(random.uniform(0, 0.5))
                self.cloud.link.cut()

        self.run_through(cut)

    def test_shutdown(self) -> None:
        """A relay stops while the bus says nothing."""
        (one,) = self.cloud.relays
        self.cloud.link.freeze()
        time.sleep(1)
        began = time.monotonic()
        self.assertEqual(0, one.stop())
        settings.report(
            f'{self.id()}: {time.monotonic() - began:.1f} s to stop'
        )
        self.cloud.link.thaw()
        one.start()
