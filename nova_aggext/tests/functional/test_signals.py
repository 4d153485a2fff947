# SPDX-License-Identifier: Apache-2.0
"""The signals of ``nova-aggext-relay``."""

import pathlib
import signal
import subprocess
import sys
import time

import fixtures

from nova_aggext.tests import base
from nova_aggext.tests.functional import databases

PATIENCE = 120
PROGRAM = pathlib.Path(sys.executable).with_name('nova-aggext-relay')
READ_ANEW = 'The configuration was read anew'


class SignalsTest(base.TestCase):
    """A relay with nothing to tell."""

    def setUp(self) -> None:
        super().setUp()
        made = self.useFixture(databases.Database())
        self.conf_file = pathlib.Path(made.conf_file)
        folder = self.useFixture(fixtures.TempDir()).path
        self.log_file = pathlib.Path(folder) / 'relay.log'
        with self.log_file.open('wb') as log:
            self.process = subprocess.Popen(
                [PROGRAM, '--config-file', self.conf_file],
                stdout=log,
                stderr=log,
            )
        self.addCleanup(self.process.wait, PATIENCE)
        self.addCleanup(self.process.kill)

    def wait_for(self, text: str) -> None:
        """Wait until something is printed."""
        until = time.monotonic() + PATIENCE
        while text not in self.log_file.read_text():
            self.assertIsNone(self.process.poll(), self.log_file.read_text())
            self.assertTrue(time.monotonic() < until, text)
            time.sleep(0.05)

    def test_life(self) -> None:
        """It lives on; its configuration is read anew, if that is right."""
        self.wait_for('delivers')
        self.process.send_signal(signal.SIGUSR2)
        self.wait_for('most recent call first')
        self.process.send_signal(signal.SIGHUP)
        self.wait_for(READ_ANEW)
        with self.conf_file.open('a') as conf_file:
            conf_file.write('[aggext]\nhosts = nobody\n')
        self.process.send_signal(signal.SIGHUP)
        self.wait_for('The configuration stays as it was')
        self.assertNotIn('Traceback', self.log_file.read_text())
        self.process.send_signal(signal.SIGTERM)
        self.assertEqual(0, self.process.wait(PATIENCE))
