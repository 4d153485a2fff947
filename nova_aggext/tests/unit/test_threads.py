# SPDX-License-Identifier: Apache-2.0
"""Pools of threads, also where none can be started."""

import threading

from nova_aggext import exception
from nova_aggext import threads as aggext_threads
from nova_aggext.tests import base
from nova_aggext.tests.unit.outbox import scarce

PATIENCE = 10


def _work() -> int:
    return 7


class PoolTest(base.TestCase):
    """A pool of two threads."""

    def setUp(self) -> None:
        super().setUp()
        self.threads = scarce.Threads()
        self.pool = aggext_threads.Pool('a-name', 2, self.threads)
        self.addCleanup(self._end)
        self.released = threading.Event()
        self.addCleanup(self.released.set)

    def _end(self) -> None:
        self.pool.close()
        for thread in self.threads.made:
            thread.join(PATIENCE)
            self.assertFalse(thread.is_alive())

    def _wait(self) -> int:
        self.released.wait(PATIENCE)
        return 8

    def test_one_thread_for_one_thing_after_another(self) -> None:
        for _ in range(20):
            self.assertEqual(7, self.pool.submit(_work).result(PATIENCE))
        self.assertEqual(1, len(self.threads.made))

    def test_no_more_than_so_many(self) -> None:
        futures = [self.pool.submit(self._wait) for _ in range(5)]
        self.assertEqual(2, len(self.threads.made))
        self.released.set()
        self.assertEqual([8] * 5, [one.result(PATIENCE) for one in futures])

    def test_what_fails(self) -> None:
        for _ in range(3):
            future = self.pool.submit(lambda: 1 // 0)
            self.assertRaises(ZeroDivisionError, future.result, PATIENCE)
        self.assertEqual(1, len(self.threads.made))

    def test_what_is_cancelled_is_not_done(self) -> None:
        done: list[int] = []
        waiting = [self.pool.submit(self._wait) for _ in range(2)]
        self.assertTrue(self.pool.submit(lambda: done.append(1)).cancel())
        self.released.set()
        for one in (*waiting, self.pool.submit(_work)):
            one.result(PATIENCE)
        self.assertEqual([], done)

    def test_no_thread(self) -> None:
        """What is refused is forgotten; it is logged once."""
        done: list[int] = []
        self.threads.lacking = 5
        for _ in range(5):
            self.assertRaises(
                exception.ThreadUnavailable,
                self.pool.submit,
                lambda: done.append(1),
            )
        self.assertEqual(1, self.log.output.count("can't start new thread"))
        self.assertEqual(7, self.pool.submit(_work).result(PATIENCE))
        self.assertEqual([], done)
        # There is room for both threads still.
        for _ in range(2):
            self.pool.submit(self._wait)
        self.assertEqual(2, len(self.threads.made))

    def test_no_other_thread(self) -> None:
        """Those that there are do it."""
        first = self.pool.submit(self._wait)
        self.threads.lacking = 1
        second = self.pool.submit(_work)
        self.released.set()
        self.assertEqual(8, first.result(PATIENCE))
        self.assertEqual(7, second.result(PATIENCE))
        self.assertEqual(1, len(self.threads.made))
