# SPDX-License-Identifier: Apache-2.0
"""How answers of placement are taken."""

import time

from nova_aggext import conf as aggext_conf
from nova_aggext.outbox import types
from nova_aggext.placement import client
from nova_aggext.tests import base
from nova_aggext.tests.functional import databases

PROVIDER = '0f1c6f3e-6a5f-4ed0-8a4e-0a2c0d3f6b01'
JSON = 'application/json'


class Answer:
    """An answer of a status."""

    def __init__(self, status: int, kind: str = JSON) -> None:
        self.status_code = status
        self.headers = {'Content-Type': kind}

    def json(self) -> dict[str, object]:
        """Give what every call may look for."""
        return {
            'aggregates': [],
            'resource_provider_generation': 3,
            'resource_providers': [],
        }


class Adapter:
    """An adapter of keystoneauth that answers as told."""

    def __init__(self, answer: Answer) -> None:
        self.answer = answer
        self.timeouts: list[float] = []

    def request(self, *_: object, **options: float) -> Answer:
        """Answer."""
        self.timeouts.append(options['timeout'])
        return self.answer


class PlacementTest(base.TestCase):
    """A client that never leaves this process."""

    def setUp(self) -> None:
        super().setUp()
        db = self.useFixture(databases.Database(synced=False))
        with open(db.conf_file, 'a') as conf_file:
            conf_file.write('[placement]\nauth_type = none\ntimeout = 4\n')
        self.placement = client.Placement(aggext_conf.load([db.conf_file]))
        self.request = client.Request('req-1', None)
        self.present = client.Membership(PROVIDER, frozenset(), 3)

    def answering(self, status: int, kind: str = JSON) -> Adapter:
        """Let every call be answered so."""
        adapter = Adapter(Answer(status, kind))
        self.patch(self.placement, '_adapter', adapter)
        return adapter

    def test_away(self) -> None:
        """What says nothing of the request is waited for."""
        for status in (401, 403, 429, 500, 502, 503):
            self.answering(status)
            self.assertRaises(
                types.Away, self.placement.get, PROVIDER, self.request
            )
        self.answering(404, 'text/html')
        self.assertRaises(
            types.Away, self.placement.get, PROVIDER, self.request
        )

    def test_refused(self) -> None:
        """What placement does not understand is refused."""
        self.answering(400)
        self.assertRaises(
            ValueError, self.placement.get, PROVIDER, self.request
        )

    def test_missing(self) -> None:
        """There may be no provider, by uuid and by name."""
        self.answering(404)
        self.assertIsNone(self.placement.get(PROVIDER, self.request))
        self.answering(200)
        self.assertIsNone(self.placement.find_provider('n', self.request))

    def test_put(self) -> None:
        """A provider may have changed, or gone, meanwhile."""
        for status, done in ((200, True), (404, False), (409, False)):
            self.answering(status)
            after = self.placement.put(self.present, [], self.request)
            self.assertEqual(done, after is not None)

    def test_time(self) -> None:
        """A call takes no longer than is configured, or left."""
        adapter = self.answering(200)
        self.placement.get(PROVIDER, self.request)
        soon = client.Request(None, time.monotonic() + 2)
        self.placement.get(PROVIDER, soon)
        self.assertEqual(4, adapter.timeouts[0])
        self.assertTrue(1 < adapter.timeouts[1] <= 2)
        late = client.Request(None, time.monotonic() - 1)
        self.assertRaises(types.TryAgain, self.placement.get, PROVIDER, late)
