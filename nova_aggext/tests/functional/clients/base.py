# SPDX-License-Identifier: Apache-2.0
"""What the tests with real clients have in common.

The clients talk to a server of our own, started for each test class, or to
the one at ``AGGEXT_TEST_ENDPOINT`` (``http://ADDRESS:PORT``, no token asked,
with compute hosts host1 to host4), so that the same tests can be run against
Nova itself. So that modules may run at the same time against one server,
each puts only a host of its own, ``HOST``, into an availability zone.
"""

import dataclasses
import json
import os
import pathlib
import subprocess
from typing import Any, ClassVar
import urllib.request
import uuid

import fixtures
import testtools
from testtools import content

from nova_aggext.tests.functional import server
from nova_aggext.tests.functional import venvs

CLIENT_SECONDS = 120

_HERE = pathlib.Path(__file__).resolve().parent
SCRIPTS = _HERE / 'scripts'
# No proxy stands between us and the server, nor between it and the clients.
_DIRECT = urllib.request.build_opener(urllib.request.ProxyHandler({}))


@dataclasses.dataclass(frozen=True)
class Outcome:
    """How a process ended, and what it said."""

    code: int
    out: str
    err: str


class ClientTest(testtools.TestCase):
    """A test that runs a real client as a process of its own."""

    VENV: ClassVar[str] = 'openstack'
    HOST: ClassVar[str]

    _server: ClassVar[server.Server | None] = None

    @classmethod
    def tearDownClass(cls) -> None:
        """Stop the server, if one was started."""
        if cls._server is not None:
            cls._server.cleanUp()
            cls._server = None
        super().tearDownClass()

    def setUp(self) -> None:
        """Give the test a name of its own, a client and a server."""
        super().setUp()
        requirements = _HERE / f'{self.VENV}-requirements.txt'
        self.venv = venvs.venv(self.VENV, requirements)
        self.home = self.useFixture(fixtures.TempDir()).path
        self.url = self._started()
        self.endpoint = f'{self.url}/v2.1'
        self.name = f'client-{uuid.uuid4().hex[:12]}'
        self.addCleanup(self._remove_aggregates)
        self.addOnException(self._show_log)

    @classmethod
    def is_foreign(cls) -> bool:
        """Tell whether the server is not our own."""
        return bool(os.environ.get('AGGEXT_TEST_ENDPOINT'))

    @classmethod
    def _started(cls) -> str:
        """Return the URL of the server, started where that is needed."""
        foreign = os.environ.get('AGGEXT_TEST_ENDPOINT')
        if foreign:
            return foreign.rstrip('/')
        if cls._server is None:
            started = server.Server()
            started.setUp()
            cls._server = started
        return cls._server.url

    def _show_log(self, _exc_info: object) -> None:
        """Add what our own server said to the report of a failure."""
        if self._server is not None:
            said = self._server.log.read_text(errors='replace')
            self.addDetailUniqueName('server', content.text_content(said))

    def run_client(
        self, program: str, *arguments: str, **variables: str
    ) -> Outcome:
        """Run a program of the virtual environment; return its outcome."""
        done = subprocess.run(
            [str(self.venv / 'bin' / program), *arguments],
            cwd=self.home,
            env={**venvs.environment(), 'HOME': self.home, **variables},
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
            timeout=CLIENT_SECONDS,
        )
        outcome = Outcome(done.returncode, done.stdout, done.stderr)
        self.tell(program, arguments, outcome)
        return outcome

    def tell(
        self, program: str, arguments: tuple[str, ...], done: Outcome
    ) -> None:
        """Add what was run to the report of a failure."""
        said = f'{arguments}\n{done.code}\n{done.out}\n{done.err}'
        self.addDetailUniqueName(program, content.text_content(said))

    def run_script(self, script: str, *arguments: str) -> Any:
        """Run one of our scripts with the client; return its report."""
        path = str(SCRIPTS / script)
        done = self.run_client('python', path, *arguments)
        self.assertEqual(0, done.code, done.err)
        return json.loads(done.out)

    def stored(self, name: str) -> dict[str, Any]:
        """Return the aggregate of this name as the server has it."""
        for aggregate in self.call('GET', '')['aggregates']:
            if aggregate['name'] == name:
                return dict(aggregate)
        self.fail(f'there is no aggregate {name}')

    def names(self) -> set[str]:
        """Return the names of all aggregates that the server has."""
        return {each['name'] for each in self.call('GET', '')['aggregates']}

    def made(self, name: str, zone: str | None, *hosts: str) -> str:
        """Make an aggregate without the client; return its id."""
        wanted = {'name': name, 'availability_zone': zone}
        created = self.call('POST', '', {'aggregate': wanted})['aggregate']
        for host in hosts:
            action = {'add_host': {'host': host}}
            self.call('POST', f'/{created["id"]}/action', action)
        return str(created['id'])

    def call(
        self, method: str, path: str, body: dict[str, Any] | None = None
    ) -> Any:
        """Return the answer to a plain HTTP request."""
        request = urllib.request.Request(
            f'{self.endpoint}/os-aggregates{path}',
            method=method,
            data=None if body is None else json.dumps(body).encode(),
            headers={
                'Content-Type': 'application/json',
                'OpenStack-API-Version': 'compute 2.96',
            },
        )
        with _DIRECT.open(request, timeout=CLIENT_SECONDS) as answer:
            return json.loads(answer.read() or b'null')

    def _remove_aggregates(self) -> None:
        """Remove what the test left behind."""
        for aggregate in self.call('GET', '')['aggregates']:
            if aggregate['name'].startswith(self.name):
                path = f'/{aggregate["id"]}'
                for host in aggregate['hosts']:
                    action = {'remove_host': {'host': host}}
                    self.call('POST', f'{path}/action', action)
                self.call('DELETE', path)
