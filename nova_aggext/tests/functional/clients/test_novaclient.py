# SPDX-License-Identifier: Apache-2.0
"""python-novaclient: its Python API and its shell."""

from typing import Any, ClassVar

import testscenarios

from nova_aggext.tests.functional.clients import base

load_tests = testscenarios.load_tests_apply_scenarios

FIELDS = {
    'availability_zone',
    'created_at',
    'deleted',
    'deleted_at',
    'id',
    'name',
    'updated_at',
}
DETAILS = FIELDS | {'hosts', 'metadata'}

# What is refused: the class and the code that the client makes of it.
REFUSALS = {
    'duplicate': ('Conflict', 409),
    'missing': ('NotFound', 404),
    'unknown_host': ('NotFound', 404),
    'same_host': ('Conflict', 409),
    'two_zones': ('Conflict', 409),
    'no_such_member': ('NotFound', 404),
    'not_empty': ('BadRequest', 400),
    'empty_name': ('BadRequest', 400),
}


class TestPython(base.ClientTest):
    """The Python API, at the microversions where an answer changes."""

    HOST = 'host1'

    scenarios: ClassVar[list[tuple[str, dict[str, Any]]]] = [
        ('legacy', {'root': 'v2', 'version': '2', 'uuid': set()}),
        ('2.1', {'root': 'v2.1', 'version': '2.1', 'uuid': set()}),
        ('2.40', {'root': 'v2.1', 'version': '2.40', 'uuid': set()}),
        ('2.41', {'root': 'v2.1', 'version': '2.41', 'uuid': {'uuid'}}),
        ('2.81', {'root': 'v2.1', 'version': '2.81', 'uuid': {'uuid'}}),
        ('2.96', {'root': 'v2.1', 'version': '2.96', 'uuid': {'uuid'}}),
    ]
    root: str
    version: str
    uuid: set[str]

    def test_life(self) -> None:
        """Every call gives the aggregate as it has become."""
        report = self.run_script(
            'novaclient_life.py',
            f'{self.url}/{self.root}',
            self.version,
            self.name,
            self.HOST,
        )
        self._check_fields(report)
        self._check_birth(report)
        self._check_changes(report)
        self.assertEqual([], report['left'])
        self.assertEqual(2, len(report['request_ids']))
        for request_id in report['request_ids']:
            self.assertRegex(request_id, '^req-')

    def _check_fields(self, report: dict[str, Any]) -> None:
        """Only a created aggregate comes without hosts and metadata."""
        self.assertEqual(FIELDS | self.uuid, set(report['create']))
        for call in ('list', 'get', 'update', 'set_metadata', 'add_host'):
            self.assertEqual(DETAILS | self.uuid, set(report[call]), call)

    def _check_birth(self, report: dict[str, Any]) -> None:
        """The list and the details show what was created."""
        created, shown = report['create'], report['get']
        zone = f'{self.name}-zone'
        self.assertEqual(self.name, created['name'])
        self.assertEqual(zone, created['availability_zone'])
        self.assertIs(False, created['deleted'])
        self.assertEqual(report['list'], shown)
        self.assertEqual([], shown['hosts'])
        self.assertEqual({'availability_zone': zone}, shown['metadata'])
        for field in self.uuid | {'id', 'name', 'availability_zone'}:
            self.assertEqual(created[field], shown[field])

    def _check_changes(self, report: dict[str, Any]) -> None:
        """Each change shows in its own answer."""
        zone = f'{self.name}-zone-2'
        set_metadata, unset = report['set_metadata'], report['unset']
        self.assertEqual(f'{self.name}-2', report['update']['name'])
        self.assertEqual(zone, report['update']['availability_zone'])
        self.assertEqual(
            {'availability_zone': zone, 'ssd': 'true', 'tier': '1'},
            set_metadata['metadata'],
        )
        self.assertEqual(
            {'availability_zone': zone, 'tier': '1'}, unset['metadata']
        )
        self.assertEqual([self.HOST], report['add_host']['hosts'])
        self.assertEqual([], report['remove_host']['hosts'])


class TestRefusals(base.ClientTest):
    """What is refused reaches the caller as the right exception."""

    HOST = 'host1'

    def test_refusals(self) -> None:
        """Class, code, message and request id are those of the fault."""
        report = self.run_script(
            'novaclient_errors.py', self.endpoint, self.name, self.HOST
        )
        images = report.pop('images')
        self.assertEqual(set(REFUSALS), set(report))
        for case, (kind, code) in REFUSALS.items():
            refusal = report[case]
            self.assertEqual(kind, refusal['class'], case)
            self.assertEqual(code, refusal['code'], case)
            self.assertTrue(refusal['message'], case)
            self.assertRegex(refusal['request_id'], '^req-')
        self._check_facts(report)
        if not self.is_foreign():
            self._check_images(images)

    def _check_facts(self, report: dict[str, Any]) -> None:
        """The messages name what they are about."""
        self.assertIn(self.name, report['duplicate']['message'])
        self.assertIn(f'{self.name}-host', report['unknown_host']['message'])
        self.assertIn(self.HOST, report['same_host']['message'])
        self.assertIn(self.HOST, report['no_such_member']['message'])

    def _check_images(self, refusal: dict[str, Any]) -> None:
        """Without an image service the answer is 503, and says so."""
        self.assertEqual(503, refusal['code'])
        self.assertIn('image', refusal['message'].lower())
        self.assertRegex(refusal['request_id'], '^req-')


class TestShell(base.ClientTest):
    """The commands of the shell, which finds the microversion itself."""

    HOST = 'host1'

    def nova(self, *arguments: str) -> base.Outcome:
        """Run a command of the shell."""
        return self.run_client(
            'nova',
            *arguments,
            OS_AUTH_TYPE='none',
            OS_AUTH_URL='none',
            OS_ENDPOINT_OVERRIDE=self.endpoint,
            OS_PROJECT_NAME='admin',
            OS_USERNAME='admin',
        )

    def rows(self, *arguments: str) -> list[dict[str, str]]:
        """Return the table that a command which succeeds prints."""
        done = self.nova(*arguments)
        self.assertEqual(0, done.code, done.err)
        table = [
            [cell.strip() for cell in line.strip('|').split('|')]
            for line in done.out.splitlines()
            if line.startswith('|')
        ]
        head, *body = table
        return [dict(zip(head, row, strict=True)) for row in body]

    def row(self, *arguments: str) -> dict[str, str]:
        """Return the one row that a command which succeeds prints."""
        rows = self.rows(*arguments)
        self.assertEqual(1, len(rows))
        return rows[0]

    def test_life(self) -> None:
        """Every command shows the aggregate as it has become."""
        name, zone = self.name, f'{self.name}-zone'
        created = self.row('aggregate-create', name, zone)
        self.assertEqual(zone, created['Availability Zone'])
        self.assertEqual(f"'availability_zone={zone}'", created['Metadata'])
        self.assertEqual(36, len(created['UUID']))
        self.assertEqual(created, self.row('aggregate-show', created['Id']))
        added = self.row('aggregate-add-host', name, self.HOST)
        self.assertEqual(f"'{self.HOST}'", added['Hosts'])
        tagged = self.row('aggregate-set-metadata', name, 'ssd=true')
        self.assertIn("'ssd=true'", tagged['Metadata'])
        renamed = self.row('aggregate-update', name, '--name', f'{name}-2')
        self.assertEqual({**tagged, 'Name': f'{name}-2'}, renamed)
        emptied = self.row('aggregate-remove-host', f'{name}-2', self.HOST)
        self.assertEqual('', emptied['Hosts'])
        deleted = self.nova('aggregate-delete', f'{name}-2')
        self.assertEqual(0, deleted.code, deleted.err)
        self.assertNotIn(f'{name}-2', self.names())

    def test_oldest_microversion(self) -> None:
        """At 2.1 there is no UUID to show."""
        version = ('--os-compute-api-version', '2.1')
        self.row(*version, 'aggregate-create', self.name)
        listed = [
            row
            for row in self.rows(*version, 'aggregate-list')
            if row['Name'] == self.name
        ]
        self.assertEqual(1, len(listed))
        self.assertEqual('-', listed[0]['Availability Zone'])
        self.assertNotIn('UUID', listed[0])

    def test_refusal(self) -> None:
        """A refusal shows its code and the request id."""
        self.row('aggregate-create', self.name)
        again = self.nova('aggregate-create', self.name)
        self.assertEqual(1, again.code)
        self.assertIn('ERROR (Conflict)', again.err)
        self.assertIn(self.name, again.err)
        self.assertIn('(HTTP 409) (Request-ID: req-', again.err)

    def test_unknown_name(self) -> None:
        """A name that the list does not show is not found."""
        done = self.nova('aggregate-show', self.name)
        self.assertEqual(1, done.code)
        self.assertIn(
            f"No aggregate with a name or ID of '{self.name}'", done.err
        )
