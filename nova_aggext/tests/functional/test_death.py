# SPDX-License-Identifier: Apache-2.0
"""A server that dies while it makes a change, and who asks for that again."""

import http.client
import json
import signal
import sys
import uuid
from typing import Any

import fixtures
import testscenarios

from nova_aggext.tests import base
from nova_aggext.tests.functional import databases
from nova_aggext.tests.functional import dying
from nova_aggext.tests.functional import server

load_tests = testscenarios.load_tests_apply_scenarios

CHANGE = {
    'change': {
        'reason': 'a new hall',
        'aggregates': [
            {'op': 'create', 'name': 'one', 'hosts': {'add': ['host1']}},
            {
                'op': 'create',
                'name': 'two',
                'availability_zone': 'z',
                'metadata': {'add': {'ssd': 'true'}},
            },
        ],
    }
}


class DeathTest(base.TestCase):
    """It is killed in its commit; another one serves the same database."""

    scenarios = testscenarios.multiply_scenarios(
        [(kind, {'kind': kind}) for kind in databases.KINDS],
        [
            (dying.BEFORE, {'moment': dying.BEFORE, 'status': 201}),
            (dying.AFTER, {'moment': dying.AFTER, 'status': 200}),
        ],
    )
    kind: str
    moment: str
    status: int

    def setUp(self) -> None:
        super().setUp()
        # For the first server alone: what begins later is not killed.
        with fixtures.EnvironmentVariable(dying.VARIABLE, self.moment):
            self.first = self.useFixture(
                server.Server(
                    self.kind,
                    command=[
                        sys.executable,
                        *('-m', dying.__name__),
                        *('--port', '{port}'),
                    ],
                    options='[aggext_outbox]\nrelay = false\n',
                )
            )

    def put(self, served: server.Server, number: str) -> tuple[int, Any]:
        """Ask for the change by its id."""
        return self.send(served, 'PUT', f'/changes/{number}', CHANGE)

    def send(
        self, served: server.Server, method: str, path: str, body: Any = None
    ) -> tuple[int, Any]:
        """Send a request."""
        connection = http.client.HTTPConnection(
            '127.0.0.1', served.port, timeout=server.PATIENCE
        )
        self.addCleanup(connection.close)
        headers = {'Content-Type': 'application/json'}
        text = None if body is None else json.dumps(body)
        path = f'/v2.1/os-aggext{path}'
        connection.request(method, path, text, headers)
        answer = connection.getresponse()
        return answer.status, json.loads(answer.read())

    def test_put_again(self) -> None:
        """It is made now, or was made then; once, and as a whole."""
        number = str(uuid.uuid4())
        self.assertRaises(
            (OSError, http.client.HTTPException), self.put, self.first, number
        )
        killed = self.first.process.wait(server.PATIENCE)
        self.assertEqual(-signal.SIGKILL, killed)
        second = self.useFixture(server.Server(conf_file=self.first.conf_file))
        status, told = self.put(second, number)
        self.assertEqual(self.status, status, str(told))
        change = told['change']
        self.assertEqual(
            ['one', 'two'],
            [one['aggregate']['name'] for one in change['effects']],
        )
        self.assertEqual((200, told), self.again(second, number, told))
        _, listed = self.send(second, 'GET', '/aggregates')
        self.assertEqual(
            [
                (one['aggregate']['id'], one['aggregate']['uuid'], one['etag'])
                for one in change['effects']
            ],
            [
                (one['id'], one['uuid'], one['etag'])
                for one in listed['aggregates']
            ],
        )
        _, fed = self.send(second, 'GET', '/changes')
        self.assertEqual([number], [one['id'] for one in fed['changes']])

    def again(
        self, served: server.Server, number: str, first: Any
    ) -> tuple[int, Any]:
        """Ask once more; what goes on with a change is as it was."""
        status, told = self.put(served, number)
        for name in ('position', 'delivery'):
            told['change'][name] = first['change'][name]
        return status, told
