# SPDX-License-Identifier: Apache-2.0
"""Processes of our own."""

import subprocess
import sys

from nova_aggext.tests import base

# What a process does that tells of changes.
PROGRAM = """
import sys
from nova_aggext.cmd import process
process.prepare([])
import oslo_messaging
print([name for name in ('eventlet.support.greendns', 'dns')
       if name in sys.modules])
"""


class PrepareTest(base.TestCase):
    """Libraries are imported without what nobody needs of them."""

    def test_no_resolver_of_eventlet(self) -> None:
        done = subprocess.run(
            [sys.executable, '-c', PROGRAM],
            check=True,
            stdout=subprocess.PIPE,
            text=True,
        )
        self.assertEqual('[]', done.stdout.splitlines()[-1])
