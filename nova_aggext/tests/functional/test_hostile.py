# SPDX-License-Identifier: Apache-2.0
"""Arguments of nova-aggext-manage that only a database could refuse."""

import testscenarios

from nova_aggext.cmd import manage
from nova_aggext.tests.functional import databases
from nova_aggext.tests.unit.cmd import commands
from nova_aggext.tests.unit.cmd import hostile

load_tests = testscenarios.load_tests_apply_scenarios


class HostileTest(hostile.Endings):
    """On each kind of database."""

    scenarios = [(kind, {'kind': kind}) for kind in databases.KINDS]
    kind: str

    def setUp(self) -> None:
        super().setUp()
        self.db = self.useFixture(databases.Database(self.kind))
        self.conf = ('--config-file', self.db.conf_file)

    def test_refused(self) -> None:
        for arguments in hostile.IN_VAIN:
            self.assert_refused(manage.main, (*self.conf, *arguments))

    def test_nothing_found(self) -> None:
        for arguments in hostile.EMPTY:
            ended = commands.run(
                manage.main, *self.conf, *arguments, '--format', 'json'
            )
            self.assertEqual(0, ended.status, f'{arguments} {ended.err}')
            self.assertEqual([], ended.json)
