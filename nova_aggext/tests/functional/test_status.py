# SPDX-License-Identifier: Apache-2.0
"""nova-aggext-status upgrade check, on each database."""

import testscenarios

from nova_aggext.cmd import status
from nova_aggext.db import migration
from nova_aggext.tests import base
from nova_aggext.tests.functional import databases
from nova_aggext.tests.functional import server
from nova_aggext.tests.unit.cmd import commands

load_tests = testscenarios.load_tests_apply_scenarios


class UpgradeCheckTest(base.TestCase):
    """A database before and after its tables were made, and one away."""

    scenarios = [(kind, {'kind': kind}) for kind in databases.KINDS]
    kind: str

    def check(self, conf_file: str, expected: int) -> str:
        """Run the command and give what it prints."""
        ended = commands.run(
            status.main, '--config-file', conf_file, 'upgrade', 'check'
        )
        self.assertEqual(expected, ended.status, ended.out)
        return ended.out

    def test_tables(self) -> None:
        db = self.useFixture(databases.Database(self.kind, synced=False))
        self.assertIn('db sync', self.check(db.conf_file, 2))
        migration.sync(db.database)
        self.check(db.conf_file, 0)

    def test_database_is_away(self) -> None:
        if self.kind == 'sqlite':
            self.skipTest('a file is never away')
        db = self.useFixture(databases.Database(self.kind, synced=False))
        driver = db.url.partition(':')[0]
        url = f'{driver}://u:sekret@127.0.0.1:{server.free_port()}/n'
        with open(db.conf_file, 'a') as conf_file:
            conf_file.write(f'[api_database]\nconnection = {url}\n')
        told = self.check(db.conf_file, 2)
        self.assertIn('[api_database]', told)
        self.assertNotIn('sekret', told)
