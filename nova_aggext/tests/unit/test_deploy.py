# SPDX-License-Identifier: Apache-2.0
"""PasteDeploy's factories."""

import os
import pathlib
from typing import Any

import fixtures
import webob
import webob.dec
import webob.exc
from paste import deploy as paste_deploy

from nova_aggext import deploy
from nova_aggext import exception
from nova_aggext import version
from nova_aggext.tests import base
from nova_aggext.tests.functional import databases
from nova_aggext.tests.unit import stubs
from nova_aggext.wsgi import middleware

LAB = {'X-Roles': 'admin', 'X-User-Id': 'me', 'X-Project-Id': 'mine'}


class Loader:
    """Makes applications and filters that write their names."""

    def get_app(self, name: str, global_conf: Any) -> stubs.Wsgi:
        """Make an application."""
        return stubs.Wsgi(name.encode())

    def get_filter(self, name: str, global_conf: Any) -> Any:
        """Make a filter."""
        return lambda app: stubs.Wsgi(name.encode() + b' ' + app.body)


class DeployTestCase(base.TestCase):
    """Factories on an empty database."""

    def setUp(self) -> None:
        super().setUp()
        self.db = self.useFixture(databases.Database())
        self.options = {'config_file': self.db.conf_file}

    def get(self, app: Any, path: str, mount: str = '') -> webob.Response:
        """Send a GET."""
        sent = webob.Request.blank(path, headers=LAB)
        sent.script_name = mount
        return sent.get_response(app)


class FactoriesTest(DeployTestCase):
    """What the entry points make."""

    def test_api(self) -> None:
        app = deploy.api_factory({}, **self.options)
        answer = self.get(app, '/os-aggregates')
        self.assertEqual({'aggregates': []}, answer.json)
        self.assertIn('OpenStack-API-Version', answer.headers)
        self.assertEqual(404, self.get(app, '/servers').status_int)

    def test_legacy_api(self) -> None:
        app = deploy.api_factory({}, 'v2', **self.options)
        answer = self.get(app, '/os-aggregates')
        self.assertEqual({'aggregates': []}, answer.json)
        self.assertNotIn('OpenStack-API-Version', answer.headers)

    def test_configuration_of_the_paste_file(self) -> None:
        self.assertEqual(
            {'aggregates': []},
            self.get(deploy.api_factory(self.options), '/os-aggregates').json,
        )

    def test_directories_of_the_paste_file(self) -> None:
        folder = self.useFixture(fixtures.TempDir()).path
        path = pathlib.Path(folder) / '1.conf'
        path.write_text('[aggext]\nhosts = of-a-directory\n')
        for given, own in (
            ({'config_dir': folder}, {}),
            ({}, {'config_dir': folder}),
            ({'config_dir': '/nowhere'}, {'config_dir': folder}),
        ):
            conf = deploy.configuration(given, {**self.options, **own})
            self.assertEqual('of-a-directory', conf.aggext.hosts)

    def test_policy_that_cannot_be_read(self) -> None:
        """It is served all the same, and answers 503 until it can."""
        path = pathlib.Path(self.db.conf_file).with_name('policy.yaml')
        path.write_text('- no rule\n')
        log = self.useFixture(fixtures.FakeLogger())
        alone = deploy.api_factory({}, **self.options)
        self.assertIn('cannot be read; until it can', log.output)
        self.assertIn(f'was read from: {self.db.conf_file}', log.output)
        app = deploy.aggregates_factory({}, **self.options)(stubs.Wsgi())
        for served, mount in ((alone, ''), (app, '/v2.1'), (app, '/v2')):
            answer = self.get(served, '/os-aggregates', mount)
            self.assertEqual(503, answer.status_int)
            self.assertIn('Retry-After', answer.headers)
            fault = answer.json['serviceUnavailable']
            self.assertIn('[oslo_policy]', fault['message'])
            self.assertNotIn(os.fspath(path), answer.text)
        self.assertEqual(b'beneath', self.get(app, '/x', '/v2.1').body)
        path.unlink()
        answer = self.get(alone, '/os-aggregates')
        self.assertEqual(200, answer.status_int)

    def test_versions_that_are_not_there(self) -> None:
        for factory in (deploy.api_factory, deploy.discovery_factory):
            error = self.assertRaises(
                exception.ConfigurationError,
                factory,
                {},
                'v3',
                **self.options,
            )
            self.assertIn("'v3'", str(error))

    def test_filter(self) -> None:
        nova = stubs.Wsgi(headers={'X-OpenStack-Nova-API-Version': '2.90'})
        app = deploy.aggregates_factory({}, **self.options)(nova)
        self.assertIn(
            f'nova-aggext {version.release()} answers os-aggregates',
            self.log.output,
        )
        for mount in ('/v2.1', '/v2'):
            self.assertEqual(b'beneath', self.get(app, '/x', mount).body)
            answer = self.get(app, '/os-aggregates', mount)
            self.assertEqual({'aggregates': []}, answer.json)

    def test_filters_of_two_configurations(self) -> None:
        """Each has a database of its own."""
        other = self.useFixture(databases.Database())
        app, alone = (
            deploy.aggregates_factory({}, config_file=path)(stubs.Wsgi())
            for path in (self.db.conf_file, other.conf_file)
        )
        sent = webob.Request.blank(
            '/os-aggregates',
            method='POST',
            headers=LAB,
            json={'aggregate': {'name': 'a'}},
        )
        self.assertEqual(200, sent.get_response(app).status_int)
        answer = self.get(alone, '/os-aggregates')
        self.assertEqual({'aggregates': []}, answer.json)

    def test_versions(self) -> None:
        app = deploy.versions_factory({}, **self.options)
        answer = self.get(app, '/')
        self.assertEqual(200, answer.status_int)
        self.assertEqual(2, len(answer.json['versions']))
        answer = self.get(app, '/elsewhere')
        self.assertEqual(300, answer.status_int)
        self.assertEqual(2, len(answer.json['choices']))

    def test_discovery(self) -> None:
        for path, number in (('v2.1', '2.1'), ('v2', '2.0')):
            made = deploy.discovery_factory({}, path, **self.options)
            app = made(stubs.Wsgi())
            answer = self.get(app, '/', f'/compute/{path}')
            found = answer.json['version']
            self.assertEqual(f'v{number}', found['id'])
            self.assertEqual(
                f'http://localhost/compute/{path}/',
                found['links'][0]['href'],
            )
            self.assertEqual(b'beneath', self.get(app, '/x').body)

    def test_paths_of_other_versions(self) -> None:
        app = deploy.versions_factory({}, **self.options)
        for path, linked in (
            ('/v3/', '/v3'),
            ('//v3//x//', '/v3/x'),
            ('/a%20b/%C3%A9/%ff/%3f/', '/a%20b/%C3%A9/%FF/%3F'),
            ("/~a:b@c&d=e+f,g;h!i*j'k(l)m$n",) * 2,
        ):
            links = [
                one['links'][0]['href']
                for one in self.get(app, path).json['choices']
            ]
            self.assertEqual(
                [f'http://localhost/{api}{linked}' for api in ('v2', 'v2.1')],
                links,
            )

    def test_types_of_version_lists(self) -> None:
        app = deploy.versions_factory({}, **self.options)
        vendor = 'application/vnd.openstack.compute+json'
        for path in ('/', '/elsewhere'):
            request = webob.Request.blank(path, headers={'Accept': vendor})
            answer = request.get_response(app)
            self.assertEqual(vendor, answer.headers['Content-Type'])
            self.assertEqual('Accept', answer.headers['Vary'])

    def test_discovery_with_a_project_id(self) -> None:
        for path, number in (('v2.1', '2.1'), ('v2', '2.0')):
            app = deploy.api_factory({}, path, **self.options)
            for project, status in (('abc', 200), ('def', 400)):
                request = webob.Request.blank(
                    '/abc/', headers={'X-Project-Id': project}
                )
                request.script_name = f'/compute/{path}'
                answer = request.get_response(app)
                self.assertEqual(status, answer.status_int)
                if status == 200:
                    found = answer.json['version']
                    self.assertEqual(f'v{number}', found['id'])
                    self.assertEqual(
                        f'http://localhost/compute/{path}/',
                        found['links'][0]['href'],
                    )

    def test_link_prefix(self) -> None:
        with open(self.db.conf_file, 'a') as conf_file:
            conf_file.write('[api]\ncompute_link_prefix = https://proxy/n/\n')
        app = deploy.versions_factory({}, **self.options)
        links = [
            one['links'][0]['href']
            for one in self.get(app, '/').json['versions']
        ]
        self.assertEqual(
            ['https://proxy/n/v2/', 'https://proxy/n/v2.1/'], links
        )

    def test_pipeline(self) -> None:
        for strategy, expected in (
            ('noauth', b'one app'),
            ('noauth2', b'one app'),
            ('keystone', b'two one app'),
        ):
            with open(self.db.conf_file, 'a') as conf_file:
                conf_file.write(f'[api]\nauth_strategy = {strategy}\n')
            app = deploy.pipeline_factory(
                Loader(),
                self.options,
                noauth='one app',
                keystone='two one app',
            )
            self.assertEqual(expected, self.get(app, '/').body)

    def test_tables_that_are_not_there(self) -> None:
        empty = self.useFixture(databases.Database(synced=False))
        options = {'config_file': empty.conf_file}
        for factory in (deploy.api_factory, deploy.aggregates_factory):
            self.assertRaises(
                exception.ConfigurationError, factory, {}, **options
            )

    def test_inventory_that_nobody_offers(self) -> None:
        with open(self.db.conf_file, 'a') as conf_file:
            conf_file.write('[aggext]\nhosts = nonsense\n')
        error = self.assertRaises(
            exception.ConfigurationError,
            deploy.api_factory,
            {},
            **self.options,
        )
        self.assertIn('[aggext] hosts', str(error))


class LoadTest(DeployTestCase):
    """The standalone server as a whole."""

    def test_load(self) -> None:
        app = deploy.load([self.db.conf_file])
        for path in ('/v2.1/os-aggregates', '/v2/os-aggregates'):
            self.assertEqual({'aggregates': []}, self.get(app, path).json)
        self.assertEqual(200, self.get(app, '/').status_int)
        self.assertEqual(200, self.get(app, '/healthcheck').status_int)

    def test_environment(self) -> None:
        self.useFixture(
            fixtures.EnvironmentVariable(
                'OS_NOVA_AGGEXT_CONFIG_FILES', self.db.conf_file
            )
        )
        conf = deploy.configuration({}, {})
        self.assertEqual(self.db.url, conf.api_database.connection)

    def test_paste_file(self) -> None:
        folder = pathlib.Path(self.db.conf_file).parent
        shipped = deploy.find_paste_file(self.db.conf)
        self.assertIn(shipped.parent, deploy.SHIPPED)
        beside = folder / 'api-paste.ini'
        beside.write_text('')
        self.assertEqual(beside, deploy.find_paste_file(self.db.conf))
        other = folder / 'other.ini'
        self.db.conf.set_override('api_paste_config', str(other), 'wsgi')
        error = self.assertRaises(
            exception.ConfigurationError,
            deploy.find_paste_file,
            self.db.conf,
        )
        self.assertIn(os.fspath(other), str(error))
        other.write_text('')
        self.assertEqual(other, deploy.find_paste_file(self.db.conf))

    def test_paste_file_of_nova_is_passed_over(self) -> None:
        beside = pathlib.Path(self.db.conf_file).parent / 'api-paste.ini'
        beside.write_text('[composite:osapi_compute]\n')
        found = deploy.find_own_paste_file(self.db.conf)
        self.assertIn(found.parent, deploy.SHIPPED)
        beside.write_text('[composite:aggext]\n')
        found = deploy.find_own_paste_file(self.db.conf)
        self.assertEqual(beside, found)


class FiltersTest(DeployTestCase):
    """Filters of the standalone pipelines, as the paste file names them."""

    def _wrap(self, name: str, app: Any) -> Any:
        made = paste_deploy.loadfilter(
            f'egg:nova-aggext#{name}', global_conf=self.options
        )
        return made(app)

    def test_every_filter_passes_requests_on(self) -> None:
        for name in (
            'cors',
            'faults',
            'http_proxy_to_wsgi',
            'keystonecontext',
            'noauth',
            'request_id',
            'request_log',
            'sizelimit',
        ):
            app = self._wrap(name, stubs.Wsgi(name.encode()))
            self.assertEqual(name.encode(), self.get(app, '/').body)

    def test_identities(self) -> None:
        noauth = self._wrap('noauth', stubs.Wsgi())
        self.assertIsInstance(noauth, middleware.NoAuth)

    def test_authtoken(self) -> None:
        with open(self.db.conf_file, 'a') as conf_file:
            conf_file.write(
                '[keystone_authtoken]\n'
                'www_authenticate_uri = http://keystone.example.org\n'
                'auth_type = password\n'
                'auth_url = http://keystone.example.org\n'
            )
        app = self._wrap('authtoken', stubs.Wsgi())
        answer = self.get(app, '/')
        self.assertEqual(401, answer.status_int)
        self.assertIn(
            'keystone.example.org', answer.headers['WWW-Authenticate']
        )

    def test_size_limit_of_the_configuration(self) -> None:
        with open(self.db.conf_file, 'a') as conf_file:
            conf_file.write('[oslo_middleware]\nmax_request_body_size = 5\n')
        app = self._wrap('sizelimit', stubs.Wsgi())
        for body, status in ((b'12345', 200), (b'123456', 413)):
            sent = webob.Request.blank('/', method='POST', body=body)
            self.assertEqual(status, sent.get_response(app).status_int)

    def test_origins_of_the_configuration(self) -> None:
        """Without one, only what a browser asks beforehand is answered."""
        origin = 'http://horizon.example.org'
        header = 'Access-Control-Allow-Origin'
        for allowed in (False, True):
            if allowed:
                with open(self.db.conf_file, 'a') as conf_file:
                    conf_file.write(f'[cors]\nallowed_origin = {origin}\n')
            app = self._wrap('cors', webob.exc.HTTPNotFound())
            for method, status in (('OPTIONS', 200), ('GET', 404)):
                sent = webob.Request.blank('/', method=method)
                sent.headers['Origin'] = origin
                sent.headers['Access-Control-Request-Method'] = 'GET'
                answer = sent.get_response(app)
                self.assertEqual(status, answer.status_int)
                self.assertEqual(allowed, header in answer.headers)

    def test_proxy_of_the_configuration(self) -> None:
        """What a proxy says is believed only where that is configured."""

        @webob.dec.wsgify
        def scheme(request: webob.Request) -> str:
            return request.scheme

        for believed, told in ((False, b'http'), (True, b'https')):
            if believed:
                with open(self.db.conf_file, 'a') as conf_file:
                    conf_file.write(
                        '[oslo_middleware]\n'
                        'enable_proxy_headers_parsing = true\n'
                    )
            app = self._wrap('http_proxy_to_wsgi', scheme)
            sent = webob.Request.blank('/')
            sent.headers['X-Forwarded-Proto'] = 'https'
            self.assertEqual(told, sent.get_response(app).body)
