# SPDX-License-Identifier: Apache-2.0
"""Races on Galera."""

from nova_aggext.tests.race import contract


class GaleraRaceTest(contract.RaceTest):
    kind = 'galera'
