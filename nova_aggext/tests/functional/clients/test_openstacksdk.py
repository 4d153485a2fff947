# SPDX-License-Identifier: Apache-2.0
"""openstacksdk: its proxy layer and its cloud layer."""

from typing import Any, ClassVar

import testscenarios

from nova_aggext.tests.functional.clients import base

load_tests = testscenarios.load_tests_apply_scenarios

# What is refused: the class and the code that the client makes of it.
REFUSALS = {
    'duplicate': ('ConflictException', 409),
    'missing': ('NotFoundException', 404),
    'not_a_number': ('BadRequestException', 400),
    'unknown_host': ('NotFoundException', 404),
    'same_host': ('ConflictException', 409),
    'two_zones': ('ConflictException', 409),
    'no_such_member': ('NotFoundException', 404),
    'empty_zone': ('BadRequestException', 400),
    'not_empty': ('BadRequestException', 400),
    'empty_name': ('BadRequestException', 400),
}


class TestLife(base.ClientTest):
    """The whole life of an aggregate, in both layers."""

    HOST = 'host3'

    scenarios: ClassVar[list[tuple[str, dict[str, Any]]]] = [
        ('proxy', {'layer': 'proxy'}),
        ('cloud', {'layer': 'cloud'}),
    ]
    layer: str

    def test_life(self) -> None:
        """Every call gives the aggregate as it has become."""
        report = self.run_script(
            'openstacksdk_life.py',
            self.endpoint,
            self.layer,
            self.name,
            self.HOST,
        )
        self._check_birth(report)
        self._check_changes(report)
        self.assertIsNone(report['left'])
        if self.layer == 'cloud':
            # The second time there is nothing to delete.
            self.assertEqual([True, False], report['deleted'])

    def _check_birth(self, report: dict[str, Any]) -> None:
        """The client finds what was created, in each of its ways."""
        created, shown = report['create'], report['get']
        zone = f'{self.name}-zone'
        self.assertEqual(self.name, shown['name'])
        self.assertEqual(zone, shown['availability_zone'])
        self.assertIs(False, shown['is_deleted'])
        self.assertEqual([], shown['hosts'])
        self.assertEqual({'availability_zone': zone}, shown['metadata'])
        for field in ('id', 'uuid', 'name', 'availability_zone'):
            self.assertTrue(created[field])
            self.assertEqual(created[field], shown[field])
        for call in ('list', 'find'):
            self.assertEqual(
                {**shown, 'location': None}, {**report[call], 'location': None}
            )

    def _check_changes(self, report: dict[str, Any]) -> None:
        """Each change shows in its own answer."""
        zone = f'{self.name}-zone-2'
        updated, unset = report['update'], report['unset']
        self.assertEqual(f'{self.name}-2', updated['name'])
        self.assertEqual(zone, updated['availability_zone'])
        self.assertEqual(
            {'availability_zone': zone, 'ssd': 'true', 'tier': '1'},
            report['set_metadata']['metadata'],
        )
        self.assertEqual(
            {'availability_zone': zone, 'tier': '1'}, unset['metadata']
        )
        self.assertEqual([self.HOST], report['add_host']['hosts'])
        self.assertEqual([], report['remove_host']['hosts'])


class TestRefusals(base.ClientTest):
    """What is refused reaches the caller as the right exception."""

    HOST = 'host3'

    def test_refusals(self) -> None:
        """Class, code, details and request id are those of the fault."""
        report = self.run_script(
            'openstacksdk_errors.py', self.endpoint, self.name, self.HOST
        )
        images = report.pop('images')
        self.assertEqual(set(REFUSALS), set(report))
        for case, (kind, code) in REFUSALS.items():
            refusal = report[case]
            self.assertEqual(kind, refusal['class'], case)
            self.assertEqual(code, refusal['code'], case)
            self.assertTrue(refusal['details'], case)
            self.assertRegex(refusal['request_id'], '^req-')
        self.assertIn(self.name, report['duplicate']['details'])
        self.assertIn(f'{self.name}-host', report['unknown_host']['details'])
        self.assertIn(self.HOST, report['same_host']['details'])
        if not self.is_foreign():
            # Without an image service the answer is 503, and says so.
            self.assertEqual(503, images['code'])
            self.assertIn('image', images['details'].lower())
