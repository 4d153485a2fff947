# SPDX-License-Identifier: Apache-2.0
"""nova-aggext-manage audit as a process, on each database."""

from typing import Any

import sqlalchemy as sa
import testscenarios

from nova_aggext.cmd import manage
from nova_aggext.db import models
from nova_aggext.hosts import registered
from nova_aggext.tests import base
from nova_aggext.tests.functional import commands
from nova_aggext.tests.functional import databases
from nova_aggext.tests.unit.cmd import commands as in_process

load_tests = testscenarios.load_tests_apply_scenarios

# Lets a session write what breaks foreign keys; SQLite needs none.
UNCHECKED = {
    'mysql': 'SET SESSION foreign_key_checks = 0',
    'postgresql': 'SET session_replication_role = replica',
    'sqlite': 'SELECT 1',
}
ZONE = 'availability_zone'


class AuditTest(base.TestCase):
    """A database that a Nova without the filter, and others, wrote to."""

    scenarios = [(kind, {'kind': kind}) for kind in databases.KINDS]
    kind: str

    def setUp(self) -> None:
        super().setUp()
        self.db = self.useFixture(databases.Database(self.kind))
        inventory = registered.RegisteredHosts(self.db.conf, self.db.database)
        inventory.add_host('h1')

    def insert(self, table: sa.Table, *rows: dict[str, Any]) -> None:
        """Insert rows that nobody checks."""
        engine = sa.create_engine(self.db.url)
        with engine.begin() as connection:
            connection.execute(sa.text(UNCHECKED[self.kind]))
            connection.execute(sa.insert(table), list(rows))
        engine.dispose()

    def audit(self, *arguments: str, status: int) -> list[tuple[str, ...]]:
        """Run the command; give checks, subjects and outcomes."""
        done = commands.run(
            'nova-aggext-manage',
            '--config-file',
            self.db.conf_file,
            'audit',
            '--format',
            'json',
            *arguments,
        )
        self.assertEqual(status, done.status, done.err)
        self.assertNotIn('Traceback', done.err)
        return [
            (one['check'], one['subject'], one['outcome'])
            for one in done.json()
        ]

    def test_nothing(self) -> None:
        self.assertEqual([], self.audit(status=0))

    def test_all(self) -> None:
        """Found, repaired as far as it is certain, and then as told."""
        self._break()
        checks = [
            ('orphaned rows', 'h1, k, description, protected'),
            ('unknown host', 'gone'),
            ('two zones', 'h1'),
        ]
        if self.kind != 'mysql':  # Its table cannot hold them.
            checks.insert(1, ('equal keys', "'k', 'K'"))
        found = [(*one, 'found') for one in checks]
        self.assertEqual(found, self.audit(status=1))
        undecided = [(*one, 'undecided') for one in checks[1:]]
        repaired = [(*one, 'repaired') for one in checks]
        self.assertEqual(
            [repaired[0], *undecided], self.audit('--repair', status=1)
        )
        self.assertEqual(
            repaired[1:], self.audit('--repair', '--yes', status=0)
        )
        self.assertEqual([], self.audit(status=0))

    def test_inventory_that_fails(self) -> None:
        """What the others found is told, and repaired."""
        self._break()
        with open(self.db.conf_file, 'a') as conf_file:
            # There are no tables of cells.
            conf_file.write('[aggext]\nhosts = nova_cells\n')
        ended = in_process.run(
            manage.main,
            '--config-file',
            self.db.conf_file,
            'audit',
            '--repair',
            '--yes',
            '--format',
            'json',
        )
        self.assertEqual(1, ended.status, ended.err)
        found = {one['check']: one['outcome'] for one in ended.json}
        self.assertEqual('repaired', found['orphaned rows'])
        self.assertEqual('not checked', found['unknown host'])
        self.assertIn('two zones', found)

    def _break(self) -> None:
        self.insert(
            models.aggregates,
            {'id': 1, 'name': 'a', 'uuid': 'a'},
            {'id': 2, 'name': 'b', 'uuid': 'b'},
        )
        self.insert(
            models.aggregate_hosts,
            {'aggregate_id': 1, 'host': 'h1'},
            {'aggregate_id': 2, 'host': 'h1'},
            {'aggregate_id': 2, 'host': 'gone'},
            {'aggregate_id': 7, 'host': 'h1'},
        )
        metadata = [
            {'aggregate_id': 1, 'key': ZONE, 'value': 'z1'},
            {'aggregate_id': 2, 'key': ZONE, 'value': 'z2'},
            {'aggregate_id': 1, 'key': 'k', 'value': '1'},
            {'aggregate_id': 7, 'key': 'k', 'value': '1'},
        ]
        if self.kind != 'mysql':
            metadata.append({'aggregate_id': 1, 'key': 'K', 'value': '2'})
        self.insert(models.aggregate_metadata, *metadata)
        said = {'description': 'd', 'protected': True}
        self.insert(models.annotations, {'aggregate_id': 7, **said})
