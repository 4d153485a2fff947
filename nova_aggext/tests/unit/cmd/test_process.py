# SPDX-License-Identifier: Apache-2.0
"""Processes of our own."""

import subprocess
import sys

from nova_aggext.tests import base

# What a process does that tells of changes, and what it has of Eventlet then.
PROGRAM = """
import sys
{before}
from nova_aggext.cmd import process
process.prepare([])
import {library}
names = 'eventlet', 'eventlet.support.greendns', 'cotyledon'
print([name for name in names if sys.modules.get(name)])
"""


class PrepareTest(base.TestCase):
    """Libraries are imported without what nobody needs of them."""

    def test_no_eventlet(self) -> None:
        self.assertEqual("['cotyledon']", _imported(''))

    def test_no_resolver_of_eventlet(self) -> None:
        # What oslo.service must have to use threads is not installed.
        found = _imported("sys.modules['cotyledon'] = None")
        self.assertEqual("['eventlet']", found)

    def test_old_oslo_service(self) -> None:
        # Eventlet is all it can use.
        before = "sys.modules['oslo_service.backend'] = None"
        self.assertEqual("['eventlet']", _imported(before, 'eventlet'))

    def test_half_an_installation(self) -> None:
        # Its threads lack a part, which oslo.service takes for a wrong name.
        before = "sys.modules['cotyledon.oslo_config_glue'] = None"
        self.assertIn("'eventlet'", _imported(before))

    def test_eventlet_of_a_server(self) -> None:
        # A WSGI server may use it, and has imported it before.
        self.assertIn("'eventlet'", _imported('import eventlet'))


def _imported(before: str, library: str = 'oslo_messaging') -> str:
    program = PROGRAM.format(before=before, library=library)
    done = subprocess.run(
        [sys.executable, '-c', program],
        check=True,
        stdout=subprocess.PIPE,
        text=True,
    )
    return done.stdout.splitlines()[-1]
