# SPDX-License-Identifier: Apache-2.0
"""The thread that works again and again."""

import queue
import threading

from nova_aggext.outbox import worker
from nova_aggext.tests import base

PATIENCE = 10


class WorkerTest(base.TestCase):
    """A worker whose turns can be waited for."""

    def setUp(self) -> None:
        super().setUp()
        self.turns: queue.SimpleQueue[str] = queue.SimpleQueue()
        self.pause = 1000.0
        self.worker = worker.Worker('a-name', self._turn)
        self.addCleanup(self.worker.stop)

    def _turn(self) -> float:
        self.turns.put(threading.current_thread().name)
        return self.pause

    def test_start(self) -> None:
        """The first turn is taken at once, in a thread of its own."""
        self.worker.start()
        self.assertEqual('a-name', self.turns.get(timeout=PATIENCE))
        self.assertTrue(self.turns.empty())

    def test_start_twice(self) -> None:
        """Only one thread is started."""
        self.worker.start()
        self.worker.start()
        names = [one.name for one in threading.enumerate()]
        self.assertEqual(1, names.count('a-name'))

    def test_wake(self) -> None:
        """A turn is taken when it is woken."""
        self.worker.start()
        self.turns.get(timeout=PATIENCE)
        self.worker.wake()
        self.turns.get(timeout=PATIENCE)

    def test_pause(self) -> None:
        """Else it is taken after the time that the last one asked for."""
        self.pause = 0.01
        self.worker.start()
        for _ in range(3):
            self.turns.get(timeout=PATIENCE)

    def test_stop(self) -> None:
        """The thread ends, and takes no turn."""
        self.worker.start()
        self.turns.get(timeout=PATIENCE)
        self.worker.stop()
        self.assertTrue(self.worker.stopped)
        names = [one.name for one in threading.enumerate()]
        self.assertNotIn('a-name', names)
        self.assertTrue(self.turns.empty())
