# SPDX-License-Identifier: Apache-2.0
"""Entity tags of aggregates."""

import dataclasses
import datetime
import hashlib
import json

from nova_aggext.compute import etags
from nova_aggext.db import records
from nova_aggext.tests import base

ONE = records.Aggregate(
    id=7,
    uuid='uuid of 7',
    name='gpu',
    hosts=('h2', 'h1'),
    metadata={'availability_zone': 'z1', 'ssd': 'true'},
    created_at=datetime.datetime(2026, 1, 2, 3, 4, 5),
    updated_at=None,
)


class EtagsTest(base.TestCase):
    """Equal content, equal tag."""

    def test_form(self) -> None:
        """It stays as it is as long as the version does."""
        content = {
            'availability_zone': 'z1',
            'description': None,
            'host_count': 2,
            'hosts': ['h1', 'h2'],
            'id': 7,
            'metadata': {'ssd': 'true'},
            'name': 'gpu',
            'owner': None,
            'protected': False,
            'uuid': 'uuid of 7',
        }
        text = json.dumps(['1.0', content], separators=(',', ':'))
        expected = hashlib.sha256(text.encode()).hexdigest()[:32]
        self.assertEqual(expected, etags.etag(ONE))

    def test_what_plays_no_part(self) -> None:
        later = datetime.datetime(2027, 1, 1)
        metadata = dict(reversed(list(ONE.metadata.items())))
        for changes in (
            {'created_at': None},
            {'updated_at': later},
            {'hosts': ('h1', 'h2')},
            {'metadata': metadata},
        ):
            other = dataclasses.replace(ONE, **changes)
            self.assertEqual(etags.etag(ONE), etags.etag(other))

    def test_what_counts(self) -> None:
        seen = {etags.etag(ONE)}
        for changes in (
            {'id': 8},
            {'uuid': None},
            {'name': 'Gpu'},
            {'hosts': ('h1',)},
            {'hosts': ('h1', 'h3')},
            {'metadata': {'ssd': 'true'}},
            {'metadata': {'availability_zone': 'z2', 'ssd': 'true'}},
            {'metadata': {'availability_zone': 'z1', 'ssd': 'false'}},
            {'metadata': {'availability_zone': 'z1'}},
            {'description': 'd'},
            {'owner': 'd'},
            {'protected': True},
        ):
            seen.add(etags.etag(dataclasses.replace(ONE, **changes)))
        self.assertEqual(13, len(seen))

    def test_any_text(self) -> None:
        other = dataclasses.replace(ONE, name='\ud800"\U0001f600')
        self.assertEqual(32, len(etags.etag(other)))
