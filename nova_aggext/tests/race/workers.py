# SPDX-License-Identifier: Apache-2.0
"""Processes that hand requests to the core, on one database.

Each runs this module with its configuration as argument, and takes commands
as lines of JSON. It tells what it does as a server would, in threads.
"""

import collections
import dataclasses
import json
import pathlib
import random
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from typing import Any

import fixtures
import sqlalchemy as sa

from nova_aggext import conf as aggext_conf
from nova_aggext import exception
from nova_aggext import services as aggext_services
from nova_aggext.compute import runner
from nova_aggext.db import failures
from nova_aggext.db import queries
from nova_aggext.tests.race import chance
from nova_aggext.tests.race import sides

# Everything is told: to a bus in the process, and to a placement that is away.
OPTIONS = """
[DEFAULT]
transport_url = fake://
[notifications]
notification_format = both
[oslo_messaging_notifications]
driver = messagingv2
[placement]
auth_type = none
endpoint_override = http://127.0.0.1:9
mirror_deadline = 0
"""
# Seconds until a process must have ended.
PATIENCE = 60


@dataclasses.dataclass(frozen=True, slots=True)
class Answer:
    """How a request ended.

    :ivar code: 200, or that of the error
    :ivar text: of the error
    :ivar seconds: that it took
    :ivar lost: how often it lost against others, and began anew
    """

    code: int
    text: str
    seconds: float
    lost: int


class Worker(fixtures.Fixture):
    """Such a process, which is ready."""

    def __init__(self, conf_file: str) -> None:
        super().__init__()
        self._conf_file = conf_file

    def _setUp(self) -> None:
        folder = pathlib.Path(self.useFixture(fixtures.TempDir()).path)
        self.log = folder / 'worker.log'
        with self.log.open('wb') as log:
            self._process = subprocess.Popen(
                [sys.executable, '-m', __name__, self._conf_file],
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                stderr=log,
                text=True,
            )
        self.addCleanup(self._stop)
        self._read()

    def send(self, side: sides.Side, at: float) -> None:
        """Let it send a request at a moment of ``time.monotonic``."""
        self._write(side=side.primitive(), at=at)

    def send_many(self, seconds: float, seed: int) -> None:
        """Let it send requests of all kinds for some time."""
        self._write(seconds=seconds, seed=seed)

    def kill(self) -> None:
        """Kill it, so that it cannot clean up."""
        self._process.kill()
        self._process.wait()

    def answer(self) -> Answer:
        """Wait for the answer to what was sent."""
        return Answer(**self._read())

    def answers(self) -> list[Answer]:
        """Wait for the answers to all that was sent."""
        return [Answer(**one) for one in self._read()]

    def _write(self, **command: Any) -> None:
        assert self._process.stdin is not None
        self._process.stdin.write(f'{json.dumps(command)}\n')
        self._process.stdin.flush()

    def _read(self) -> Any:
        assert self._process.stdout is not None
        line = self._process.stdout.readline()
        if not line:
            raise RuntimeError(self.log.read_text()[-3000:])
        return json.loads(line)

    def _stop(self) -> None:
        # It ends with its input.
        self._process.communicate(timeout=PATIENCE)


class _Sender:
    """Sends requests in the process."""

    def __init__(self, services: aggext_services.Services) -> None:
        self._database = services.database
        self._runner = runner.Runner(
            services.database, services.hosts, services.delivery.outbox
        )
        # By threads: those that tell lose as well.
        self._lost: collections.Counter[int] = collections.Counter()
        sa.event.listen(sa.Engine, 'handle_error', self._count)

    def take(self, command: Any) -> Any:
        """Do what a command says."""
        if 'side' not in command:
            return list(self._many(**command))
        side = sides.from_primitive(command['side'])
        time.sleep(max(0, command['at'] - time.monotonic()))
        return self._send(side)

    def _many(self, seconds: float, seed: int) -> Iterator[dict[str, Any]]:
        choose = random.Random(seed)
        until = time.monotonic() + seconds
        while time.monotonic() < until:
            found = self._database.read(queries.list_aggregates)
            yield self._send(chance.side(found, choose))

    def _send(self, side: sides.Side) -> dict[str, Any]:
        began = time.monotonic()
        self._lost.clear()
        code, text = 200, ''
        try:
            asked = side.request()
            self._runner.run(asked, sides.Case(asked))
        except exception.AggextException as error:
            code, text = error.code, f'{side}: {error!r}'
        except Exception as error:
            code, text = 500, f'{side}: {error!r}'
        took = time.monotonic() - began
        lost = self._lost[threading.get_ident()]
        return dataclasses.asdict(Answer(code, text, took, lost))

    def _count(self, context: Any) -> None:
        kind = failures.kind_of(context.sqlalchemy_exception)
        if kind is failures.Kind.RACE:
            self._lost[threading.get_ident()] += 1


def _main() -> None:
    services = aggext_services.Services(aggext_conf.load(sys.argv[1:]))
    services.delivery.start()
    sender = _Sender(services)
    print(json.dumps('ready'), flush=True)
    for line in sys.stdin:
        print(json.dumps(sender.take(json.loads(line))), flush=True)
    services.close()


if __name__ == '__main__':
    _main()
