# SPDX-License-Identifier: Apache-2.0
"""What is not ours reaches Nova as it came, and so does Nova's answer.

The same requests go to nova-api with and without the filter.
"""

import json
import re
from typing import ClassVar

from nova_aggext.tests.functional import malformed
from nova_aggext.tests.functional.contract import client
from nova_aggext.tests.peer import base
from nova_aggext.tests.peer import clouds
from nova_aggext.tests.peer import processes
from nova_aggext.tests.peer import releases

NEWEST = {'OpenStack-API-Version': 'compute latest'}
JSON = {'Content-Type': 'application/json'}

# Method and path of requests without a body.
PLAIN = (
    ('GET', '/'),
    ('GET', '/v2.1'),
    ('GET', '/v2.1/'),
    ('GET', '/v2'),
    ('GET', '/v2/'),
    ('GET', '/v3/os-aggregates'),
    ('GET', '/healthcheck'),
    ('GET', '/v2.1/servers'),
    ('GET', '/v2.1/servers/detail?all_tenants=1&limit=2'),
    ('GET', '/v2.1/servers/4d3d6bd6-5a4e-4c6e-8a0f-000000000000'),
    ('GET', '/v2.1/admin/servers'),
    ('GET', '/v2.1/other/servers'),
    ('GET', '/v2.1/flavors'),
    ('GET', '/v2.1/flavors/detail?is_public=None'),
    ('GET', '/v2.1/os-services'),
    ('GET', '/v2.1/os-hypervisors'),
    ('GET', '/v2.1/os-availability-zone'),
    ('GET', '/v2.1/os-availability-zone/detail'),
    ('GET', '/v2.1/extensions/os-aggregates'),
    ('GET', '/v2.1/limits'),
    ('GET', '/v2/flavors'),
    ('GET', '/v2/os-services'),
    ('GET', '/v2.1/no-such-thing'),
    ('GET', '/v2.1/os-aggregatesx'),
    ('GET', '/v2.1/os-aggregates/1/unknown'),
    ('GET', '/v2.1/os-aggregates/1/action'),
    ('GET', '/v2.1/os-aggregates/1/action/more'),
    ('GET', '/v2.1/os-aggregates/1/images'),
    ('GET', '/v2.1/a/b/os-aggregates'),
    ('GET', '/v2.1/servers/../os-aggregates/1/x'),
    ('GET', '/v2.1/%2e%2e/os-aggregates'),
    ('GET', '/v2.1/%00'),
    ('GET', '/v2.1/%ff/servers'),
    ('GET', '/v2.1/OS-AGGREGATES'),
    ('HEAD', '/v2.1/servers'),
    ('OPTIONS', '/v2.1/os-aggregates'),
    ('PATCH', '/v2.1/os-aggregates/1'),
    ('DELETE', '/v2.1/os-aggregates'),
    ('PUT', '/v2.1/os-aggregates'),
    ('DELETE', '/v2.1/flavors/none'),
    ('TRACE', '/v2.1/flavors'),
)
# Microversions that Nova answers for, whichever resource is asked.
ABOVE = (
    f'2.{releases.newest().minor + 1}',
    *('2.105', '2.999', '2.105 '),
)

BODIES = (
    b'{"server": {"name": "x"}}',
    b'not json',
    b'\xff\xfe',
    b'x' * 200_000,
    b'',
)


class PassThroughTest(base.PeerTest):
    """Requests that are not ours, with and without the filter."""

    nova: ClassVar[clouds.Nova]
    filtered: ClassVar[processes.Process]
    plain: ClassVar[processes.Process]

    @classmethod
    def setUpClass(cls) -> None:
        super().setUpClass()
        cls.nova = cls.use_for_class(clouds.Nova())
        cls.nova.sync()
        cls.plain = cls.nova.serve(filtered=False)
        cls.filtered = cls.nova.serve(filtered=True)

    def test_answers_are_the_same(self) -> None:
        for method, path in PLAIN:
            for headers in ({}, NEWEST, {'Accept': 'text/html'}):
                self.check(client.Request(method, path, headers, None, False))

    def test_bodies_arrive(self) -> None:
        for body in BODIES:
            for chunked in (False, True):
                for path in ('/v2.1/servers', '/v2/flavors', '/v2.1/unknown'):
                    self.check(
                        client.Request('POST', path, JSON, body, chunked)
                    )

    def test_newer_microversions_are_novas(self) -> None:
        body = b'{"aggregate": {"name": "newer"}}'
        for version in ABOVE:
            headers = {**JSON, 'OpenStack-API-Version': f'compute {version}'}
            for method, content in (('GET', None), ('POST', body)):
                path = base.AGGREGATES
                self.check(
                    client.Request(method, path, headers, content, False)
                )

    def test_environ_is_untouched_and_the_body_unread(self) -> None:
        body = b'{"server": {}}'
        for chunked in (False, True):
            for path in ('/v2.1/servers?a=%20b', '/v2/servers', '/v2.1/%2Fx'):
                headers = {**JSON, 'X-Witness': 'yes', 'X-Odd': 'a, b'}
                request = client.Request('POST', path, headers, body, chunked)
                answer = self.send(self.filtered, request)
                seen = json.loads(answer.body)
                self.assertEqual(body.decode(), seen['unread'])
                self.check(request)

    def test_environ_of_a_newer_microversion_is_untouched(self) -> None:
        headers = {
            **JSON,
            'X-Witness': 'yes',
            'OpenStack-API-Version': 'compute 2.105',
        }
        self.check(
            client.Request('POST', base.AGGREGATES, headers, b'{"a": 1}', True)
        )

    def test_no_more_is_offered_than_nova_serves(self) -> None:
        offered = {
            self.header(
                self.call(server, 'GET', base.AGGREGATES, headers=NEWEST),
                'OpenStack-API-Version',
            )
            for server in (self.plain, self.filtered)
        }
        self.assertEqual({f'compute {releases.newest()}'}, offered)

    def test_bodies_that_cannot_be_read(self) -> None:
        """The filter refuses what is malformed, and logs no error."""
        log = self.nova.folder / 'nova.log'
        # Nova itself writes tracebacks for some requests of other tests.
        before = len(log.read_text())
        for sample in malformed.BODIES:
            found, _received = malformed.answers(
                self.filtered.port, sample.sent
            )
            self.assertEqual([400], sorted(set(found)), sample.name)
        written = log.read_text()[before:].splitlines()
        self.assertEqual([], [line for line in written if ' ERROR ' in line])

    def test_versions_in_the_request_log_of_nova(self) -> None:
        for version in ('2.1', '2.41'):
            headers = {'OpenStack-API-Version': f'compute {version}'}
            path = f'{base.AGGREGATES}?logged={version}'
            self.call(self.filtered, 'GET', path, headers=headers)
            log = (self.nova.folder / 'nova.log').read_text()
            (line,) = [one for one in log.splitlines() if path in one]
            self.assertIn(f'microversion: {version} ', line)

    def check(self, request: client.Request) -> None:
        """Compare the answers of both, byte by byte."""
        theirs = _without_noise(self.send(self.plain, request), self.plain)
        ours = _without_noise(self.send(self.filtered, request), self.filtered)
        self.assertEqual(theirs, ours, str(request))


def _without_noise(
    answer: client.Answer, server: processes.Process
) -> tuple[int, list[tuple[str, str]], bytes]:
    """Return an answer without dates, request ids and addresses."""
    headers = [
        (name, _replaced(value.encode(), server).decode())
        for name, value in answer.headers
        if name != 'Date'
    ]
    return answer.status, headers, _replaced(answer.body, server)


def _replaced(text: bytes, server: processes.Process) -> bytes:
    text = text.replace(b'%d' % server.port, b'PORT')
    text = re.sub(rb'req-[0-9a-f-]{36}', b'REQUEST', text)
    return re.sub(rb'"REMOTE_PORT": "\d+"', b'"REMOTE_PORT"', text)
