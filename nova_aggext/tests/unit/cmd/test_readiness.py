# SPDX-License-Identifier: Apache-2.0
"""What systemd is told."""

import socket
import uuid

import fixtures

from nova_aggext.cmd import readiness
from nova_aggext.tests import base


class ReadinessTest(base.TestCase):
    """With an address of each kind, and without one."""

    def address(self, value: str | None) -> None:
        """Set what systemd would."""
        self.useFixture(
            fixtures.EnvironmentVariable(readiness.VARIABLE, value)
        )

    def test_name_in_no_file_system(self) -> None:
        name = uuid.uuid4().hex
        listener = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
        self.addCleanup(listener.close)
        listener.bind(f'\0{name}')
        listener.setblocking(False)
        self.address(f'@{name}')
        readiness.tell('serves')
        self.assertEqual(b'READY=1\nSTATUS=serves', listener.recv(4096))

    def test_nobody_listens(self) -> None:
        self.address('/nonexistent/notify')
        readiness.tell('serves')
        self.assertIn('NOTIFY_SOCKET', self.log.output)

    def test_not_wanted(self) -> None:
        self.address(None)
        readiness.tell('serves')
        self.assertEqual('', self.log.output)
