# SPDX-License-Identifier: Apache-2.0
"""Every recorded case on the databases of a real Nova.

Hosts are rows of Nova's own tables. The cases go through the filter inside
nova-api, and to the standalone server beside it.
"""

import json

import testscenarios

from nova_aggext.tests.functional.contract import cases
from nova_aggext.tests.functional.contract import player
from nova_aggext.tests.peer import clouds
from nova_aggext.tests.peer import inventory
from nova_aggext.tests.peer import releases

SCENARIOS = [(case.name, {'case': case}) for case in cases.load()]

load_tests = testscenarios.load_tests_apply_scenarios


class NovaOfCases(clouds.Nova):
    """A Nova with the server that answers the cases.

    :ivar server: the server
    :ivar inventory: what changes the hosts
    """

    def __init__(self, *, alone: bool) -> None:
        super().__init__()
        self.alone = alone

    def _setUp(self) -> None:
        super()._setUp()
        self.inventory = inventory.Inventory(self.databases)
        self.sync()
        self.configure('[aggext]\nvalidate_responses = true\n')
        if self.alone:
            self.server = self.serve_alone()
        else:
            self.server = self.serve(filtered=True)


class FilterTest(player.CaseTest):
    """The cases through the filter."""

    scenarios = SCENARIOS

    def setUp(self) -> None:
        super().setUp()
        if releases.is_too_new(json.dumps(self.case.steps)):
            self.skipTest(f'Nova {releases.chosen()} is too old for it')

    @classmethod
    def start(cls) -> player.Running:
        """Start Nova with the filter."""
        running = NovaOfCases(alone=False)
        running.setUp()
        cls.addClassCleanup(running.cleanUp)
        return running


class StandaloneTest(player.CaseTest):
    """The cases to the standalone server."""

    scenarios = SCENARIOS

    @classmethod
    def start(cls) -> player.Running:
        """Start the standalone server."""
        running = NovaOfCases(alone=True)
        running.setUp()
        cls.addClassCleanup(running.cleanUp)
        return running
