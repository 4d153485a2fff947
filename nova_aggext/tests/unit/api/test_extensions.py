# SPDX-License-Identifier: Apache-2.0
"""Controllers of other distributions are served."""

import json
import os
import pathlib
import subprocess
import sys
from typing import Any

import fixtures

from nova_aggext.tests import base
from nova_aggext.tests.functional import databases

TOP = pathlib.Path(__file__).parents[4]
NAME = 'aggext_racks'
METADATA = f'Metadata-Version: 2.1\nName: {NAME}\nVersion: 1.0\n'
ENTRY_POINTS = f"""\
[nova_aggext.api.extensions]
os-racks = {NAME}:RackController
"""

RACKS = """
from nova_aggext import wsgi


class RackController(wsgi.Controller):
    routes = (wsgi.Route('GET', '/os-racks', 'index'),)

    def __init__(self, services):
        self.api = services.aggregate_api

    @wsgi.api_version('2.5')
    @wsgi.expected_errors()
    def index(self, req):
        req.context.can('os_compute_api:os-aggregates:index')
        found = self.api.get_aggregate_list(req.context)
        return {'racks': [aggregate.name for aggregate in found]}
"""

# One of an API that nobody has heard of.
THINGS = """
from nova_aggext import wsgi
from nova_aggext.wsgi import microversion


def fault(failure):
    return {'errors': [failure.status]}


API = wsgi.Api(
    service_type='thing',
    supported=microversion.Range.parse('1.0', '1.3'),
    fault=fault,
    root='/os-things',
)


class RackController(wsgi.Controller):
    of_api = API
    routes = (wsgi.Route('GET', '', 'index'),)

    def __init__(self, services):
        self.api = services.aggregate_api

    @wsgi.expected_errors()
    def index(self, req):
        req.context.can('os_compute_api:os-aggregates:index')
        return {'version': str(req.version)}
"""

# Loads the server as WSGI servers do and prints what it answers.
CLIENT = """
import json
import sys

import webob

from nova_aggext import deploy


def nova(environ, start_response):
    start_response('200 OK', [('Content-Type', 'application/json')])
    return [b'"beneath"']


is_filter = sys.argv[2] == 'filter'
if is_filter:
    app = deploy.aggregates_factory({}, config_file=sys.argv[1])(nova)
else:
    app = deploy.load([sys.argv[1]])
answers = []
for method, path, version, roles, body in json.load(sys.stdin):
    sent = webob.Request.blank(path, method=method, headers={
        'OpenStack-API-Version': f'compute {version}',
        'X-Project-Id': 'cafe', 'X-Roles': roles})
    if is_filter:
        sent.path_info_pop()
    if body:
        sent.json = body
    got = sent.get_response(app)
    answers.append([got.status_int, got.json])
print(json.dumps(answers))
"""

CREATE = {'aggregate': {'name': 'rack1'}}


class ExtensionsTest(base.TestCase):
    """A distribution that was made on the fly, in a process of its own."""

    def setUp(self) -> None:
        super().setUp()
        self.db = self.useFixture(databases.Database())
        folder = self.useFixture(fixtures.TempDir()).path
        self.folder = pathlib.Path(folder)

    def _install(self, source: str) -> None:
        info = self.folder / f'{NAME}-1.0.dist-info'
        info.mkdir()
        (info / 'METADATA').write_text(METADATA)
        (info / 'entry_points.txt').write_text(ENTRY_POINTS)
        (self.folder / f'{NAME}.py').write_text(source)

    def _run(
        self, *requests: list[Any], shape: str = 'server'
    ) -> 'subprocess.CompletedProcess[str]':
        environ = {
            **os.environ,
            'PYTHONPATH': f'{self.folder}{os.pathsep}{TOP}',
            # Where stevedore keeps what it found.
            'XDG_CACHE_HOME': os.fspath(self.folder / 'cache'),
        }
        return subprocess.run(
            [sys.executable, '-c', CLIENT, self.db.conf_file, shape],
            input=json.dumps(requests),
            env=environ,
            capture_output=True,
            text=True,
            timeout=120,
        )

    def test_served_beside_our_own(self) -> None:
        self._install(RACKS)
        done = self._run(
            ['POST', '/v2.1/os-aggregates', '2.1', 'admin', CREATE],
            ['GET', '/v2.1/os-racks', '2.5', 'admin', None],
            ['GET', '/v2.1/os-racks', '2.4', 'admin', None],
            ['GET', '/v2.1/os-racks', '2.5', 'reader', None],
            ['GET', '/v2.1/cafe/os-racks', '2.5', 'admin', None],
        )
        self.assertEqual(0, done.returncode, done.stderr)
        made, served, older, forbidden, below = json.loads(done.stdout)
        self.assertEqual(200, made[0])
        self.assertEqual([200, {'racks': ['rack1']}], served)
        self.assertEqual(404, older[0])
        self.assertEqual(403, forbidden[0])
        self.assertEqual(served, below)

    def test_of_another_api(self) -> None:
        """It has versions and faults of its own, in both shapes."""
        self._install(THINGS)
        for shape in ('server', 'filter'):
            for mount in ('/v2.1', '/v2'):
                path = f'{mount}/os-things'
                done = self._run(
                    ['GET', path, '2.90, thing 1.2', 'admin', None],
                    ['GET', f'{path}/x', '2.1', 'admin', None],
                    ['PUT', path, '2.1', 'admin', None],
                    ['GET', path, '2.1', 'reader', None],
                    ['GET', path, '2.1, thing 1.4', 'admin', None],
                    ['GET', f'{mount}/cafe/os-aggregates', '2.1', 'x', None],
                    shape=shape,
                )
                self.assertEqual(0, done.returncode, done.stderr)
                served, *refused, novas = json.loads(done.stdout)
                self.assertEqual([200, {'version': '1.2'}], served)
                self.assertEqual(
                    [[one, {'errors': [one]}] for one in (404, 405, 403, 406)],
                    refused,
                )
                self.assertEqual(403, novas[0])
                self.assertIn('forbidden', novas[1])

    def test_one_that_cannot_be_loaded_keeps_the_server_from_starting(
        self,
    ) -> None:
        self._install('import no_such_module_of_anyone')
        done = self._run()
        self.assertEqual(1, done.returncode)
        self.assertIn('no_such_module_of_anyone', done.stderr)
