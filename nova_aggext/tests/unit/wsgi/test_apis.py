# SPDX-License-Identifier: Apache-2.0
"""A second API beside Nova's, of which the kit knows nothing."""

import pathlib
from typing import Any

import fixtures

from nova_aggext import wsgi
from nova_aggext.tests import base
from nova_aggext.tests.unit.wsgi import things
from nova_aggext.wsgi import beneath
from nova_aggext.wsgi import controller
from nova_aggext.wsgi import microversion
from nova_aggext.wsgi import negotiation
from nova_aggext.wsgi import nova

VERSION = things.VERSION
ROOT = things.ROOT


class ApisTest(things.ApisTestCase):
    """Side by side in one server."""

    def test_each_has_versions_of_its_own(self) -> None:
        for asked, own, novas in (
            ('', '1.0', '2.1'),
            ('compute 2.5', '1.0', '2.5'),
            ('thing 1.1', '1.1', '2.1'),
            ('compute 2.5, thing 2.0', '2.0', '2.5'),
            ('thing latest', '2.0', '2.1'),
        ):
            headers = {VERSION: asked} if asked else {}
            answer = self.send(f'{ROOT}/things', headers=headers)
            self.assertEqual(own, answer.json['version'])
            self.assertEqual(f'thing {own}', answer.headers[VERSION])
            self.assertEqual(VERSION, answer.headers['Vary'])
            self.assertNotIn(nova.VERSION_HEADER, answer.headers)
            answer = self.send('/os-aggregates', headers=headers)
            self.assertEqual(f'compute {novas}', answer.headers[VERSION])
            self.assertEqual(novas, answer.headers[nova.VERSION_HEADER])

    def test_header_of_nova(self) -> None:
        """Nova's older header says nothing of another API."""
        for told in ('1.1', 'nonsense'):
            headers = {nova.VERSION_HEADER: told}
            answer = self.send(f'{ROOT}/things', headers=headers)
            self.assertEqual('thing 1.0', answer.headers[VERSION])

    def test_version_of_no_form(self) -> None:
        headers = {VERSION: 'thing one'}
        self.error(400, f'{ROOT}/things', headers=headers)
        self.assertEqual(
            200, self.send('/os-aggregates', headers=headers).status_int
        )

    def test_version_not_supported(self) -> None:
        for version in ('0.9', '2.1'):
            headers = {VERSION: f'thing {version}'}
            if version == '0.9':
                # No version begins with 0.
                self.error(400, f'{ROOT}/things', headers=headers)
                continue
            told = self.error(406, f'{ROOT}/things', headers=headers)
            self.assertEqual(
                ('1.0', '2.0'), (told['minimum'], told['maximum'])
            )

    def test_discovery_ignores_versions(self) -> None:
        for asked in ('thing 9.9', 'thing one'):
            answer = self.send(ROOT, headers={VERSION: asked})
            self.assertEqual({'max_version': '2.0'}, answer.json)
            self.assertNotIn(VERSION, answer.headers)

    def test_members_of_errors(self) -> None:
        told = self.error(409, f'{ROOT}/things/used')
        self.assertEqual('used', told['thing'])

    def test_unexpected_errors(self) -> None:
        told = self.error(500, f'{ROOT}/things/broken')
        self.assertNotIn('broken', told['detail'])
        self.assertIn('ArithmeticError: broken', self.log.output)

    def test_unknown_path(self) -> None:
        for path in (f'{ROOT}/x', f'{ROOT}/', f'/abc{ROOT}/things/1/x'):
            self.error(404, path)
        told = self.error(404, f'{ROOT}/%C3%BC%FF')
        self.assertIn(f'{ROOT}/ü\ufffd', told['detail'])
        answer = self.send(f'{ROOT}x')
        self.assertEqual(404, answer.status_int)
        self.assertNotIn('errors', answer.text)

    def test_method_that_is_not_allowed(self) -> None:
        for method, path, allowed in (
            ('POST', ROOT, 'GET, HEAD'),
            ('DELETE', f'{ROOT}/things', 'GET, HEAD'),
            ('PATCH', f'/abc{ROOT}/things/7', 'GET, PUT, HEAD'),
        ):
            answer = self.send(path, method=method)
            self.assertEqual(405, answer.status_int)
            self.assertEqual(allowed, answer.headers['Allow'])
            self.assertEqual(method, answer.json['errors'][0]['method'])

    def test_head(self) -> None:
        for path in (f'{ROOT}/things/7', f'/abc{ROOT}/things', ROOT):
            got = self.send(path)
            answer = self.send(path, method='HEAD')
            self.assertEqual(b'', answer.body)
            self.assertEqual(got.headers, answer.headers)

    def test_tags(self) -> None:
        """They are the method's, or there is none."""
        answer = self.send(f'{ROOT}/things/7')
        self.assertEqual('"tag-of-7"', answer.headers['ETag'])
        headers = {'If-None-Match': 'W/"tag-of-7"'}
        known = self.send(f'{ROOT}/things/7', headers=headers)
        self.assertEqual((304, b''), (known.status_int, known.body))
        self.assertEqual('"tag-of-7"', known.headers['ETag'])
        self.assertNotIn('ETag', self.send(f'{ROOT}/things').headers)

    def test_types(self) -> None:
        """Whatever is accepted, there is only JSON."""
        answer = self.send(
            f'{ROOT}/things', headers={'Accept': nova.MEDIA_TYPE}
        )
        self.assertEqual('application/json', answer.headers['Content-Type'])
        for kind in ('text/plain', nova.MEDIA_TYPE):
            headers = {'Content-Type': kind}
            self.error(415, f'{ROOT}/things', headers=headers)

    def test_queries(self) -> None:
        answer = self.send(f'{ROOT}/things?limit=7')
        self.assertEqual({'limit': ['7']}, answer.json['query'])
        told = self.error(400, f'{ROOT}/things?limit=x')
        self.assertEqual('query', told['where'])
        self.error(400, f'{ROOT}/things?x=1')
        told = self.error(400, f'{ROOT}/things/7?x=1')
        self.assertEqual(('query', "('x',)"), (told['where'], told['path']))
        self.assertEqual(200, self.send('/os-aggregates?x=1').status_int)

    def put(self, body: bytes, uuid: str = 'new', version: str = '1.1') -> Any:
        """Give what a PUT is sent with."""
        headers = {
            VERSION: f'thing {version}',
            'Content-Type': 'application/json',
        }
        path = f'{ROOT}/things/{uuid}'
        return {
            'path': path,
            'method': 'PUT',
            'body': body,
            'headers': headers,
        }

    def test_status_and_headers(self) -> None:
        answer = self.send(**self.put(b'{"size": 1}'))
        self.assertEqual(201, answer.status_int)
        self.assertEqual({'size': 1}, answer.json)
        location = answer.headers['Location']
        self.assertTrue(location.endswith(f'{ROOT}/things/new'))
        answer = self.send(**self.put(b'{}', 'old'))
        self.assertEqual(200, answer.status_int)
        self.assertNotIn('Location', answer.headers)

    def test_bodies(self) -> None:
        told = self.error(400, **self.put(b'{"size": 1, "size": 2}'))
        self.assertIn('a key comes twice', told['detail'])
        told = self.error(400, **self.put(b'{"size": "x"}'))
        self.assertEqual("('size',)", told['path'])

    def test_version_of_the_same_number(self) -> None:
        """What Nova's legacy API drops is refused, also in a version 2.0."""
        self.error(400, **self.put(b'{"other": 1}', version='2.0'))

    def test_version_without_the_method(self) -> None:
        self.error(404, **self.put(b'{}', version='1.0'))

    def test_other_project(self) -> None:
        self.error(400, f'/cafe{ROOT}/things')


class AboveNovaTest(ApisTest):
    """Both above a Nova, at either mount."""

    def make(self) -> Any:
        """Make what a filter serves with."""
        offer = beneath.Offer(self.nova)

        def overlay(one: controller.Controller) -> Any:
            served = self.serve(one, one.of_api)
            if one.of_api is nova.CURRENT:
                return beneath.Overlay(served, offer, self.nova)
            return served

        def legacy(one: controller.Controller) -> Any:
            return self.serve(one, nova.at_legacy_mount(one.of_api))

        return beneath.ByMount(
            self.route(overlay, self.nova), self.route(legacy, self.nova)
        )

    def test_unknown_path(self) -> None:
        """It goes to Nova only if it is not below the root."""
        for mount in ('/v2.1', '/v2'):
            self.error(404, f'{ROOT}/x', mount=mount)
            self.assertEqual([], self.nova.environs)
            self.send(f'{ROOT}x', mount=mount)
            self.assertEqual(1, len(self.nova.environs))
            self.nova.environs.clear()

    def test_nothing_goes_to_nova(self) -> None:
        """Whatever version of Nova's API is asked for."""
        for mount in ('/v2.1', '/v2'):
            for asked in ('compute 2.99', 'compute x', 'thing 9.9'):
                for path in ('', '/things', '/things/7', '/x'):
                    for method in ('GET', 'PATCH', 'HEAD', 'OPTIONS'):
                        answer = self.send(
                            f'{ROOT}{path}',
                            method=method,
                            headers={VERSION: asked},
                            mount=mount,
                        )
                        self.assertNotEqual(b'beneath', answer.body)
        self.assertEqual([], self.nova.environs)

    def test_negotiated_once(self) -> None:
        """Above a Nova, too, for whatever answers."""
        calls: list[wsgi.Api] = []
        negotiate = negotiation.negotiate

        def counted(environ: Any, api: wsgi.Api) -> microversion.Version:
            calls.append(api)
            return negotiate(environ, api)

        self.useFixture(
            fixtures.MonkeyPatch(f'{negotiation.__name__}.negotiate', counted)
        )
        for path in ('/os-aggregates', f'{ROOT}/things', f'{ROOT}/x'):
            for asked in ('compute 2.5', 'compute 2.91', 'compute x'):
                calls.clear()
                self.send(path, headers={VERSION: asked})
                self.assertEqual(1, len(calls), path)

    def test_newer_version(self) -> None:
        """That of Nova's API is Nova's business."""
        headers = {VERSION: 'compute 2.91'}
        answer = self.send('/os-aggregates', headers=headers)
        self.assertEqual(b'beneath', answer.body)
        headers = {VERSION: 'compute latest'}
        answer = self.send('/os-aggregates', headers=headers)
        self.assertEqual('compute 2.90', answer.headers[VERSION])

    def test_legacy_mount(self) -> None:
        """Nova's API has no versions there; the other is as it is."""
        headers = {VERSION: 'compute 2.5, thing 1.1'}
        answer = self.send('/os-aggregates', headers=headers, mount='/v2')
        self.assertEqual({'aggregates': []}, answer.json)
        self.assertNotIn(VERSION, answer.headers)
        answer = self.send(f'{ROOT}/things', headers=headers, mount='/v2')
        self.assertEqual('1.1', answer.json['version'])


class OnePlaceTest(base.TestCase):
    """What is Nova's stands in one module of the kit."""

    def test_service_type(self) -> None:
        folder = pathlib.Path(nova.__file__).parent
        found = [
            path.name
            for path in sorted(folder.glob('*.py'))
            if nova.CURRENT.service_type in path.read_text()
        ]
        self.assertEqual(['nova.py'], found)
