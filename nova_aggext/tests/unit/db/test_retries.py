# SPDX-License-Identifier: Apache-2.0
"""Which transactions are run again, by the errors of the database."""

import sqlite3

from oslo_db import exception as db_exc
from sqlalchemy import exc as sa_exc

from nova_aggext import exception
from nova_aggext.db import database as db_database
from nova_aggext.tests import base
from nova_aggext.tests.functional import databases


def operational(*arguments: object) -> sa_exc.OperationalError:
    """Make an error as a driver raises it."""
    return sa_exc.OperationalError('UPDATE t', {}, Exception(*arguments))


class RetriesTest(base.TestCase):
    """A write that fails a number of times before it succeeds."""

    def setUp(self) -> None:
        super().setUp()
        self.database = self.useFixture(databases.Database()).database
        self.tries = 0

    def write(self, *errors: Exception) -> str:
        """Run a transaction that raises these, one at a time."""
        left = list(errors)

        def work(session: db_database.Session) -> str:
            self.tries += 1
            if left:
                raise left.pop(0)
            return 'done'

        return self.database.write(work)

    def assert_unavailable(self, *errors: Exception) -> None:
        """Check that a write is given up."""
        self.assertRaises(exception.DatabaseUnavailable, self.write, *errors)

    def test_deadlocks(self) -> None:
        self.write(*[db_exc.DBDeadlock(operational(1213, 'x'))] * 3)
        self.assertEqual(4, self.tries)

    def test_taken_keys_and_missing_rows(self) -> None:
        self.write(
            db_exc.DBDuplicateEntry(),
            db_exc.DBReferenceError('t', 'c', 'k', 'o'),
        )
        self.assertEqual(3, self.tries)

    def test_lock_wait_timeout(self) -> None:
        self.assert_unavailable(db_exc.DBDeadlock(operational(1205, 'x')))
        self.assertEqual(1, self.tries)

    def test_busy_file(self) -> None:
        busy = sqlite3.OperationalError('database is locked')
        self.write(sa_exc.OperationalError('UPDATE t', {}, busy))
        self.assertEqual(2, self.tries)

    def test_connection_that_broke(self) -> None:
        self.write(db_exc.DBConnectionError())
        self.assertEqual(2, self.tries)

    def test_connection_that_broke_twice(self) -> None:
        self.assert_unavailable(*[db_exc.DBConnectionError()] * 2)
        self.assertEqual(2, self.tries)

    def test_server_that_shuts_down(self) -> None:
        self.assert_unavailable(operational(1053, 'Server shutdown'))
        self.assertEqual(1, self.tries)

    def test_wrong_statement(self) -> None:
        """It is no matter of the server."""
        wrong = sqlite3.OperationalError('no such column: x')
        error = sa_exc.OperationalError('UPDATE t', {}, wrong)
        self.assertRaises(sa_exc.OperationalError, self.write, error)
        self.assertEqual(1, self.tries)
