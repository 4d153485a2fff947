# SPDX-License-Identifier: Apache-2.0
"""The samples of the API reference are what the server really answers.

With ``AGGEXT_WRITE_SAMPLES`` in the environment they are written anew.
"""

import json
import os
import pathlib
import re
from typing import Any

import webob

from nova_aggext import deploy
from nova_aggext.hosts import registered
from nova_aggext.tests import base
from nova_aggext.tests.functional import databases

FOLDER = pathlib.Path(__file__).parents[3] / 'api-ref/source/samples'
WRITE = 'AGGEXT_WRITE_SAMPLES'

ENDPOINT = 'http://compute.example.com:8774'
LATEST = '2.104'
AGGREGATES = '/v2.1/os-aggregates'
ACTION = f'{AGGREGATES}/1/action'

CREATED_AT = '2026-01-15T09:00:00.000000'
UPDATED_AT = '2026-01-15T09:05:00.000000'
_UUID = re.compile('[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}')


class ApiSamplesTest(base.TestCase):
    """Walks through the life of an aggregate on an empty database."""

    def setUp(self) -> None:
        super().setUp()
        db = self.useFixture(databases.Database())
        inventory = registered.RegisteredHosts(db.conf, db.database)
        for host in ('compute1', 'compute2'):
            inventory.add_host(host)
        self.app = deploy.load([db.conf_file])
        self.samples: dict[str, str] = {}
        self.uuids: dict[str, str] = {}

    def test_samples(self) -> None:
        """Every operation, compared with or written to the samples."""
        self._discover()
        self._create()
        self._change()
        self._read()
        self._fail()
        self._remove()
        if os.environ.get(WRITE):
            self._write()
        found = {path.name: path.read_text() for path in FOLDER.iterdir()}
        self.assertEqual(self.samples, found)

    def _discover(self) -> None:
        self._call('versions-list', 'GET', '/')
        self._call('version-v2.1-show', 'GET', '/v2.1/')
        self._call('version-v2-show', 'GET', '/v2/', version=None)
        self._call('version-choices', 'GET', '/os-aggregates', expected=300)

    def _create(self) -> None:
        body = {'name': 'rack1', 'availability_zone': 'east'}
        self._call('aggregate-create', 'POST', AGGREGATES, aggregate=body)
        self._call(None, 'POST', AGGREGATES, aggregate={'name': 'ssd'})

    def _change(self) -> None:
        path = f'{AGGREGATES}/1'
        body = {'name': 'rack-1', 'availability_zone': 'west'}
        self._call('aggregate-update', 'PUT', path, aggregate=body)
        for host, name in (
            ('compute1', 'aggregate-add-host'),
            ('compute2', None),
        ):
            self._call(name, 'POST', ACTION, add_host={'host': host})
        metadata = {'ssd': 'true', 'retired': None}
        self._call(
            'aggregate-set-metadata',
            'POST',
            ACTION,
            set_metadata={'metadata': metadata},
        )

    def _read(self) -> None:
        path = f'{AGGREGATES}/1'
        self._call('aggregates-list', 'GET', AGGREGATES)
        self._call('aggregate-show', 'GET', path)
        self._call('aggregate-show-v2.1', 'GET', path, version='2.1')
        self._call(
            'aggregate-show-legacy',
            'GET',
            '/v2/os-aggregates/1',
            version=None,
        )

    def _fail(self) -> None:
        images = [{'id': '70a599e0-31e7-49b7-b260-868f441e862b'}]
        self._call(
            'aggregate-images',
            'POST',
            f'{AGGREGATES}/1/images',
            expected=503,
            cache=images,
        )
        self._call('not-found', 'GET', f'{AGGREGATES}/99', expected=404)
        self._call(
            'conflict',
            'POST',
            AGGREGATES,
            expected=409,
            aggregate={'name': 'SSD'},
        )

    def _remove(self) -> None:
        for host, name in (
            ('compute1', 'aggregate-remove-host'),
            ('compute2', None),
        ):
            self._call(name, 'POST', ACTION, remove_host={'host': host})
        answer = self._call(None, 'DELETE', f'{AGGREGATES}/1')
        self.assertEqual(b'', answer.body)

    def _call(
        self,
        name: str | None,
        method: str,
        path: str,
        *,
        expected: int = 200,
        version: str | None = LATEST,
        **body: Any,
    ) -> webob.Response:
        """Perform an operation and keep it under a name, if it has one."""
        request = webob.Request.blank(path, base_url=ENDPOINT, method=method)
        if version is not None:
            request.headers['OpenStack-API-Version'] = f'compute {version}'
        if body:
            request.content_type = 'application/json'
            request.body = json.dumps(body).encode()
        answer = request.get_response(self.app)
        self.assertEqual(expected, answer.status_int, answer.text)
        if name is not None:
            if body:
                self.samples[f'{name}-req.json'] = _text(body)
            fixed = self._fix(json.loads(answer.body))
            self.samples[f'{name}-resp.json'] = _text(fixed)
        return answer

    def _fix(self, value: Any, key: str = '') -> Any:
        """Replace what differs from run to run: times and uuids."""
        if isinstance(value, dict):
            return {name: self._fix(v, name) for name, v in value.items()}
        if isinstance(value, list):
            return [self._fix(item) for item in value]
        if value is not None and key == 'created_at':
            return CREATED_AT
        if value is not None and key == 'updated_at':
            return UPDATED_AT
        if key == 'uuid' and _UUID.fullmatch(value):
            number = len(self.uuids) + 1
            fixed = f'{number:08}-1111-4222-8333-444455556666'
            return self.uuids.setdefault(value, fixed)
        return value

    def _write(self) -> None:
        FOLDER.mkdir(parents=True, exist_ok=True)
        for path in FOLDER.iterdir():
            path.unlink()
        for name, text in self.samples.items():
            (FOLDER / name).write_text(text)


def _text(document: Any) -> str:
    return json.dumps(document, indent=4) + '\n'
