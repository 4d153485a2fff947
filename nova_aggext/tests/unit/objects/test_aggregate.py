# SPDX-License-Identifier: Apache-2.0
"""Aggregates in Nova's wire form."""

import datetime

from oslo_versionedobjects import base as versioned_base

from nova_aggext.objects import aggregate
from nova_aggext.objects import identity
from nova_aggext.tests import base
from nova_aggext.tests.unit import stubs

MOMENT = datetime.datetime(2026, 1, 2, 3, 4, 5)
VALUES = {
    'id': 7,
    'uuid': '0f1c6f3e-6a5f-4ed0-8a4e-0a2c0d3f6b01',
    'name': 'a',
    'hosts': ('h1', 'h2'),
    'metadata': {'k': 'v'},
    'created_at': MOMENT,
    'updated_at': None,
}


class SnapshotTest(base.TestCase):
    """An aggregate as casts hold it."""

    def test_form(self) -> None:
        """Times are in UTC, to the second; nothing is marked as changed."""
        self.assertEqual(
            {
                'nova_object.name': 'Aggregate',
                'nova_object.namespace': 'nova',
                'nova_object.version': '1.3',
                'nova_object.data': {
                    **VALUES,
                    'hosts': ['h1', 'h2'],
                    'created_at': '2026-01-02T03:04:05Z',
                    'deleted_at': None,
                    'deleted': False,
                },
            },
            aggregate.snapshot(VALUES),
        )

    def test_without_uuid(self) -> None:
        """A row of an old Nova must not keep a change from being told."""
        told = aggregate.snapshot({**VALUES, 'uuid': None})
        self.assertIsNone(told['nova_object.data']['uuid'])

    def test_not_registered(self) -> None:
        """Inside nova-api the registry is Nova's; ours stay out of it."""
        known = versioned_base.VersionedObjectRegistry.obj_classes()
        for name in ('Aggregate', 'AggregatePayload', 'ExceptionPayload'):
            ours = getattr(aggregate, name)
            self.assertNotIn(ours, known.get(name, []))


class IdentityTest(base.TestCase):
    """A caller as messages hold it."""

    def test_credentials(self) -> None:
        """Token, address and catalog go only where they are needed."""
        catalog = '[{"type": "image"}, {"type": "compute"}]'
        who = stubs.caller(
            user_id='u',
            project_id='p',
            auth_token='secret',
            remote_address='127.0.0.1',
            catalog=catalog,
        )
        secret = ('auth_token', 'remote_address', 'service_catalog')
        plain = identity.primitive(who)
        self.assertEqual([None, None, []], [plain[name] for name in secret])
        full = identity.primitive(who, credentials=True)
        self.assertEqual(
            ['secret', '127.0.0.1', [{'type': 'image'}]],
            [full[name] for name in secret],
        )
        self.assertEqual('u p - - -', plain['user_identity'])
