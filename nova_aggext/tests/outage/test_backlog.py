# SPDX-License-Identifier: Apache-2.0
"""An outbox in which a great many messages wait."""

import pathlib
import statistics
import threading
import time
from collections.abc import Sequence

import sqlalchemy as sa

from nova_aggext.db import outbox
from nova_aggext.tests.delivery import tap
from nova_aggext.tests.outage import base
from nova_aggext.tests.outage import cloud as outage_cloud
from nova_aggext.tests.outage import settings
from nova_aggext.tests.race import calls
from nova_aggext.tests.race import cloud as race_cloud
from nova_aggext.tests.race import tables

# Streams that the messages are in.
_STREAMS = 2000
# Most that a relay may need in MiB, whatever waits: the libraries, mostly.
_MEMORY = 250
# Most connections to the database of one process of this test: each of its
# threads has one at a time, and the pool of questions keeps its own.
_CONNECTIONS = 8
_READS = 50
# Seconds for the first messages to come, and for reads, on a busy machine.
_FIRST = 30
_READ = 0.3
# Milliseconds in which delivery begins; on an idle machine 10 are enough.
_BEGIN = 150

_BODY = (
    '{"context": {}, "message": {"message_id": "m", "publisher_id": "p", '
    '"event_type": "waiting", "priority": "INFO", "payload": {}, '
    '"timestamp": "t"}}'
)
_STREAM_ROWS = f"""
INSERT INTO aggext_outbox_streams
    (name, lane, due_at, owner, failures, appended)
SELECT concat('aggregate:-', seq), 'aggregate', utc_timestamp(6), NULL, 0, 1
FROM seq_1_to_{_STREAMS}
"""
_MESSAGE_ROWS = f"""
INSERT INTO aggext_outbox
    (stream, kind, message_id, created_at, attempts, parked, body)
SELECT concat('aggregate:-', 1 + seq MOD {_STREAMS}), 'legacy', uuid(),
    utc_timestamp(6), 0, FALSE, '{_BODY}'
FROM seq_1_to_ROWS
"""
_EMPTY = ('TRUNCATE aggext_outbox', 'TRUNCATE aggext_outbox_streams')
_USERS = """
SELECT count(*) FROM information_schema.processlist WHERE db = :name
"""


class BacklogTest(base.OutageTest):
    """One server, one relay."""

    @classmethod
    def make_cloud(cls) -> outage_cloud.Cloud:
        """Make one with a single server."""
        return outage_cloud.Cloud(servers=1, relays=0)

    def test_waiting(self) -> None:
        """Memory, connections and reads do not depend on what waits."""
        tables.prepare(self.cloud.database, tables.Prepared('a'))
        before = self.read_all()
        self.cloud.link.close()
        self.addCleanup(self.run_sql, *_EMPTY)
        rows = _MESSAGE_ROWS.replace('ROWS', str(settings.rows()))
        self.run_sql(_STREAM_ROWS, rows)
        began = time.monotonic()
        self.cloud.database.read(outbox.waiting)
        counted = time.monotonic() - began
        one = self.useFixture(outage_cloud.Relay(self.cloud.conf_file))
        time.sleep(3)
        self.cloud.link.open()
        began = time.monotonic()
        heard = self.wait_for_first()
        first = time.monotonic() - began
        during = self.read_all()
        users = self.count_connections()
        heard += len(self.cloud.tap.take())
        rate = heard / (time.monotonic() - began)
        server = self.cloud.servers[0].process.pid
        memory = [
            _peak(pid)
            for pid in (one.process.pid, *race_cloud._children(server))
        ]
        settings.report(
            f'{self.id()}: {settings.rows()} rows, counted in {counted:.1f} '
            f's; the first message after {first:.1f} s, {rate:.0f} a second, '
            f'MiB {memory}, {users} connections; ms of reads before '
            f'{1000 * before:.1f}, meanwhile {1000 * during:.1f}'
        )
        self.assertTrue(heard)
        self.assertTrue(max(memory) < _MEMORY, str(memory))
        self.assertTrue(users <= 2 * _CONNECTIONS, str(users))
        bound = before + _READ * max(1, settings.slack())
        self.assertTrue(during < bound, f'{before} {during}')

    def wait_for_first(self) -> int:
        """Wait for the first messages; give their number."""
        deadline = time.monotonic() + _FIRST
        heard = 0
        while not heard and time.monotonic() < deadline:
            heard = len(self.cloud.tap.take())
        return heard

    def test_begin(self) -> None:
        """With everything there, delivery begins at once."""
        taken = [self.measure_begin(number) for number in range(10)]
        middle = 1000 * statistics.median(taken)
        settings.report(
            f'{self.id()}: from the answer to the first message '
            f'{middle:.1f} ms, at least {1000 * min(taken):.1f} ms'
        )
        self.assertTrue(middle < _BEGIN * max(1, settings.slack()))

    def measure_begin(self, number: int) -> float:
        """Give the seconds from an answer to the first message about it."""
        listener = self.cloud.tap
        assert isinstance(listener, tap.Tap)
        caller = calls.Caller(self.cloud.servers[0].port)
        moments: list[float] = []

        def listen() -> None:
            with listener._news:
                listener._news.wait_for(lambda: listener._messages, _FIRST)
            moments.append(time.monotonic())

        listening = threading.Thread(target=listen)
        listening.start()
        answer = caller.send(calls.create(f'begin{number}'))
        listening.join(_FIRST)
        caller.close()
        self.cloud.settle()
        listener.take()
        return moments[0] - answer.received

    def read_all(self) -> float:
        """Give the median seconds of some reads."""
        caller = calls.Caller(self.cloud.servers[0].port)
        answers = [caller.send(calls.list_all()) for _ in range(_READS)]
        caller.close()
        return _median(answers)

    def run_sql(self, *statements: str) -> None:
        """Run statements in the database."""
        engine = sa.create_engine(self.cloud.url, poolclass=sa.NullPool)
        with engine.begin() as connection:
            for statement in statements:
                connection.execute(sa.text(statement))

    def count_connections(self) -> int:
        """Count who is connected to the database."""
        url = sa.make_url(self.cloud.url)
        engine = sa.create_engine(url, poolclass=sa.NullPool)
        with engine.connect() as connection:
            found = connection.scalar(sa.text(_USERS), {'name': url.database})
        return int(found or 0)


def _median(answers: Sequence[calls.Answer]) -> float:
    return statistics.median(one.received - one.sent for one in answers)


def _peak(pid: int) -> int:
    """Give the most memory that a process had, in MiB."""
    text = pathlib.Path(f'/proc/{pid}/status').read_text()
    (line,) = [one for one in text.splitlines() if one.startswith('VmHWM')]
    return int(line.split()[1]) // 1024
