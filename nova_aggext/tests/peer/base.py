# SPDX-License-Identifier: Apache-2.0
"""What the peer tests share."""

from collections.abc import Mapping
import difflib
import json
from typing import Any, TypeVar

import fixtures

from nova_aggext.tests import base
from nova_aggext.tests.functional.contract import client
from nova_aggext.tests.peer import processes

FixtureT = TypeVar('FixtureT', bound=fixtures.Fixture)

AGGREGATES = '/v2.1/os-aggregates'


class PeerTest(base.TestCase):
    """A test that talks to real servers."""

    @classmethod
    def use_for_class(cls, fixture: FixtureT) -> FixtureT:
        """Set a fixture up until the last test of the class is done."""
        fixture.setUp()
        cls.addClassCleanup(fixture.cleanUp)
        return fixture

    def call(
        self,
        server: processes.Process,
        method: str,
        path: str,
        body: Any = None,
        headers: Mapping[str, str] | None = None,
    ) -> client.Answer:
        """Send one request; a body is sent as JSON."""
        named = {'Content-Type': 'application/json'} if body else {}
        return self.send(
            server,
            client.Request(
                method=method,
                path=path,
                headers={**named, **(headers or {})},
                body=json.dumps(body).encode() if body else None,
                chunked=False,
            ),
        )

    def send(
        self, server: processes.Process, request: client.Request
    ) -> client.Answer:
        """Send a request on a connection of its own."""
        connection = client.Client('127.0.0.1', server.port)
        try:
            return connection.send(request)
        finally:
            connection.close()

    def made(
        self,
        server: processes.Process,
        name: str,
        zone: str | None = None,
        hosts: tuple[str, ...] = (),
    ) -> dict[str, Any]:
        """Make an aggregate with hosts; return it."""
        body = {'aggregate': {'name': name, 'availability_zone': zone}}
        aggregate = self.ok(self.call(server, 'POST', AGGREGATES, body))
        for host in hosts:
            aggregate = self.ok(self.add_host(server, aggregate, host))
        return aggregate

    def add_host(
        self, server: processes.Process, aggregate: Any, host: str
    ) -> client.Answer:
        """Put a host into an aggregate."""
        return self.act(server, aggregate, 'add_host', {'host': host})

    def act(
        self, server: processes.Process, aggregate: Any, name: str, what: Any
    ) -> client.Answer:
        """Do one action with an aggregate."""
        path = f'{AGGREGATES}/{aggregate["id"]}/action'
        return self.call(server, 'POST', path, {name: what})

    def ok(self, answer: client.Answer) -> dict[str, Any]:
        """Return the aggregate of an answer, which must be 200."""
        self.assertEqual(200, answer.status, str(answer.body))
        return dict(json.loads(answer.body)['aggregate'])

    def listed(self, server: processes.Process) -> Any:
        """Return all aggregates, in the newest form, by id.

        Nova itself promises no order.
        """
        newest = {'OpenStack-API-Version': 'compute latest'}
        answer = self.call(server, 'GET', AGGREGATES, headers=newest)
        self.assertEqual(200, answer.status, str(answer.body))
        aggregates = json.loads(answer.body)['aggregates']
        return sorted(aggregates, key=lambda one: int(one['id']))

    def same_text(self, wanted: str, found: str) -> None:
        """Compare long texts; show only the lines that differ."""
        lines = difflib.unified_diff(
            wanted.splitlines(), found.splitlines(), n=0, lineterm=''
        )
        self.assertEqual([], list(lines))

    def header(self, answer: client.Answer, name: str) -> str | None:
        """Return a header of an answer."""
        for key, value in answer.headers:
            if key.lower() == name.lower():
                return value
        return None
