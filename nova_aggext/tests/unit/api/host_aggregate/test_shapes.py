# SPDX-License-Identifier: Apache-2.0
"""Discovery and errors, wherever the own API is served."""

from nova_aggext.tests.unit.api.host_aggregate import shapes

VERSION = 'OpenStack-API-Version'


class DiscoveryTest(shapes.ShapesTestCase):
    """The root."""

    def test_document(self) -> None:
        for shape, mount, root in self.places():
            answer = self.send(shape, root, mount, roles='')
            self.assertEqual(200, answer.status_int, answer.text)
            (version,) = answer.json['versions']
            self.assertEqual('v1.0', version['id'])
            self.assertEqual('CURRENT', version['status'])
            self.assertEqual('1.0', version['min_version'])
            self.assertEqual('1.0', version['max_version'])
            href = f'http://nova.example{mount}{root.removeprefix("/abc")}'
            self.assertEqual([{'rel': 'self', 'href': href}], version['links'])
            self.assertEqual(
                {
                    'page': 1000,
                    'aggregates_per_change': 500,
                    'memberships_per_change': 5000,
                    'hosts_per_pattern': 10000,
                    'body_bytes': 114688,
                    'change_retention_days': 365,
                },
                answer.json['limits'],
            )
        self.assertEqual([], self.nova.environs)

    def test_with_a_slash(self) -> None:
        """At its own endpoint alone it is the root."""
        answer = self.send('endpoint', '/', '/host-aggregate')
        self.assertEqual(
            'http://nova.example/host-aggregate',
            answer.json['versions'][0]['links'][0]['href'],
        )

    def test_versions_do_not_matter(self) -> None:
        for asked in ('host-aggregate 9.9', 'host-aggregate x', 'x'):
            for shape, mount, root in self.places():
                headers = {VERSION: asked}
                answer = self.send(shape, root, mount, headers=headers)
                self.assertEqual(200, answer.status_int)
                self.assertNotIn(VERSION, answer.headers)

    def test_query(self) -> None:
        told = self.refused(400, self.send('filter', '/os-aggext?x=1'))
        self.assertEqual('host-aggregate.query.invalid', told['code'])
        self.assertEqual('x', told['parameter'])


class ErrorsTest(shapes.ShapesTestCase):
    """Those that the kit tells by itself."""

    def test_unknown_path(self) -> None:
        for shape, mount, root in self.places():
            told = self.refused(404, self.send(shape, f'{root}/x', mount))
            self.assertEqual('host-aggregate.uri.not_found', told['code'])
            self.assertEqual(f'{root}/x', told['uri'])
            self.assertEqual(
                [
                    {
                        'rel': 'help',
                        'href': 'https://docs.openstack.org/nova-aggext/'
                        'latest/user/errors.html#uri-not-found',
                    }
                ],
                told['links'],
            )
        self.assertEqual([], self.nova.environs)

    def test_method_that_is_not_allowed(self) -> None:
        for shape, mount, root in self.places():
            answer = self.send(shape, root, mount, method='DELETE')
            told = self.refused(405, answer)
            self.assertEqual('host-aggregate.method.not_allowed', told['code'])
            self.assertEqual(['GET', 'HEAD'], told['allowed'])
            self.assertEqual('GET, HEAD', answer.headers['Allow'])

    def test_version_that_is_not_supported(self) -> None:
        headers = {VERSION: 'compute 2.1, host-aggregate 1.1'}
        for path in ('/os-aggext/aggregates/1',):
            answer = self.send('filter', path, headers=headers)
            told = self.refused(406, answer)
            self.assertEqual(
                'host-aggregate.version.unsupported', told['code']
            )
            self.assertEqual('1.0', told['min_version'])
            self.assertEqual('1.0', told['max_version'])

    def test_version_of_no_form(self) -> None:
        headers = {VERSION: 'host-aggregate one'}
        answer = self.send('filter', '/os-aggext/x', headers=headers)
        told = self.refused(400, answer)
        self.assertEqual('host-aggregate.request.invalid', told['code'])
        self.assertNotIn('path', told)
