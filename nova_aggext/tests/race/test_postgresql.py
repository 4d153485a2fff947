# SPDX-License-Identifier: Apache-2.0
"""Races on PostgreSQL."""

from nova_aggext.tests.race import outage


class PostgreSQLRaceTest(outage.OutageTest):
    kind = 'postgresql'
    impatience = {'options': '-c lock_timeout=1s'}
