# SPDX-License-Identifier: Apache-2.0
"""What pipelines of one process have in common."""

import json
import pathlib
import subprocess
import sys
from typing import Any

import testscenarios

from nova_aggext.tests import base
from nova_aggext.tests.functional import counted
from nova_aggext.tests.functional import databases

load_tests = testscenarios.load_tests_apply_scenarios

PATIENCE = 120
CONF = """\
[DEFAULT]
transport_url = fake://
[cache]
enabled = true
backend = dogpile.cache.memory
[aggext_outbox]
recast_interval = 3600
"""
# Of each lane its relay and what renews its leases.
THREADS = [
    'aggext-lease-aggregate',
    'aggext-lease-zone',
    'aggext-relay-aggregate',
    'aggext-relay-zone',
    'aggext-retention',
    'aggext-sweep',
]
# One for transactions, one for questions; a file needs only one.
POOLS = {'sqlite': 1, 'mysql': 2, 'postgresql': 2}


class SharedTest(base.TestCase):
    """Two pipelines of one configuration, in a process of their own."""

    kind: str
    scenarios = [(kind, {'kind': kind}) for kind in databases.KINDS]

    def serve(self, shape: str, conf: str = CONF) -> Any:
        """Give what the pipelines took."""
        db = self.useFixture(databases.Database(self.kind))
        with pathlib.Path(db.conf_file).open('a') as conf_file:
            conf_file.write(conf)
        ended = subprocess.run(
            [sys.executable, '-m', counted.__name__, shape, db.conf_file],
            capture_output=True,
            text=True,
            timeout=PATIENCE,
        )
        self.assertEqual(0, ended.returncode, ended.stderr)
        return json.loads(ended.stdout)

    def test_filter(self) -> None:
        """A Nova has the filter in two pipelines."""
        self.assertEqual(
            {'idle': [], 'threads': THREADS, 'pools': POOLS[self.kind]},
            self.serve('filter'),
        )

    def test_standalone(self) -> None:
        """Health and metrics have a pool each, which no request fills."""
        pools = POOLS[self.kind]
        self.assertEqual(
            {
                'idle': [],
                'threads': THREADS,
                'pools': pools,
                'monitored': pools + 2,
            },
            self.serve('standalone'),
        )

    def test_without_threads(self) -> None:
        """The pools are shared also where another process delivers."""
        conf = f'{CONF}[aggext_outbox]\nrelay = false\n'
        self.assertEqual(
            {'idle': [], 'threads': [], 'pools': POOLS[self.kind]},
            self.serve('filter', conf),
        )
