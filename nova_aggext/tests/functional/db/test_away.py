# SPDX-License-Identifier: Apache-2.0
"""Servers that are away, frozen or gone, and replicas that are."""

import concurrent.futures
import contextlib
from collections.abc import Callable
from typing import Any

import sqlalchemy as sa
import testscenarios

from nova_aggext import conf as aggext_conf
from nova_aggext import exception
from nova_aggext.db import database as db_database
from nova_aggext.db import urls
from nova_aggext.tests import base
from nova_aggext.tests.functional import databases
from nova_aggext.tests.functional.db import proxy
from nova_aggext.tests.functional.db import test_database

load_tests = testscenarios.load_tests_apply_scenarios

PATIENCE = test_database.PATIENCE
Work = test_database.Work
count = test_database.count
insert = test_database.insert
statement_of = test_database.statement_of


class AwayTest(base.TestCase):
    """A database server that cannot be reached for a while."""

    scenarios = [(kind, {'kind': kind}) for kind in databases.SERVERS]
    kind: str

    def setUp(self) -> None:
        super().setUp()
        self.way = self.useFixture(proxy.Proxy(self.kind))
        self.database = self.useFixture(
            databases.Database(self.kind, server=self.way.url)
        ).database
        # Nobody waits for a server that was there.
        self.assertEqual(0, self.database.read(count))

    def test_away_and_back(self) -> None:
        """The same object works as soon as the server is back."""
        self.assertEqual(0, self.database.read(count))
        self.way.cut()
        try:
            self._check_refused(self.database.read, count)
            self._check_refused(self.database.write, insert('host1'))
        finally:
            self.way.open()
        self.database.write(insert('host1'))
        self.assertEqual(1, self.database.read(count))

    def test_away_in_a_transaction(self) -> None:
        """It is not told as done, and was not done."""

        def work(session: sa.Connection) -> None:
            insert('host1')(session)
            self.way.cut()

        try:
            self._check_refused(self.database.write, work)
        finally:
            self.way.open()
        self.assertEqual(0, self.database.read(count))

    def test_broken_connection_is_replaced(self) -> None:
        """One that broke while nobody used it costs no request."""
        self.assertEqual(0, self.database.read(count))
        self.way.cut()
        self.way.open()
        self.assertEqual(0, self.database.read(count))

    def _check_refused(self, run: Callable[[Work], Any], work: Work) -> None:
        error = self.assertRaises(exception.DatabaseUnavailable, run, work)
        self.assertIn('[api_database]', str(error))
        self.assertNotIn('openstack_citest', str(error))
        self.assertEqual(503, error.code)


class FrozenTest(base.TestCase):
    """A server that takes connections and bytes, and answers nothing."""

    scenarios = [(kind, {'kind': kind}) for kind in databases.SERVERS]
    kind: str

    def setUp(self) -> None:
        super().setUp()
        self.way = self.useFixture(proxy.Proxy(self.kind))
        name, seconds = {
            'mysql': ('read_timeout', '1'),
            'postgresql': ('tcp_user_timeout', '1000'),
        }[self.kind]
        url = sa.make_url(self.way.url).update_query_dict(
            {name: seconds, 'connect_timeout': '2'}
        )
        text = url.render_as_string(hide_password=False)
        self.database = self.useFixture(
            databases.Database(self.kind, server=text)
        ).database

    def test_frozen(self) -> None:
        """Who asks is refused, with a connection of the pool and without."""
        self.assertEqual(0, self.database.read(count))
        self.way.freeze()
        threads = concurrent.futures.ThreadPoolExecutor(8)
        with contextlib.ExitStack() as stack:
            stack.callback(threads.shutdown)
            stack.callback(self.way.cut)
            asked = [
                threads.submit(run, work)
                for run, work in (
                    (self.database.read, count),
                    (self.database.ask, count),
                    (self.database.write, insert('host1')),
                )
                for _ in range(2)
            ]
            errors = [type(one.exception(PATIENCE)) for one in asked]
        self.assertEqual([exception.DatabaseUnavailable] * 6, errors)
        self.way.open()
        self.assertEqual(0, self.database.read(count))

    def test_a_statement_that_takes_too_long(self) -> None:
        wait = {'mysql': 'SELECT SLEEP(2)', 'postgresql': 'SELECT pg_sleep(2)'}
        work = statement_of(sa.text(wait[self.kind]))
        self.assertRaises(
            exception.DatabaseUnavailable, self.database.write, work
        )


class ReplicaTest(base.TestCase):
    """A replica that is away when a process starts, or goes away."""

    scenarios = [(kind, {'kind': kind}) for kind in databases.SERVERS]
    kind: str

    def setUp(self) -> None:
        super().setUp()
        self.way = self.useFixture(proxy.Proxy(self.kind))
        primary = self.useFixture(databases.Database(self.kind))
        replica = self.useFixture(
            databases.Database(self.kind, server=self.way.url)
        )
        primary.database.write(insert('host1'))
        conf = aggext_conf.load([primary.conf_file])
        conf.set_override('slave_connection', replica.url, 'api_database')
        self.database = db_database.Database(conf)
        self.addCleanup(self.database.close)

    def count(self) -> int:
        """Count hosts as a list is read; the replica has none."""
        return self.database.read(count, replica=True)

    def test_goes_away(self) -> None:
        self.assertEqual(0, self.count())
        self.way.cut()
        self.assertEqual([1, 1], [self.count(), self.count()])
        self.way.open()
        # Nobody tries for a while.
        self.assertEqual(1, self.count())
        said = 'Lists are read from the primary'
        self.assertEqual(1, self.log.output.count(said))
        self.assertIn('[api_database] slave_connection', self.log.output)
        self.assertNotIn('Traceback', self.log.output)

    def test_away_from_the_start(self) -> None:
        self.way.cut()
        self.database.write(insert('host2'))
        self.assertEqual(2, self.count())
        self.way.open()

    def test_fits_no_more(self) -> None:
        """It may lag behind in its tables, too."""
        work = statement_of(sa.text('SELECT 1 FROM aggext_hosts, nosuch'))
        self.assertRaises(
            exception.DatabaseMisfit, self.database.read, work, replica=True
        )
        self.assertEqual(1, self.count())


class NeverThereTest(base.TestCase):
    """Databases that were never there; nothing is tried for long."""

    def unavailable(
        self, url: str, kind: type[exception.DatabaseUnavailable]
    ) -> None:
        """Use a database that cannot be used, and check the error."""
        conf = aggext_conf.load([])
        conf.set_override('connection', url, 'api_database')
        conf.set_override('max_retries', 0, 'api_database')
        database = db_database.Database(conf)
        self.addCleanup(database.close)
        error = self.assertRaises(
            exception.DatabaseUnavailable, database.read, count
        )
        self.assertIs(kind, type(error), str(error))
        self.assertIn(urls.place(sa.make_url(url)), str(error))
        self.assertNotIn('secret', str(error) + self.log.output)
        self.assertNotIn('Traceback', self.log.output)

    def test_nobody_listens(self) -> None:
        for driver in ('mysql+pymysql', 'postgresql+psycopg2'):
            url = f'{driver}://user:secret@127.0.0.1:1/nova_api'
            self.unavailable(url, exception.DatabaseUnavailable)

    def test_unknown_user(self) -> None:
        for kind in databases.SERVERS:
            given = self.useFixture(databases.Database(kind, synced=False)).url
            url = sa.make_url(given).set(username='nobody', password='secret')
            text = url.render_as_string(hide_password=False)
            self.unavailable(text, exception.DatabaseMisfit)

    def test_no_such_database(self) -> None:
        for kind in databases.SERVERS:
            given = self.useFixture(databases.Database(kind, synced=False)).url
            url = sa.make_url(given).set(database='aggext_nonexistent')
            text = url.render_as_string(hide_password=False)
            self.unavailable(text, exception.DatabaseMisfit)

    def test_no_folder_for_sqlite(self) -> None:
        url = 'sqlite:////nonexistent/folder/aggext.sqlite'
        self.unavailable(url, exception.DatabaseMisfit)
