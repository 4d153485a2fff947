# SPDX-License-Identifier: Apache-2.0
"""The samples of the API reference are what the server really answers."""

from typing import Any

import webob

from nova_aggext.tests.functional import samples

LATEST = '2.104'
AGGREGATES = '/v2.1/os-aggregates'
ACTION = f'{AGGREGATES}/1/action'


class ApiSamplesTest(samples.SamplesTestCase):
    """Walks through the life of an aggregate on an empty database."""

    folder = samples.FOLDER

    def test_samples(self) -> None:
        """Every operation, compared with or written to the samples."""
        self._discover()
        self._create()
        self._change()
        self._read()
        self._fail()
        self._remove()
        self.check()

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
        named = None if version is None else f'compute {version}'
        return self.call(name, method, path, expected, named, body)
