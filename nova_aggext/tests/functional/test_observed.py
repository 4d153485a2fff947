# SPDX-License-Identifier: Apache-2.0
"""A server without a message bus finds what others write to its tables."""

import json
import time
import urllib.request
from typing import Any

import sqlalchemy as sa
import testscenarios

from nova_aggext.tests import base
from nova_aggext.tests.functional import databases
from nova_aggext.tests.functional import server

load_tests = testscenarios.load_tests_apply_scenarios

OPTIONS = """
[aggext_outbox]
recast_interval = 0.3
recast_rate = 1000
"""
CREATE = {
    'change': {
        'aggregates': [
            {
                'op': 'create',
                'name': 'gpu',
                'hosts': {'add': ['host1', 'host2']},
            }
        ]
    }
}
# What a Nova does that deletes the service of a host.
DELETE_SERVICE = "DELETE FROM aggregate_hosts WHERE host = 'host1'"
PATIENCE = 60


class ObservedTest(base.TestCase):
    """A process of its own, and nobody to tell anything."""

    scenarios = [(kind, {'kind': kind}) for kind in databases.KINDS]
    kind: str

    def setUp(self) -> None:
        super().setUp()
        self.server = self.useFixture(
            server.Server(self.kind, options=OPTIONS)
        )

    def ask(self, path: str, body: Any = None) -> Any:
        """Send a request; give its answer."""
        asked = urllib.request.Request(
            f'{self.server.url}/v2.1/os-aggext/{path}',
            None if body is None else json.dumps(body).encode(),
            {'Content-Type': 'application/json'},
        )
        with urllib.request.urlopen(asked, timeout=PATIENCE) as answer:
            return json.load(answer)

    def test_found(self) -> None:
        """It shows in the feed, by nobody, with what was done."""
        made = self.ask('changes', CREATE)['change']
        self.server.db.database.write(
            lambda session: session.execute(sa.text(DELETE_SERVICE))
        )
        deadline = time.monotonic() + PATIENCE
        found: list[Any] = []
        while not found and time.monotonic() < deadline:
            found = self.ask('changes?kind=observed')['changes']
            time.sleep(0.1)
        (observed,) = found
        (effect,) = observed['effects']
        self.assertEqual(made['effects'][0]['aggregate'], effect['aggregate'])
        self.assertEqual({'remove': ['host1']}, effect['hosts'])
        self.assertIsNone(observed['user_id'])
