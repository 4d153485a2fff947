# SPDX-License-Identifier: Apache-2.0
"""Looks at a database that tells nothing, or something odd."""

import queue
import threading

from nova_aggext import exception
from nova_aggext.db import database as db_database
from nova_aggext.db import looks
from nova_aggext.tests import base
from nova_aggext.tests.functional import databases

PATIENCE = 60
MANY = 10


class LookTest(base.TestCase):
    """Questions that are answered when the test says so."""

    def setUp(self) -> None:
        super().setUp()
        self.database = self.useFixture(databases.Database()).database
        self.asked: queue.Queue[int] = queue.Queue()
        self.may_answer = threading.Event()
        self.addCleanup(self.may_answer.set)

    def question(self, _session: db_database.Session) -> int:
        """Wait for the test; give how often that was done."""
        number = self.asked.qsize() + 1
        self.asked.put(number)
        self.may_answer.wait(PATIENCE)
        return number

    def test_anew(self) -> None:
        """Who comes after an answer is not given that one."""
        self.may_answer.set()
        look = looks.Look(self.database, self.question, PATIENCE)
        self.assertEqual([1, 2], [look.take(), look.take()])

    def test_silent(self) -> None:
        """Nobody waits longer, and nobody begins another one."""
        look = looks.Look(self.database, self.question, 0)
        for _ in range(MANY):
            error = self.assertRaises(exception.DatabaseUnavailable, look.take)
        self.assertIn('no answer within 0 s', str(error))
        self.assertIn('[api_database] connection', str(error))
        self.assertEqual(1, self.asked.get(timeout=PATIENCE))
        self.assertTrue(self.asked.empty())

    def test_odd_error(self) -> None:
        """Also an error that nobody expects is an answer, and is logged."""

        def broken(_session: db_database.Session) -> int:
            raise ValueError('a secret')

        look = looks.Look(self.database, broken, PATIENCE)
        for _ in range(2):
            error = self.assertRaises(exception.DatabaseUnavailable, look.take)
            self.assertIn('(ValueError)', str(error))
            self.assertNotIn('a secret', str(error))
        self.assertIn('The database could not be asked', self.log.output)
