# SPDX-License-Identifier: Apache-2.0
"""What the API shows in each version."""

import datetime

from nova_aggext.api.views import aggregates
from nova_aggext.api.views import versions
from nova_aggext.db import records
from nova_aggext.tests import base
from nova_aggext.wsgi import microversion

ONE = records.Aggregate(
    id=7,
    uuid='uuid of 7',
    name='rack',
    hosts=('h2', 'h1'),
    metadata={'availability_zone': 'z1', 'ssd': 'true'},
    created_at=datetime.datetime(2026, 1, 2, 3, 4, 5),
    updated_at=None,
)
CREATED = {
    'availability_zone': 'z1',
    'created_at': '2026-01-02T03:04:05.000000',
    'deleted': False,
    'deleted_at': None,
    'id': 7,
    'name': 'rack',
    'updated_at': None,
}
SHOWN = {
    **CREATED,
    'hosts': ['h2', 'h1'],
    'metadata': {'availability_zone': 'z1', 'ssd': 'true'},
}
UUID = {'uuid': 'uuid of 7'}

V20 = microversion.Version(2, 0)
V240 = microversion.Version(2, 40)
V241 = microversion.Version(2, 41)


class AggregatesTest(base.TestCase):
    """Aggregates."""

    def test_before_the_uuid(self) -> None:
        for version in (V20, V240):
            self.assertEqual(
                {'aggregate': CREATED}, aggregates.created(ONE, version)
            )
            self.assertEqual(
                {'aggregate': SHOWN}, aggregates.show(ONE, version)
            )
            self.assertEqual(
                {'aggregates': [SHOWN]}, aggregates.index([ONE], version)
            )

    def test_since_the_uuid(self) -> None:
        self.assertEqual(
            {'aggregate': CREATED | UUID}, aggregates.created(ONE, V241)
        )
        self.assertEqual(
            {'aggregate': SHOWN | UUID}, aggregates.show(ONE, V241)
        )
        self.assertEqual(
            {'aggregates': [SHOWN | UUID]}, aggregates.index([ONE], V241)
        )


class VersionsTest(base.TestCase):
    """Version documents."""

    def test_index(self) -> None:
        found = versions.index('http://h')['versions']
        self.assertEqual(
            [
                ('v2.0', '', '', 'http://h/v2/'),
                ('v2.1', '2.104', '2.1', 'http://h/v2.1/'),
            ],
            [
                (
                    one['id'],
                    one['version'],
                    one['min_version'],
                    one['links'][0]['href'],
                )
                for one in found
            ],
        )

    def test_show(self) -> None:
        found = versions.show(versions.V21, 'http://h')['version']
        self.assertEqual(
            ['self', 'describedby'], [one['rel'] for one in found['links']]
        )
        (media,) = found['media-types']
        self.assertIn('version=2.1', media['type'])

    def test_choices(self) -> None:
        found = versions.choices('http://h', '/x')['choices']
        self.assertEqual(
            ['http://h/v2/x', 'http://h/v2.1/x'],
            [one['links'][0]['href'] for one in found],
        )
