# SPDX-License-Identifier: Apache-2.0
"""Threads that work, also where they are missing."""

import queue
import threading

from nova_aggext.outbox import worker
from nova_aggext.tests import base
from nova_aggext.tests.unit.outbox import scarce

PATIENCE = 10


class WorkerTest(base.TestCase):
    """A worker whose turns can be waited for."""

    def setUp(self) -> None:
        super().setUp()
        self.turns: queue.SimpleQueue[str] = queue.SimpleQueue()
        self.pause = 1000.0
        self.errors: list[BaseException] = []
        self.worker = worker.Worker('a-name', self._turn)
        self.addCleanup(self.worker.stop)

    def _turn(self) -> float:
        self.turns.put(threading.current_thread().name)
        if self.errors:
            raise self.errors.pop()
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

    def test_no_thread(self) -> None:
        """What does not start now starts later; that is logged once."""
        threads = scarce.Threads(lacking=2)
        self.worker = worker.Worker('a-name', self._turn, threads)
        self.addCleanup(self.worker.stop)
        for _ in range(2):
            self.assertFalse(self.worker.start())
            self.assertFalse(self.worker.running)
        self.assertTrue(self.worker.start())
        self.turns.get(timeout=PATIENCE)
        self.assertEqual(1, self.log.output.count('a-name does not start'))

    def test_turn_that_raises(self) -> None:
        """Another turn is taken."""
        self.errors.append(ArithmeticError('no luck'))
        self.worker.start()
        self.turns.get(timeout=PATIENCE)
        self.worker.wake()
        self.turns.get(timeout=PATIENCE)
        self.assertIn('no luck', self.log.output)

    def test_thread_that_died(self) -> None:
        """Another one is started."""
        self.errors.append(SystemExit())
        died = scarce.Threads()
        self.worker = worker.Worker('a-name', self._turn, died)
        self.addCleanup(self.worker.stop)
        self.worker.start()
        died.made[0].join(PATIENCE)
        self.assertFalse(self.worker.running)
        self.assertTrue(self.worker.start())
        for _ in range(2):
            self.turns.get(timeout=PATIENCE)

    def test_start_after_stop(self) -> None:
        """Who was stopped has no thread any more."""
        threads = scarce.Threads()
        stopped = worker.Worker('a-name', self._turn, threads)
        stopped.start()
        self.assertTrue(stopped.stop())
        self.assertTrue(stopped.start())
        self.assertEqual(1, len(threads.made))


class HelpersTest(base.TestCase):
    """One helper at a time."""

    def test_busy(self) -> None:
        """Nobody is free while one works."""
        threads = scarce.Threads()
        helpers = worker.Helpers('a-name', 1, threads)
        release = threading.Event()
        self.assertTrue(helpers.start(lambda: self._wait(release)))
        self.assertFalse(helpers.start(release.set))
        release.set()
        threads.made[0].join(PATIENCE)
        self.assertTrue(helpers.start(release.set))

    def test_no_thread(self) -> None:
        """Who did not start is free."""
        threads = scarce.Threads(lacking=3)
        helpers = worker.Helpers('a-name', 1, threads)
        done = threading.Event()
        started = [helpers.start(done.set) for _ in range(4)]
        self.assertEqual([False, False, False, True], started)
        self.assertTrue(done.wait(PATIENCE))

    def _wait(self, event: threading.Event) -> None:
        event.wait(PATIENCE)
