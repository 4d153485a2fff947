# SPDX-License-Identifier: Apache-2.0
"""Connections to cell databases that break, and cells that refuse."""

import sqlalchemy as sa
import testscenarios

from nova_aggext import exception
from nova_aggext.db import urls
from nova_aggext.hosts import cell_engines
from nova_aggext.hosts import cells
from nova_aggext.tests import base
from nova_aggext.tests.functional import databases
from nova_aggext.tests.functional.db import proxy

load_tests = testscenarios.load_tests_apply_scenarios


def question(connection: sa.Connection) -> int:
    """Ask something that every database answers."""
    return int(connection.scalar(sa.text('SELECT 7')) or 0)


class BrokenTest(base.TestCase):
    """A cell whose database is behind a link that can be cut."""

    scenarios = [(kind, {'kind': kind}) for kind in databases.SERVERS]
    kind: str

    def setUp(self) -> None:
        super().setUp()
        self.way = self.useFixture(proxy.Proxy(self.kind))
        made = databases.Database(self.kind, server=self.way.url)
        self.cell = cells.Cell('uuid', 'one', self.useFixture(made).url)
        self.engines = cell_engines.CellEngines(None, 10)
        self.addCleanup(self.engines.close)

    def test_replaced(self) -> None:
        """A connection that broke costs no answer."""
        for _ in range(3):
            told = self.engines.ask({self.cell: question})
            self.assertEqual([7], list(told.values()))
            self.way.cut()
            self.way.open()

    def test_away(self) -> None:
        """A cell that is away is named, and answers once it is back."""
        self.engines.ask({self.cell: question})
        self.way.cut()
        try:
            error = self.assertRaises(
                exception.CellUnavailable,
                self.engines.ask,
                {self.cell: question},
            )
        finally:
            self.way.open()
        self.assertIn('one', str(error))
        self.engines.ask({self.cell: question})


class SchemeTest(base.TestCase):
    """A mapping with the scheme of MariaDB."""

    def test_asked(self) -> None:
        url = self.useFixture(databases.Database('mysql')).url
        mapping = url.replace('mysql+', 'mariadb+')
        engines = cell_engines.CellEngines(None, 10)
        self.addCleanup(engines.close)
        cell = cells.Cell('uuid', 'one', mapping)
        self.assertEqual({cell: 7}, engines.ask({cell: question}))


class RefusedTest(base.TestCase):
    """Cells that refuse say so at once, and nobody is told a secret."""

    scenarios = [(kind, {'kind': kind}) for kind in databases.SERVERS]
    kind: str

    def setUp(self) -> None:
        super().setUp()
        made = self.useFixture(databases.Database(self.kind, synced=False))
        self.url = sa.make_url(made.url)
        self.engines = cell_engines.CellEngines(None, 60)
        self.addCleanup(self.engines.close)

    def refused(
        self,
        kind: type[exception.CellUnavailable],
        cause: str,
        statement: str = 'SELECT 7',
    ) -> None:
        """Ask three times, and check what callers and the log are told."""
        url = self.url.render_as_string(hide_password=False)
        cell = cells.Cell('uuid', 'one', url)
        place = urls.place(self.url)
        for _ in range(3):
            error = self.assertRaises(
                exception.CellUnavailable,
                self.engines.ask,
                {cell: lambda session: session.scalar(sa.text(statement))},
            )
        self.assertIs(kind, type(error), str(error))
        self.assertIn('cell one', error.public)
        self.assertNotIn(place, error.public)
        self.assertNotRegex(error.public, cause)
        log = self.log.output
        self.assertRegex(log, f'cell one .* at {place}: .*{cause}')
        self.assertEqual(1, log.count('cell one'))
        self.assertNotIn('s3cret', log + str(error))
        self.assertNotIn('Traceback', log)

    def test_refused_port(self) -> None:
        self.url = self.url.set(
            host='127.0.0.1', port=1, username='nova', password='s3cret'
        )
        self.refused(exception.CellUnavailable, 'refused')

    def test_wrong_password(self) -> None:
        self.url = self.url.set(password='s3cret')
        if self.kind == 'postgresql':
            # One that trusts this machine asks its users for none.
            self.url = self.url.set(username='aggext_nobody')
        cause = 'Access denied|authentication failed|role ".*" does not exist'
        self.refused(exception.CellMisfit, f'({cause})')

    def test_no_such_database(self) -> None:
        self.url = self.url.set(database='aggext_nonexistent')
        cause = "Unknown database|does not exist|Access denied"
        self.refused(exception.CellMisfit, f'({cause})')

    def test_no_such_table(self) -> None:
        cause = "(doesn't exist|does not exist)"
        statement = 'SELECT 1 FROM aggext_nonexistent'
        self.refused(exception.CellMisfit, cause, statement)
