# SPDX-License-Identifier: Apache-2.0
"""How a recorded case is played: its world, its steps, its verdict."""

import json
from typing import Any, ClassVar, Protocol

import fixtures

from nova_aggext import conf as aggext_conf
from nova_aggext.tests import base
from nova_aggext.tests.functional.contract import cases
from nova_aggext.tests.functional.contract import client
from nova_aggext.tests.functional.contract import compare
from nova_aggext.tests.functional.contract import normalise
from nova_aggext.tests.functional.contract import replay_fixture
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


class Inventory(Protocol):
    """What can change the hosts behind a server."""

    def reset(self) -> None:
        """Remove every aggregate."""

    def setup(self, hosts: list[Any], instances: dict[str, Any]) -> Any:
        """Make the hosts of a case; give what ``teardown`` wants."""

    def op(self, made: Any, what: dict[str, Any]) -> None:
        """Change the hosts or their instances."""

    def teardown(self, made: Any) -> None:
        """Remove the hosts of a case."""


class Running(Protocol):
    """A server that is up, with its inventory.

    :ivar server: the server
    :ivar inventory: what changes its hosts
    """

    @property
    def server(self) -> 'Address': ...

    @property
    def inventory(self) -> Inventory: ...


class Address(Protocol):
    """Where a server serves."""

    @property
    def url(self) -> str: ...

    @property
    def port(self) -> int: ...


class ServerOfCases(fixtures.Fixture):
    """A server whose hosts the replay fixture can change.

    :ivar server: the server
    :ivar inventory: what changes its hosts
    """

    inventory: ClassVar[Inventory] = replay_fixture

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
        self,
        inventory: Inventory,
        case: cases.Case,
        variables: case_variables.Variables,
    ) -> None:
        super().__init__()
        self.inventory = inventory
        self.case = case
        self.variables = variables

    def _setUp(self) -> None:
        self.inventory.reset()
        self.made = self.inventory.setup(
            case_variables.fill_in(self.case.hosts, self.variables),
            case_variables.fill_in(self.case.instances, self.variables),
        )
        self.addCleanup(self.inventory.teardown, self.made)
        self.addCleanup(self.inventory.reset)

    def change(self, what: dict[str, Any]) -> None:
        """Change the hosts or their instances."""
        self.inventory.op(
            self.made, case_variables.fill_in(what, self.variables)
        )


class CaseTest(base.TestCase):
    """A case, played on one kind of database.

    :cvar KIND: the kind
    """

    KIND: ClassVar[str]

    running: ClassVar[Running]
    case: cases.Case

    @classmethod
    def setUpClass(cls) -> None:
        super().setUpClass()
        cls.running = cls.start()

    @classmethod
    def start(cls) -> Running:
        """Start the server of all cases; it is stopped after the last."""
        running = ServerOfCases(cls.KIND)
        _set_up(running)
        cls.addClassCleanup(running.cleanUp)
        return running

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
        self.world = self.useFixture(
            World(self.running.inventory, self.case, self.variables)
        )
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
