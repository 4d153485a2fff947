# SPDX-License-Identifier: Apache-2.0
"""How answers of placement are taken."""

import time

import requests
from keystoneauth1 import exceptions as ks_exc

from nova_aggext import conf as aggext_conf
from nova_aggext.outbox import types
from nova_aggext.placement import client
from nova_aggext.tests import base
from nova_aggext.tests.functional import databases

PROVIDER = '0f1c6f3e-6a5f-4ed0-8a4e-0a2c0d3f6b01'
CONTENT: dict[str, object] = {
    'aggregates': [],
    'resource_provider_generation': 3,
    'resource_providers': [],
}


class Answer:
    """An answer of a status."""

    def __init__(
        self,
        status: int,
        content: object = CONTENT,
        version: str | None = 'placement 1.19',
    ) -> None:
        self.status_code = status
        self.headers = {'openstack-api-version': version} if version else {}
        self.content = content

    def json(self) -> object:
        """Give the content, unless that cannot be read."""
        if self.content is None:
            raise requests.exceptions.JSONDecodeError('no', '<html>', 0)
        return self.content


class Adapter:
    """An adapter of keystoneauth that answers as told.

    :ivar login_error: what is raised where it logs in
    :ivar error: what is raised instead of an answer
    """

    def __init__(self, answer: Answer) -> None:
        self.answer = answer
        self.timeouts: list[float] = []
        self.login_error: Exception | None = None
        self.error: Exception | None = None

    def get_auth_headers(self) -> dict[str, str]:
        """Log in."""
        if self.login_error:
            raise self.login_error
        return {}

    def request(self, *_: object, **options: float) -> Answer:
        """Answer."""
        self.timeouts.append(options['timeout'])
        if self.error:
            raise self.error
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

    def answering(
        self,
        status: int,
        content: object = CONTENT,
        version: str | None = 'placement 1.19',
    ) -> Adapter:
        """Let every call be answered so."""
        adapter = Adapter(Answer(status, content, version))
        self.patch(self.placement, '_adapter', adapter)
        self.patch(self.placement, '_session', adapter)
        return adapter

    def assert_away(self) -> None:
        """Every call is to be repeated."""
        calls = (
            lambda: self.placement.get(PROVIDER, self.request),
            lambda: self.placement.find_provider('n', self.request),
            lambda: self.placement.put(self.present, [], self.request),
            lambda: self.placement.members(PROVIDER),
        )
        for call in calls:
            self.assertRaises(types.Away, call)

    def test_away(self) -> None:
        """What says nothing of the request is waited for."""
        for status in (302, 401, 403, 406, 408, 429, 500, 502, 503):
            self.answering(status)
            self.assert_away()

    def test_another(self) -> None:
        """What is not placement's own is no answer, whatever it says."""
        for status in (200, 204, 302, 400, 404, 405, 409, 410):
            self.answering(status, version=None)
            self.assert_away()
            self.answering(status, version='compute 2.1')
            self.assert_away()

    def test_another_shape(self) -> None:
        """Placement has one shape for each answer."""
        contents: tuple[object, ...] = (
            None,
            {},
            [],
            'text',
            {'aggregates': None, 'resource_providers': None},
            {**CONTENT, 'resource_providers': [{}], 'aggregates': [7]},
            {**CONTENT, 'resource_providers': ['x'], 'aggregates': 'x'},
            {
                'aggregates': [],
                'resource_provider_generation': None,
                'resource_providers': {'x': 'y'},
            },
        )
        for content in contents:
            self.answering(200, content)
            self.assert_away()

    def test_no_login(self) -> None:
        """Without a token nothing can be said of the request."""
        for error in (
            ks_exc.ConnectFailure('no'),
            ks_exc.InvalidResponse(requests.Response()),
            KeyError('expires_at'),
            TypeError('no dictionary'),
        ):
            self.answering(200).login_error = error
            self.assert_away()

    def test_no_answer(self) -> None:
        """A connection that fails is placement's business."""
        for error in (
            ks_exc.ConnectFailure('no'),
            ks_exc.ConnectTimeout('no'),
            ks_exc.SSLError('no'),
            ks_exc.EndpointNotFound('no'),
            ks_exc.UnknownConnectionError(
                'no', requests.exceptions.ChunkedEncodingError('no')
            ),
        ):
            self.answering(200).error = error
            self.assert_away()

    def test_cannot_be_sent(self) -> None:
        """What can be sent nowhere is not waited for."""
        inner = requests.exceptions.InvalidHeader('no')
        self.answering(200).error = ks_exc.UnknownConnectionError('no', inner)
        self.assertRaises(
            ValueError, self.placement.get, PROVIDER, self.request
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
