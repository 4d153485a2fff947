# SPDX-License-Identifier: Apache-2.0
"""Races on PostgreSQL."""

from nova_aggext.tests.race import contract


class PostgreSQLRaceTest(contract.RaceTest):
    kind = 'postgresql'
