# SPDX-License-Identifier: Apache-2.0
"""Several processes that serve, and requests that race through HTTP."""

import concurrent.futures
import http.client
import itertools
import json
from collections.abc import Callable
from typing import Any, ClassVar

from nova_aggext.db import changes
from nova_aggext.tests import base
from nova_aggext.tests import record
from nova_aggext.tests.race import cloud as race_cloud
from nova_aggext.tests.race import tables

Answer = tuple[int, Any]


class ServedTestCase(base.TestCase):
    """Three servers on one database."""

    kind: ClassVar[str] = 'mysql'
    cloud: ClassVar[race_cloud.Cloud]

    @classmethod
    def setUpClass(cls) -> None:
        super().setUpClass()
        cls.cloud = race_cloud.Cloud(cls.kind)
        cls.cloud.setUp()
        cls.addClassCleanup(cls.cloud.cleanUp)

    def setUp(self) -> None:
        super().setUp()
        self.database = self.cloud.databases[0]
        tables.prepare(self.database)
        self.turn = itertools.cycle(self.cloud.servers)

    def send(self, method: str, path: str, body: Any) -> Answer:
        """Send a request to one of the servers."""
        server = next(self.turn)
        connection = http.client.HTTPConnection(
            '127.0.0.1', server.port, timeout=60
        )
        try:
            headers = {'Content-Type': 'application/json'}
            sent = json.dumps(body)
            connection.request(method, f'/v2.1{path}', sent, headers)
            answer = connection.getresponse()
            return answer.status, json.loads(answer.read() or b'null')
        finally:
            connection.close()

    def at_once(self, *calls: Callable[[], Answer]) -> list[Answer]:
        """Make all calls at once; give their answers in that order."""
        with concurrent.futures.ThreadPoolExecutor(len(calls)) as pool:
            return [one.result() for one in [pool.submit(c) for c in calls]]

    def recorded(self) -> list[changes.Change]:
        return self.database.read(record.every)

    def replayed(self) -> None:
        """Check that the record leads to what is there."""
        final = tables.replay(self.recorded())['']
        self.assertEqual(tables.read(self.database), final)
