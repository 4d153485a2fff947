# SPDX-License-Identifier: Apache-2.0
"""The filter shape above a Nova."""

from typing import Any

import webob

from nova_aggext.tests import base
from nova_aggext.tests.unit import stubs
from nova_aggext.wsgi import beneath
from nova_aggext.wsgi import microversion
from nova_aggext.wsgi import resource

Range = microversion.Range


def _nova(maximum: str | None) -> stubs.Wsgi:
    headers = {microversion.LEGACY_HEADER: maximum} if maximum else {}
    return stubs.Wsgi(headers=headers)


class OfferTest(base.TestCase):
    """What is offered above a Nova."""

    def _supported(self, nova: stubs.Wsgi) -> Range:
        sent = webob.Request.blank(
            '/things?a=1',
            method='POST',
            body=b'{"a": 1}',
            headers={'X-User-Id': 'me', 'Content-Type': 'application/json'},
        )
        offer = beneath.Offer(nova)
        offer.supported(sent.environ)
        self.assertEqual(b'{"a": 1}', sent.body)
        return offer.supported(sent.environ)

    def test_older_nova(self) -> None:
        nova = _nova('2.90')
        self.assertEqual(Range.parse('2.1', '2.90'), self._supported(nova))
        (environ,) = nova.environs
        asked = webob.Request(environ)
        self.assertEqual(
            ('GET', '/os-aggregates/none', '', b'', 'me', 'compute latest'),
            (
                asked.method,
                asked.path_info,
                asked.query_string,
                asked.body,
                asked.headers['X-User-Id'],
                asked.headers[microversion.HEADER],
            ),
        )

    def test_newer_nova(self) -> None:
        supported = self._supported(_nova('2.200'))
        self.assertEqual(microversion.SUPPORTED, supported)

    def test_nova_that_does_not_tell_is_asked_again(self) -> None:
        nova = _nova(None)
        supported = self._supported(nova)
        self.assertEqual(microversion.SUPPORTED, supported)
        self.assertEqual(2, len(nova.environs))


class OverlayTest(base.TestCase):
    """Newer versions are Nova's business."""

    def _send(self, asked: str, nova: stubs.Wsgi) -> bytes:
        def make(supported: Range) -> Any:
            return stubs.Wsgi(f'ours up to {supported.maximum}'.encode())

        overlay = beneath.Overlay(make, beneath.Offer(nova), nova)
        sent = webob.Request.blank(
            '/', headers={microversion.HEADER: f'compute {asked}'}
        )
        sent.environ[resource.ROUTE_KEY] = ('index', {})
        body: bytes = sent.get_response(overlay).body
        return body

    def test_offered(self) -> None:
        for asked in ('2.1', '2.90', 'latest', 'nonsense'):
            self.assertEqual(
                b'ours up to 2.90', self._send(asked, _nova('2.90'))
            )

    def test_newer(self) -> None:
        nova = _nova('2.90')
        self.assertEqual(b'beneath', self._send('2.91', nova))
        self.assertNotIn(resource.ROUTE_KEY, nova.environs[-1])


class ByMountTest(base.TestCase):
    """The legacy API is known by its mount."""

    def test_mounts(self) -> None:
        app = beneath.ByMount(stubs.Wsgi(b'current'), stubs.Wsgi(b'legacy'))
        for mount, expected in (
            ('/v2', b'legacy'),
            ('/compute/v2/', b'legacy'),
            ('/v2.1', b'current'),
            ('/compute/v2.1', b'current'),
            ('', b'current'),
            ('/xv2', b'current'),
        ):
            sent = webob.Request.blank('/')
            sent.script_name = mount
            self.assertEqual(expected, sent.get_response(app).body, mount)
