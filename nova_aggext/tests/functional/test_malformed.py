# SPDX-License-Identifier: Apache-2.0
"""What is not well-formed is refused under each server, and never a 500."""

import json
import os
from typing import ClassVar

import fixtures

from nova_aggext.tests import base
from nova_aggext.tests.functional import malformed
from nova_aggext.tests.functional import server
from nova_aggext.tests.functional import test_server

# A coding that is not known is answered with this one.
NOT_IMPLEMENTED = 501
NESTED = (964, 965, 1000, 1024, 1025, 50_000)


class MalformedTest(base.TestCase):
    """Under the command."""

    COMMAND: ClassVar[list[str] | None] = None
    # Whether a body reaches the application as it comes, or as a whole only.
    STREAMS: ClassVar[bool] = False

    server: ClassVar[server.Server]

    @classmethod
    def setUpClass(cls) -> None:
        super().setUpClass()
        # Gunicorn puts a socket there that is the same for all of a user.
        home = fixtures.TempDir()
        home.setUp()
        cls.addClassCleanup(home.cleanUp)
        cls.server = server.Server(command=cls.COMMAND, folder=home.path)
        cls.server.setUp()
        cls.addClassCleanup(cls.server.cleanUp)

    def test_malformed(self) -> None:
        wrong = []
        for sample in malformed.SAMPLES:
            found, received = malformed.answers(self.server.port, sample.sent)
            if not self._is_right(sample, found, received):
                wrong.append((sample.name, found, received[-500:]))
        self.assertEqual([], wrong)
        self._check_well()

    def test_nested(self) -> None:
        for depth in NESTED:
            sent = malformed.post(b'[' * depth + b']' * depth)
            found, _received = malformed.answers(
                self.server.port, sent, end=False
            )
            self.assertEqual([400], found, str(depth))
        self._check_well()

    def _is_right(
        self, sample: malformed.Sample, found: list[int], received: bytes
    ) -> bool:
        if sample.ours and self.STREAMS:
            body = received.partition(b'\r\n\r\n')[2]
            return found == [400] and 'badRequest' in json.loads(body)
        return all(
            status < 500 or status == NOT_IMPLEMENTED for status in found
        )

    def _check_well(self) -> None:
        """The server goes on, and nothing went wrong inside of it."""
        answer = test_server.ask(
            self.server.port, 'GET', test_server.AGGREGATES
        )
        self.assertEqual(200, answer.status)
        written = self.server.log.read_text().splitlines()
        self.assertEqual([], [one for one in written if 'Traceback' in one])


class GunicornThreadsTest(MalformedTest):
    """Under Gunicorn with threads."""

    COMMAND = test_server.GUNICORN
    STREAMS = True


class GunicornSyncTest(MalformedTest):
    """Under Gunicorn without threads."""

    COMMAND: ClassVar[list[str] | None] = [
        os.path.join(test_server.BIN, 'gunicorn'),
        '--bind=127.0.0.1:{port}',
        'nova_aggext.server:application',
    ]
    STREAMS = True


class UwsgiTest(MalformedTest):
    """Under uWSGI."""

    COMMAND = test_server.UWSGI
    STREAMS = True
