# SPDX-License-Identifier: Apache-2.0
"""How a recorded case is played: its world, its steps, its verdict."""

import json
from typing import Any, ClassVar

import fixtures

from nova_aggext import conf as aggext_conf
from nova_aggext.testing import replay_fixture
from nova_aggext.tests import base
from nova_aggext.tests.functional.contract import cases
from nova_aggext.tests.functional.contract import client
from nova_aggext.tests.functional.contract import compare
from nova_aggext.tests.functional.contract import normalise
from nova_aggext.tests.functional.contract import variables as case_variables
from nova_aggext.tests.functional import server

# The servers of these tests have no image service. No case needs one, nor
# anything else that is not here.
PROVIDED = {'no-image-service'}

_ONLY_REFUSED = 'each change before this step was refused'
# Steps at which an aggregate has never been changed although Nova's own
# answer comes after a change.
UNCHANGED = {
    ('meta-key-newline', 2): _ONLY_REFUSED,
    ('meta-key-newline', 4): _ONLY_REFUSED,
}


class ServerOfCases(fixtures.Fixture):
    """A server whose hosts the replay fixture can change.

    :ivar server: the server
    """

    def __init__(self, kind: str) -> None:
        super().__init__()
        self.kind = kind

    def _setUp(self) -> None:
        self.server = self.useFixture(server.Server(self.kind))
        self.useFixture(
            fixtures.EnvironmentVariable(
                aggext_conf.ENV_FILES, self.server.conf_file
            )
        )


class World(fixtures.Fixture):
    """The hosts of one case, and no aggregates."""

    def __init__(
        self, case: cases.Case, variables: case_variables.Variables
    ) -> None:
        super().__init__()
        self.case = case
        self.variables = variables

    def _setUp(self) -> None:
        replay_fixture.reset()
        self.names = replay_fixture.setup(
            case_variables.fill_in(self.case.hosts, self.variables),
            case_variables.fill_in(self.case.instances, self.variables),
        )
        self.addCleanup(replay_fixture.teardown, self.names)
        self.addCleanup(replay_fixture.reset)

    def change(self, what: dict[str, Any]) -> None:
        """Change the hosts or their instances."""
        replay_fixture.op(
            self.names, case_variables.fill_in(what, self.variables)
        )


class CaseTest(base.TestCase):
    """A case, played on one kind of database.

    :cvar KIND: the kind
    """

    KIND: ClassVar[str]

    running: ClassVar[ServerOfCases]
    case: cases.Case

    @classmethod
    def setUpClass(cls) -> None:
        super().setUpClass()
        cls.running = ServerOfCases(cls.KIND)
        _set_up(cls.running)
        cls.addClassCleanup(cls.running.cleanUp)

    def setUp(self) -> None:
        super().setUp()
        started = self.running.server
        self.variables = case_variables.new()
        self.normaliser = normalise.Normaliser(started.url, self.variables)
        self.client = client.Client('127.0.0.1', started.port)
        self.addCleanup(self.client.close)

    def test_case(self) -> None:
        """Each step is answered rightly."""
        self.assertEqual(set(), self.case.needs - PROVIDED)
        self.world = self.useFixture(World(self.case, self.variables))
        wrong = []
        for number, step in enumerate(self.case.steps):
            for difference in self._play(number, step):
                wrong.append(f'step {number}: {difference}')
        self.assertEqual([], wrong)

    def _play(self, number: int, step: cases.Step) -> list[str]:
        if 'fixture' in step:
            self.world.change(step['fixture'])
            return []
        answer = self.client.send(cases.request(step, self.variables))
        self._save(step, answer.body)
        got = self.normaliser.answer(answer)
        unchanged = (self.case.name, number) in UNCHANGED
        return min(
            (
                compare.differences(right, got, unchanged=unchanged)
                for right in cases.right_answers(step)
            ),
            key=len,
        )

    def _save(self, step: cases.Step, body: bytes) -> None:
        for name, where in step.get('save', {}).items():
            found = case_variables.look_up(json.loads(body), where)
            self.variables[name] = found


def _set_up(fixture: fixtures.Fixture) -> None:
    """Set up a fixture of a class, which is skipped if the fixture is."""
    try:
        fixture.setUp()
    except fixtures.MultipleExceptions as error:
        raise _first(error) from error


def _first(error: Exception) -> Exception:
    """Give what went wrong in the innermost fixture."""
    while isinstance(error, fixtures.MultipleExceptions):
        error = error.args[0][1]
    return error
