# SPDX-License-Identifier: Apache-2.0
"""Races on SQLite."""

from nova_aggext.tests.race import contract


class SQLiteRaceTest(contract.RaceTest):
    kind = 'sqlite'
