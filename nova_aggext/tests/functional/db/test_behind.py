# SPDX-License-Identifier: Apache-2.0
"""A membership read where the database is behind."""

from collections.abc import Callable
from typing import TypeVar

import testscenarios

from nova_aggext.compute import api
from nova_aggext.compute import inventory
from nova_aggext.compute import ports
from nova_aggext.db import database as db_database
from nova_aggext.db import outbox
from nova_aggext.db import records
from nova_aggext.outbox import types
from nova_aggext.placement import client
from nova_aggext.placement import mirror
from nova_aggext.tests import base
from nova_aggext.tests.functional import databases
from nova_aggext.tests.unit import stubs
from nova_aggext.tests.unit.placement import placement

load_tests = testscenarios.load_tests_apply_scenarios

T = TypeVar('T')

REQUEST = client.Request(None, None)
NODE = inventory.ComputeNode('p', 'node')
MESSAGE = types.Draft(types.stream_of_host('h1'), 'placement', 'a-message', {})


class Balanced:
    """A database of which two nodes answer.

    :ivar asked: who answers questions
    :ivar written: who takes transactions
    """

    def __init__(
        self, asked: db_database.Database, written: db_database.Database
    ) -> None:
        self.asked = asked
        self.written = written

    def ask(self, question: Callable[[db_database.Session], T]) -> T:
        """Have a question answered."""
        return self.asked.ask(question)

    def write(self, work: Callable[[db_database.Session], T]) -> T:
        """Run a transaction."""
        return self.written.write(work)


class BehindTest(base.TestCase):
    """Two nodes; one does not have the last change."""

    scenarios = [(kind, {'kind': kind}) for kind in databases.KINDS]
    kind: str

    def setUp(self) -> None:
        super().setUp()
        self.behind, _ = self.make()
        self.current, self.aggregate = self.make()
        self.change(self.current, self.aggregate)
        self.placement = placement.Placement()

    def make(self) -> tuple[db_database.Database, records.Aggregate]:
        """Make a node that has an aggregate."""
        made = self.useFixture(databases.Database(self.kind)).database
        return made, self.api(made).create_aggregate(stubs.caller(), 'a', None)

    def api(self, database: db_database.Database) -> api.AggregateAPI:
        """Make what changes aggregates."""
        return api.AggregateAPI(
            database, stubs.Inventory(h1=0), ports.Silent()
        )

    def change(
        self, database: db_database.Database, made: records.Aggregate
    ) -> None:
        """Add the host, and store what is to be told of that."""
        self.api(database).add_host_to_aggregate(stubs.caller(), made.id, 'h1')
        database.write(lambda session: outbox.append(session, [MESSAGE]))

    def tell(
        self, asked: db_database.Database, written: db_database.Database
    ) -> None:
        """Mirror the host."""
        made = mirror.Mirror(
            self.placement,  # type: ignore[arg-type]
            stubs.Inventory(),
            Balanced(asked, written),  # type: ignore[arg-type]
        )
        made.set(NODE, 'h1', frozenset(), REQUEST, MESSAGE)

    def test_current(self) -> None:
        """With the change there, one question is enough."""
        self.tell(self.current, self.behind)
        self.assertEqual([{self.aggregate.uuid}], self.placement.puts)

    def test_question_behind(self) -> None:
        """Where a question is behind, it is read where it was written."""
        self.tell(self.behind, self.current)
        self.assertEqual([{self.aggregate.uuid}], self.placement.puts)

    def test_all_behind(self) -> None:
        """Where all are behind, it is told later, and nothing before."""
        self.assertRaises(types.TryAgain, self.tell, self.behind, self.behind)
        self.assertEqual([], self.placement.puts)
        self.tell(self.current, self.current)
        self.assertEqual([{self.aggregate.uuid}], self.placement.puts)
