# SPDX-License-Identifier: Apache-2.0
"""The samples of the own API are what the server really answers."""

import re
from collections.abc import Mapping
from typing import Any

import webob

from nova_aggext.tests.functional import samples

ROOT = '/v2.1/os-aggext'
VERSION = 'host-aggregate 1.0'
PUT_ID = '7d9a4b1e-3c52-4f0a-9e41-6f1f5f9f8a10'
REQUEST_ID = 'req-c4f1d7a2-9b0e-4d35-8a6c-2e7f5b1d0936'

_REQUEST_ID = re.compile('req-[0-9a-f-]{36}')
_UUID = re.compile('(?<!req-)[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}')
_DIGEST = re.compile('[0-9a-f]{32}')
_MOMENT = re.compile(r'[0-9-]{10}T[0-9:]{8}(\.[0-9]{6})?Z')
_MICROSECONDS = re.compile(r'\.[0-9]{6}Z')


def _move(**more: Any) -> Mapping[str, Any]:
    """Ask to move a host, as what stands beside that says."""
    return {
        **more,
        'aggregates': [
            {'aggregate': {'name': 'east'}, 'hosts': {'remove': ['compute1']}},
            {'aggregate': {'name': 'west'}, 'hosts': {'add': ['compute1']}},
        ],
    }


class OwnApiSamplesTest(samples.SamplesTestCase):
    """Walks through the changes of two aggregates."""

    folder = samples.FOLDER / 'os-aggext'

    def setUp(self) -> None:
        super().setUp()
        self.digests: dict[str, str] = {}

    def test_samples(self) -> None:
        """Every operation, compared with or written to the samples."""
        self._get('discovery', '')
        self._change()
        self._fail()
        self._read()
        self._manage()
        self.check()

    def _change(self) -> None:
        made = [
            {
                'op': 'create',
                'name': 'east',
                'availability_zone': 'az-east',
                'metadata': {'add': {'ssd': 'true'}},
                'hosts': {'add': ['compute[1-2]']},
            },
            {'op': 'create', 'name': 'west', 'availability_zone': 'az-west'},
        ]
        self._send('change-post', 'POST', reason='CHG-1', aggregates=made)
        asked = _move(reason='CHG-2: compute1 moves west')
        plan = self._send(
            'change-plan', 'POST', '?dry_run=true', expected=200, **asked
        )
        digest = plan.json['change']['digest']
        self._send(
            'change-put',
            'PUT',
            f'/{PUT_ID}',
            expect_digest=digest,
            **asked,
        )
        self._send('change-revert', 'POST', revert=PUT_ID)

    def _fail(self) -> None:
        self._get('aggregate-not-found', '/aggregates/99', 404)
        host = {'host': 'compute1', 'aggregates': {'add': [{'name': 'west'}]}}
        self._send('change-conflict', 'POST', expected=409, hosts=[host])
        wrong = [
            {'aggregate': {'name': 'north'}, 'hosts': {'set': []}},
            {'aggregate': {'id': 1}, 'hosts': {'add': ['compute[3-4]']}},
        ]
        self._send('change-unknown', 'POST', expected=400, aggregates=wrong)
        stale = _move(expect_digest='0' * 32)
        self._send('change-stale', 'POST', expected=412, **stale)

    def _read(self) -> None:
        self._get('aggregates-list', '/aggregates?limit=1&with_count=true')
        self._get('aggregate-show', '/aggregates/1')
        self._get('hosts-list', '/hosts?limit=1&with_count=true')
        self._get('host-show', '/hosts/compute2')
        self._get('changes-list', '/changes?after=1&limit=1')
        self._get('change-show', f'/changes/{PUT_ID}')

    def _manage(self) -> None:
        wanted = {
            'name': 'gpu',
            'availability_zone': 'az-west',
            'hosts': ['compute[3-4]'],
            'exclusive': ['hosts'],
            'metadata': {'ssd': 'true', 'hdd': None},
        }
        site = {
            'description': 'Repository of the site',
            'reason': 'MR !318',
            'unknown_hosts': 'skip',
            'aggregates': [wanted],
        }
        self._apply('manager-put', 'site', 201, site)
        other = {'aggregates': [{'name': 'gpu', 'metadata': {'ssd': None}}]}
        self._apply('manager-conflict', 'team', 409, other)
        item = {
            'aggregate': {'name': 'gpu'},
            'metadata': {'add': {'ssd': 'nvme'}},
        }
        self._send('change-managed', 'POST', aggregates=[item])
        refusing = {**site, 'on_drift': 'refuse'}
        self._apply('manager-drift', 'site', 409, refusing)
        self._get('managers-list', '/managers')
        self._get('manager-show', '/managers/site')
        self._get('aggregate-claims', '/aggregates?manager=site&fields=claims')

    def _apply(
        self, name: str, manager: str, expected: int, document: Any
    ) -> None:
        """Apply a document and keep it under a name."""
        where, body = f'{ROOT}/managers/{manager}', {'manager': document}
        self.call(name, 'PUT', where, expected, VERSION, body)

    def _get(self, name: str, path: str, expected: int = 200) -> None:
        self.call(name, 'GET', f'{ROOT}{path}', expected, VERSION, {})

    def _send(
        self,
        name: str,
        method: str,
        path: str = '',
        *,
        expected: int = 201,
        **change: Any,
    ) -> webob.Response:
        """Ask for a change and keep it under a name."""
        where, body = f'{ROOT}/changes{path}', {'change': change}
        return self.call(name, method, where, expected, VERSION, body)

    def fix(self, value: Any, key: str = '') -> Any:
        """Replace what differs from run to run, wherever it stands."""
        if isinstance(value, dict):
            return {name: self.fix(v, name) for name, v in value.items()}
        if isinstance(value, list):
            return [self.fix(item) for item in value]
        if not isinstance(value, str):
            return value
        text = _MOMENT.sub(r'2026-01-15T09:00:00\1Z', value)
        text = _MICROSECONDS.sub('.000000Z', text)
        text = _REQUEST_ID.sub(REQUEST_ID, text)
        text = _UUID.sub(self._uuid, text)
        return _DIGEST.sub(self._digest, text)

    def _uuid(self, found: re.Match[str]) -> str:
        return PUT_ID if found[0] == PUT_ID else self.fixed(found[0])

    def _digest(self, found: re.Match[str]) -> str:
        number = len(self.digests) + 1
        return self.digests.setdefault(found[0], f'{number:x}'.zfill(2) * 16)
