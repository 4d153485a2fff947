# SPDX-License-Identifier: Apache-2.0
"""Where the API is looked for, in which version, and what if it is not."""

from typing import Any
from unittest import mock

import fixtures

import openstack
from keystoneauth1 import exceptions as keystone_exceptions

from nova_aggext.tests import base
from osc_aggext.sdk import errors
from osc_aggext.sdk import proxy
from osc_aggext.sdk import repeating
from osc_aggext.sdk import requests
from osc_aggext.sdk import service
from osc_aggext.tests.functional import stub

HOST = {'host': {'name': 'h1', 'colour': 'of a newer server'}}
CHANGE = {'change': {'id': 'c', 'effects': [], 'warnings': []}}


def refusal(code: str, status: int, **members: Any) -> dict[str, Any]:
    """Give what the server says that refuses."""
    told = {'code': f'host-aggregate.{code}', 'status': status, 'title': 'No'}
    return {'errors': [{**told, 'detail': 'It is not so.', **members}]}


class StubTest(base.TestCase):
    """A test with a cloud of its own making."""

    def cloud(self, serve: stub.Serve, *services: str) -> stub.Cloud:
        """Give a cloud with these services."""
        return self.useFixture(stub.Cloud(serve, *services))

    def service(self, cloud: stub.Cloud, **options: Any) -> proxy.Proxy:
        """Give the service of a cloud."""
        connected = openstack.connect(**cloud.access, **options)
        self.addCleanup(connected.close)
        return service.of(connected)


def compute(method: str, path: str, given: dict[str, str]) -> stub.Answer:
    """Be a compute service with the API."""
    if path.rstrip('/') == '/compute':
        return '200 OK', stub.COMPUTE
    return '200 OK', HOST


class PlaceTest(StubTest):
    """It has an endpoint of its own, or is below that of compute."""

    def test_catalog(self) -> None:
        cloud = self.cloud(compute, 'compute', 'host-aggregate')
        found = self.service(cloud).host('h1')
        self.assertEqual('h1', found.name)
        self.assertEqual(
            [('GET', '/host-aggregate/hosts/h1', 'host-aggregate 1.0')],
            cloud.asked,
        )

    def test_compute(self) -> None:
        cloud = self.cloud(compute, 'compute')
        self.service(cloud).host('h/1')
        self.assertEqual(
            (
                'GET',
                '/compute/os-aggext/hosts/h/1',
                'host-aggregate 1.0',
            ),
            cloud.asked[-1],
        )

    def test_chosen(self) -> None:
        cloud = self.cloud(compute, 'compute', 'host-aggregate')
        url = f'{cloud.url}/elsewhere/'
        found = self.service(cloud, host_aggregate_endpoint_override=url)
        found.host('h1')
        self.assertEqual('/elsewhere/hosts/h1', cloud.asked[-1][1])

    def test_attribute(self) -> None:
        """A connection can have it as one of its services."""
        cloud = self.cloud(compute, 'host-aggregate')
        connected = openstack.connect(**cloud.access)
        self.addCleanup(connected.close)
        service.vendor_hook(connected)
        name = 'host_aggregate'
        found = getattr(connected, name)
        self.assertIs(service.of(connected), found)
        self.assertEqual('h1', found.host('h1').name)


class MissingTest(StubTest):
    """The server has no such API, and says so in its own way."""

    def test_missing(self) -> None:
        def serve(method: str, path: str, given: Any) -> stub.Answer:
            if path.rstrip('/') == '/compute':
                return '200 OK', stub.COMPUTE
            return '404 Not Found', {'itemNotFound': {'message': 'No'}}

        found = self.service(self.cloud(serve, 'compute'))
        error = self.assertRaises(errors.NoAPI, found.root)
        self.assertIn('has no /os-aggext', str(error))
        self.assertIn('nova-aggext', str(error))
        # Who catches what openstacksdk raises catches this.
        self.assertIsInstance(error, openstack.exceptions.NotFoundException)

    def test_before(self) -> None:
        """Something in between answers."""

        def serve(method: str, path: str, given: Any) -> stub.Answer:
            return '401 Unauthorized', 'no JSON object'

        found = self.service(self.cloud(serve, 'host-aggregate'))
        error = self.assertRaises(errors.Refused, found.root)
        self.assertEqual('401 http: Unauthorized.', str(error))


class VersionTest(StubTest):
    """The newest that both know, or the one that is wanted."""

    def serve(self, method: str, path: str, given: Any) -> stub.Answer:
        """Be a server that has other versions."""
        if given['version'] == f'host-aggregate {self.newest}':
            return '200 OK', HOST
        return '406 Not Acceptable', refusal(
            'version.unsupported',
            406,
            min_version='1.0',
            max_version=self.newest,
        )

    def test_older(self) -> None:
        self.newest = '1.0'
        self.useFixture(
            fixtures.MonkeyPatch('osc_aggext.sdk.transport.NEWEST', '1.3')
        )
        cloud = self.cloud(self.serve, 'host-aggregate')
        found = self.service(cloud)
        found.use_version('1')
        self.assertEqual('h1', found.host('h1').name)
        found.host('h1')
        self.assertEqual(
            ['host-aggregate 1.3', 'host-aggregate 1.0', 'host-aggregate 1.0'],
            [version for _, _, version in cloud.asked],
        )

    def test_wanted(self) -> None:
        self.newest = '1.0'
        found = self.service(self.cloud(self.serve, 'host-aggregate'))
        found.use_version('1.7')
        error = self.assertRaises(errors.VersionUnsupported, found.host, 'h1')
        self.assertEqual(('1.0', '1.0'), error.versions)

    def test_unknown(self) -> None:
        """A server of another major version is none that we can talk to."""
        self.newest = '2.4'
        found = self.service(self.cloud(self.serve, 'host-aggregate'))
        self.assertRaises(errors.VersionUnsupported, found.host, 'h1')


class RepeatTest(StubTest):
    """A change is asked for again with its id, if no answer came."""

    def setUp(self) -> None:
        super().setUp()
        sleep = mock.Mock()
        self.useFixture(fixtures.MonkeyPatch('time.sleep', sleep))
        self.slept = sleep

    def make(self, *answers: stub.Answer) -> list[tuple[str, str]]:
        """Make a change; give what was asked."""
        left = iter(answers)
        self.asked = self.cloud(lambda *asked: next(left), 'host-aggregate')
        service = self.service(self.asked)
        made = service.make_change({'revert': 'x'})
        self.assertEqual('c', made.id)
        return [(method, path) for method, path, _ in self.asked.asked]

    def test_no_answer(self) -> None:
        busy = '503 Service Unavailable', refusal('unavailable', 503)
        gateway = '502 Bad Gateway', 'text'
        asked = self.make(None, busy, gateway, ('200 OK', CHANGE))
        self.assertEqual(4, len(asked))
        self.assertEqual(1, len(set(asked)))
        self.assertEqual('PUT', asked[0][0])

    def test_never(self) -> None:
        self.assertRaises(
            keystone_exceptions.ConnectFailure,
            self.make,
            *[None] * repeating.TIMES,
        )
        self.assertEqual(repeating.TIMES, len(self.asked.asked))

    def test_refused(self) -> None:
        """What is refused is not asked for again."""
        stale = '412 Precondition Failed', refusal('plan.stale', 412)
        self.assertRaises(errors.Stale, self.make, stale)
        self.assertEqual(1, len(self.asked.asked))

    def apply(self, digest: str) -> str | None:
        """Apply a document that was applied, but nobody was told."""
        manager = {'name': 'm', 'change': 'c'}
        change = {**CHANGE['change'], 'digest': digest}
        answers = iter(
            [
                None,
                ('412 Precondition Failed', refusal('plan.stale', 412)),
                ('200 OK', {'manager': manager}),
                ('200 OK', {'change': change}),
            ]
        )
        cloud = self.cloud(lambda *asked: next(answers), 'host-aggregate')
        document: requests.Document = {
            'aggregates': [],
            'expect_digest': 'd',
        }
        applied = self.service(cloud).apply_manager('m', document)
        return applied.change.id

    def test_applied(self) -> None:
        """What was planned was done, though a repeat is refused."""
        self.assertEqual('c', self.apply('d'))

    def test_not_applied(self) -> None:
        self.assertRaises(errors.Stale, self.apply, 'other')
