# SPDX-License-Identifier: Apache-2.0
"""A process that reached its limit of threads."""

import json
import pathlib
import subprocess
import sys
import unittest

from nova_aggext.tests import base
from nova_aggext.tests.functional import databases
from nova_aggext.tests.functional import scarce

BUS = '[DEFAULT]\ntransport_url = fake://\n'
PATIENCE = 120


@unittest.skipUnless(sys.platform == 'linux', 'limits memory as Linux does')
class ThreadsTest(base.TestCase):
    """Requests to a process of its own."""

    def test_limit(self) -> None:
        """They are answered; what they changed is told when there is room."""
        db = self.useFixture(databases.Database())
        with pathlib.Path(db.conf_file).open('a') as conf_file:
            conf_file.write(BUS)
        ended = subprocess.run(
            [sys.executable, '-m', scarce.__name__, db.conf_file],
            capture_output=True,
            text=True,
            timeout=PATIENCE,
        )
        self.assertEqual(0, ended.returncode, ended.stderr)
        found = json.loads(ended.stdout)
        self.assertFalse(found['startable'])
        self.assertEqual([200] * scarce.REQUESTS, found['answers'])
        self.assertEqual(scarce.REQUESTS, found['waiting'])
        self.assertEqual(200, found['answer'])
        self.assertEqual(0, found['left'])
