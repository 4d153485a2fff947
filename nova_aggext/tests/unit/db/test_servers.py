# SPDX-License-Identifier: Apache-2.0
"""Work on a server: run again or refused, and what is logged."""

from oslo_db import exception as db_exc
from sqlalchemy import exc as sa_exc

from nova_aggext import exception
from nova_aggext.db import retries
from nova_aggext.db import servers
from nova_aggext.tests import base
from nova_aggext.tests.unit.db import test_failures
from nova_aggext.tests.unit.db import test_retries

URL = test_failures.URL
of_mysql = test_failures.of_mysql


class Failing:
    """Work that raises some errors in turn."""

    def __init__(self, *errors: Exception) -> None:
        self.errors = list(errors)
        self.runs = 0

    def __call__(self, _tries: retries.Tries) -> int:
        """Work once."""
        self.runs += 1
        if self.errors:
            raise self.errors.pop(0)
        return 7


class ServerTest(base.TestCase):
    """Running work."""

    def run_on_server(
        self, *errors: Exception, start: retries.Start | None = None
    ) -> int:
        """Run work that raises these; give how often it was run."""
        start = start or retries.Start(0, 0)
        server = servers.Server(URL, '[a] connection', start, 2)
        self.work = Failing(*errors)
        self.assertEqual(7, server.run(self.work))
        return self.work.runs

    def refused(self, *errors: Exception) -> exception.DatabaseUnavailable:
        """Run work that is given up."""
        error: exception.DatabaseUnavailable = self.assertRaises(
            exception.DatabaseUnavailable, self.run_on_server, *errors
        )
        self.assertIn('[a] connection', str(error))
        self.assertIn('db1:3306', str(error))
        self.assertNotIn('cret', str(error))
        self.assertNotIn('db1', error.public)
        return error

    def test_lost_races_are_run_again(self) -> None:
        for number in (1020, 1062, 1213, 1452):
            error = of_mysql(number)
            self.assertEqual(3, self.run_on_server(error, error))
            self.refused(*[error] * 9)
            self.assertEqual(3, self.work.runs)

    def test_a_connection_that_had_broken(self) -> None:
        lost = db_exc.DBConnectionError(of_mysql(2013))
        self.assertEqual(2, self.run_on_server(lost))
        self.refused(lost, lost)
        self.assertEqual(2, self.work.runs)

    def test_a_server_that_cannot_serve(self) -> None:
        for error in (of_mysql(1040), of_mysql(1205), of_mysql(1290)):
            refusal = self.refused(error)
            self.assertEqual((503, 10), (refusal.code, refusal.retry_after))
            self.assertEqual(1, self.work.runs)

    def test_what_an_operator_must_mend(self) -> None:
        for error in (
            of_mysql(1045),
            of_mysql(1054),
            of_mysql(1146, 'ProgrammingError'),
        ):
            refusal = self.refused(error)
            self.assertEqual((500, None), (refusal.code, refusal.retry_after))
            self.assertEqual(1, self.work.runs)

    def test_faults_of_our_own(self) -> None:
        for error in (
            of_mysql(1406, 'DataError'),
            sa_exc.ArgumentError('x'),
            ZeroDivisionError(),
        ):
            raised = self.assertRaises(type(error), self.run_on_server, error)
            self.assertIs(error, raised)

    def test_a_server_that_is_about_to_start(self) -> None:
        start = retries.Start(4, 0.001)
        away = db_exc.DBConnectionError(of_mysql(2003))
        self.assertEqual(4, self.run_on_server(*[away] * 3, start=start))
        self.assertIn('text (2003)', self.log.output)
        self.assertTrue(start.is_over)


class ReportsTest(base.TestCase):
    """What is logged of troubles."""

    def setUp(self) -> None:
        super().setUp()
        self.clock = test_retries.Clock()
        self.reports = servers.Reports(URL, self.clock)

    def trouble(self, reason: str, number: int = 2003) -> None:
        error = exception.DatabaseUnavailable(reason=reason, option='x')
        error.__cause__ = of_mysql(number)
        self.reports.failed(error)

    def count(self, text: str) -> int:
        return self.log.output.count(text)

    def test_each_cause_once_in_a_while(self) -> None:
        for reason in ('one', 'two', 'one', 'two'):
            self.trouble(reason)
        self.assertEqual((1, 1), (self.count('one'), self.count('two')))
        self.clock.now = servers.QUIET_SECONDS
        self.trouble('one')
        self.assertEqual(2, self.count('one'))

    def test_many_causes(self) -> None:
        for number in range(300):
            self.trouble(f'cause-{number};')
        self.assertEqual(1, self.count('cause-299;'))

    def test_the_end(self) -> None:
        self.trouble('one')
        self.assertTrue(self.reports.is_away)
        self.reports.is_back()
        self.assertFalse(self.reports.is_away)
        self.assertEqual(1, self.count('at db1:3306 works'))
        self.trouble('one')
        self.assertEqual(2, self.count('(one)'))

    def test_a_server_that_refuses_is_not_away(self) -> None:
        for number in (1054, 1290):
            self.trouble('one', number)
            self.assertFalse(self.reports.is_away)
