# SPDX-License-Identifier: Apache-2.0
"""The filter shape above a Nova."""

import dataclasses
from typing import Any

import webob

from nova_aggext import wsgi
from nova_aggext.tests import base
from nova_aggext.tests.unit import stubs
from nova_aggext.wsgi import beneath
from nova_aggext.wsgi import microversion
from nova_aggext.wsgi import negotiation
from nova_aggext.wsgi import nova
from nova_aggext.wsgi import resource

Range = microversion.Range


def _nova(maximum: str | None) -> stubs.Wsgi:
    headers = {nova.VERSION_HEADER: maximum} if maximum else {}
    return stubs.Wsgi(headers=headers)


class Ours(resource.Resource[Any]):
    """A resource that says what was negotiated."""

    def __init__(self) -> None:
        super().__init__(wsgi.Controller(), nova.CURRENT, lambda environ: None)

    def respond(self, request: wsgi.Request[Any]) -> webob.Response:
        """Say it."""
        most = request.api.supported.maximum
        return webob.Response(f'ours in {request.version} up to {most}')


@dataclasses.dataclass
class Version:
    """What the log of a Nova shows."""

    text: str = ''


class OfferTest(base.TestCase):
    """What is offered above a Nova."""

    def _supported(self, below: Any) -> Range:
        offer = beneath.Offer(below)
        offer.api()
        return offer.api().supported

    def test_older_nova(self) -> None:
        below = _nova('2.90')
        self.assertEqual(Range.parse('2.1', '2.90'), self._supported(below))
        (environ,) = below.environs
        asked = webob.Request(environ)
        self.assertEqual(
            ('GET', '/v2.1', '/', '', 'compute latest'),
            (
                asked.method,
                asked.script_name,
                asked.path_info,
                asked.query_string,
                asked.headers[negotiation.HEADER],
            ),
        )

    def test_nova_that_fails(self) -> None:
        below = stubs.Raising(ZeroDivisionError('why'))
        self.assertEqual(nova.CURRENT.supported, self._supported(below))

    def test_newer_nova(self) -> None:
        supported = self._supported(_nova('2.200'))
        self.assertEqual(nova.CURRENT.supported, supported)

    def test_nova_that_does_not_tell_is_asked_again(self) -> None:
        below = _nova(None)
        supported = self._supported(below)
        self.assertEqual(nova.CURRENT.supported, supported)
        self.assertEqual(2, len(below.environs))


class OverlayTest(base.TestCase):
    """Newer versions are Nova's business."""

    def _send(self, asked: str, below: stubs.Wsgi) -> bytes:
        overlay = beneath.Overlay(Ours(), beneath.Offer(below), below)
        sent = webob.Request.blank(
            '/', headers={negotiation.HEADER: f'compute {asked}'}
        )
        sent.environ[resource.ROUTE_KEY] = ('index', {})
        body: bytes = sent.get_response(overlay).body
        return body

    def test_offered(self) -> None:
        for asked, served in (
            ('2.1', '2.1'),
            ('2.90', '2.90'),
            ('latest', '2.90'),
        ):
            self.assertEqual(
                f'ours in {served} up to 2.90'.encode(),
                self._send(asked, _nova('2.90')),
            )

    def test_of_no_form(self) -> None:
        """It is refused by us."""
        below = _nova('2.90')
        self.assertIn(b'badRequest', self._send('nonsense', below))
        # Of them was only asked which versions there are.
        self.assertEqual(1, len(below.environs))

    def test_newer(self) -> None:
        below = _nova('2.90')
        self.assertEqual(b'beneath', self._send('2.91', below))
        self.assertNotIn(resource.ROUTE_KEY, below.environs[-1])


class ShownVersionTest(base.TestCase):
    """The version of an answer is left to Nova's request log."""

    def _shown(self, shared: dict[str, Any], asked: str) -> Any:
        below = _nova('2.90')
        overlay = beneath.Overlay(Ours(), beneath.Offer(below), below)
        headers = {negotiation.HEADER: f'compute {asked}'}
        sent = webob.Request.blank('/', headers=headers)
        sent.environ['webob.adhoc_attrs'] = shared
        sent.get_response(overlay)
        return shared.get('api_version_request')

    def test_version(self) -> None:
        for asked, shown in (('2.41', '2.41'), ('latest', '2.90')):
            made = self._shown({'api_version_request': Version()}, asked)
            self.assertEqual((Version, shown), (type(made), made.text))

    def test_nobody_looks_for_it(self) -> None:
        self.assertIsNone(self._shown({}, '2.41'))

    def test_version_of_no_form(self) -> None:
        null = Version()
        shared = {'api_version_request': null}
        self.assertIs(null, self._shown(shared, 'nonsense'))


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
