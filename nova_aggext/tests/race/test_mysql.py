# SPDX-License-Identifier: Apache-2.0
"""Races on MariaDB."""

from nova_aggext.tests.race import outage

IMPATIENCE = {'init_command': 'SET SESSION innodb_lock_wait_timeout = 1'}


class MariaDBRaceTest(outage.OutageTest):
    kind = 'mysql'
    impatience = IMPATIENCE
