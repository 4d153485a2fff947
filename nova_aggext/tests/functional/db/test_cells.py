# SPDX-License-Identifier: Apache-2.0
"""Connections to cell databases that break while nobody uses them."""

import sqlalchemy as sa
import testscenarios

from nova_aggext import exception
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
