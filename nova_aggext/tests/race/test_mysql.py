# SPDX-License-Identifier: Apache-2.0
"""Races on MariaDB."""

from nova_aggext.tests.race import contract


class MariaDBRaceTest(contract.RaceTest):
    kind = 'mysql'
