# SPDX-License-Identifier: Apache-2.0
"""Samples of the API reference: written, or compared with what is answered.

With ``AGGEXT_WRITE_SAMPLES`` in the environment they are written anew.
"""

import json
import os
import pathlib
import re
from collections.abc import Mapping
from typing import Any

import webob

from nova_aggext import deploy
from nova_aggext.hosts import registered
from nova_aggext.tests import base
from nova_aggext.tests.functional import databases

FOLDER = pathlib.Path(__file__).parents[3] / 'api-ref/source/samples'
WRITE = 'AGGEXT_WRITE_SAMPLES'

ENDPOINT = 'http://compute.example.com:8774'
HOSTS = ('compute1', 'compute2')

CREATED_AT = '2026-01-15T09:00:00.000000'
UPDATED_AT = '2026-01-15T09:05:00.000000'
_UUID = re.compile('[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}')


class SamplesTestCase(base.TestCase):
    """Calls of a server on an empty database, which become samples.

    :cvar folder: where they are
    """

    folder: pathlib.Path

    def setUp(self) -> None:
        super().setUp()
        db = self.useFixture(databases.Database())
        inventory = registered.RegisteredHosts(db.conf, db.database)
        for host in HOSTS:
            inventory.add_host(host)
        self.app = deploy.load([db.conf_file])
        self.samples: dict[str, str] = {}
        self.uuids: dict[str, str] = {}

    def call(
        self,
        name: str | None,
        method: str,
        path: str,
        expected: int,
        version: str | None,
        body: Mapping[str, Any],
    ) -> webob.Response:
        """Perform an operation and keep it under a name, if it has one."""
        request = webob.Request.blank(path, base_url=ENDPOINT, method=method)
        if version is not None:
            request.headers['OpenStack-API-Version'] = version
        if body:
            request.content_type = 'application/json'
            request.body = json.dumps(body).encode()
        answer = request.get_response(self.app)
        self.assertEqual(expected, answer.status_int, answer.text)
        if name is not None:
            if body:
                self.samples[f'{name}-req.json'] = _text(self.fix(body))
            fixed = self.fix(json.loads(answer.body))
            self.samples[f'{name}-resp.json'] = _text(fixed)
        return answer

    def check(self) -> None:
        """Compare the samples with what was answered, or write them."""
        if os.environ.get(WRITE):
            self._write()
        found = {path.name: path.read_text() for path in self._files()}
        self.assertEqual(self.samples, found)

    def fix(self, value: Any, key: str = '') -> Any:
        """Replace what differs from run to run: times and uuids."""
        if isinstance(value, dict):
            return {name: self.fix(v, name) for name, v in value.items()}
        if isinstance(value, list):
            return [self.fix(item) for item in value]
        if value is not None and key == 'created_at':
            return CREATED_AT
        if value is not None and key == 'updated_at':
            return UPDATED_AT
        if key == 'uuid' and _UUID.fullmatch(value):
            return self.fixed(value)
        return value

    def fixed(self, uuid: str) -> str:
        """Give a uuid that is the same in each run."""
        number = len(self.uuids) + 1
        fixed = f'{number:08}-1111-4222-8333-444455556666'
        return self.uuids.setdefault(uuid, fixed)

    def _files(self) -> list[pathlib.Path]:
        return [path for path in self.folder.iterdir() if path.is_file()]

    def _write(self) -> None:
        self.folder.mkdir(parents=True, exist_ok=True)
        for path in self._files():
            path.unlink()
        for name, text in self.samples.items():
            (self.folder / name).write_text(text)


def _text(document: Any) -> str:
    return json.dumps(document, indent=4) + '\n'
