# SPDX-License-Identifier: Apache-2.0
"""Every recorded case, against a real server on each database.

A step is right when its answer is the one recorded from Nova or, where Nova
answers wrongly, the right one recorded beside it.

Some answers follow from how Nova's MariaDB compares names and metadata keys:
without case, accents and trailing blanks. It does so by itself, and for the
other databases ``nova_aggext.db.collation`` does, so no case is left out.
"""

import testscenarios

from nova_aggext.tests.functional.contract import cases
from nova_aggext.tests.functional.contract import player

SCENARIOS = [(case.name, {'case': case}) for case in cases.load()]

load_tests = testscenarios.load_tests_apply_scenarios


class CasesOnSQLiteTest(player.CaseTest):
    """The cases on SQLite."""

    KIND = 'sqlite'
    scenarios = SCENARIOS


class CasesOnMariaDBTest(player.CaseTest):
    """The cases on MariaDB."""

    KIND = 'mysql'
    scenarios = SCENARIOS


class CasesOnPostgreSQLTest(player.CaseTest):
    """The cases on PostgreSQL."""

    KIND = 'postgresql'
    scenarios = SCENARIOS
