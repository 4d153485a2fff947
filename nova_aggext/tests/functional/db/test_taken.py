# SPDX-License-Identifier: Apache-2.0
"""Changes of many beside others who take none of our locks, as Nova does."""

from collections.abc import Callable

import sqlalchemy as sa
import testscenarios

from nova_aggext.compute import change as compute_change
from nova_aggext.compute import decisions
from nova_aggext.compute import findings
from nova_aggext.compute import ports
from nova_aggext.compute import requests
from nova_aggext.compute import runner
from nova_aggext.compute import world as compute_world
from nova_aggext.db import database as db_database
from nova_aggext.db import models
from nova_aggext.db import queries
from nova_aggext.tests import base
from nova_aggext.tests.functional import databases
from nova_aggext.tests.race import sides
from nova_aggext.tests.race import tables
from nova_aggext.tests.unit import stubs

load_tests = testscenarios.load_tests_apply_scenarios

Item = requests.Item

UUID = '0f1c6f3e-6a5f-4ed0-8a4e-0a2c0d3f6b01'


class Case(sides.Case):
    """A request that somebody overtakes once it was judged."""

    def __init__(
        self, request: requests.Request, act: Callable[[], None]
    ) -> None:
        super().__init__(request)
        self.judged = 0
        self.found: tuple[findings.Finding, ...] = ()
        self._act = act

    def judge(
        self,
        session: db_database.Session,
        world: compute_world.World,
        decision: decisions.Decision,
    ) -> runner.Verdict:
        """Keep what is found; let the other one act the first time."""
        verdict = super().judge(session, world, decision)
        self.found = decision.found
        if verdict is None:
            self.judged += 1
            if self.judged == 1:
                self._act()
        return verdict


class TakenTest(base.TestCase):
    """What databases refuse by themselves."""

    scenarios = [(kind, {'kind': kind}) for kind in databases.KINDS]
    kind: str

    def setUp(self) -> None:
        super().setUp()
        made = self.useFixture(databases.Database(self.kind))
        self.database = made.database
        self.engine = sa.create_engine(made.url)
        self.addCleanup(self.engine.dispose)
        self.runner = runner.Runner(
            made.database, stubs.Inventory(h1=0), ports.Silent()
        )
        one, two = tables.prepare(
            made.database, tables.Prepared('a'), tables.Prepared('b')
        )
        self.one, self.two = one.id, two.id

    def plan(self, item: Item) -> list[str]:
        """Give what would speak against a request."""
        planned = self.runner.plan(sides.of(item).request())
        return [type(one).__name__ for one in planned.decision.found]

    def overtaken(
        self, item: Item, statement: sa.Insert
    ) -> tuple[Case, tuple[compute_change.Change, ...] | Exception]:
        """Run a request while somebody executes a statement."""
        if self.kind == 'sqlite':
            self.skipTest('one writes at a time')

        def act() -> None:
            with self.engine.begin() as session:
                session.execute(statement)

        request = sides.of(item).request()
        case = Case(request, act)
        try:
            return case, self.runner.run(request, case)
        except Exception as error:
            return case, error

    def test_planned(self) -> None:
        """A name that is taken speaks against a request of nothing else."""
        new = Item(None, uuid=UUID, name='a')
        self.assertEqual(['NameTaken'], self.plan(new))
        self.assertEqual(['NameTaken'], self.plan(Item(self.two, name='a')))
        self.assertEqual([], self.plan(Item(self.two, name='c')))

    def test_name_taken_meanwhile(self) -> None:
        """It is found as if it had been there before."""
        for name, item in (
            ('x', Item(None, uuid=UUID, name='x')),
            ('y', Item(self.two, name='y')),
        ):
            taken = sa.insert(models.aggregates).values(name=name, uuid=UUID)
            case, error = self.overtaken(item, taken)
            self.assertIsInstance(case.found[0], findings.NameTaken)
            self.assertEqual(1, case.judged, str(error))

    def test_host_added_meanwhile(self) -> None:
        """It is there, which is all that was asked for."""
        added = sa.insert(models.aggregate_hosts).values(
            aggregate_id=self.one, host='h1', created_at=queries.now()
        )
        case, changes = self.overtaken(Item(self.one, add=('h1',)), added)
        self.assertEqual((), changes)
        self.assertEqual(2, case.judged)
