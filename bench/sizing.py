# SPDX-License-Identifier: Apache-2.0
"""What a change takes: rows, bytes, memory, and the work of a relay.

Prints a table of figures. Times are those of the processors, so that a busy
machine changes little of them.
"""

import concurrent.futures
import http.client
import json
import pathlib
import resource
import time

import fixtures
import sqlalchemy as sa

from bench import machine
from nova_aggext.db import outbox
from nova_aggext.tests.functional import databases
from nova_aggext.tests.functional import server
from nova_aggext.tests.outage import cloud

AGGREGATES = 20
CHANGES = 1000
THREADS = 8
# What a change may leave behind.
_TABLES = (
    'aggext_changes',
    'aggext_outbox',
    'aggext_outbox_streams',
)
_OPTIONS = '[aggext_outbox]\nrelay = false\n'
_TICKS = 100


def run() -> None:
    """Measure, and print what was found."""
    with fixtures.Fixture() as everything:
        for name, value in machine.describe().items():
            print(f'{name:40} {value}')
        bus = everything.useFixture(cloud.Bus())
        one = everything.useFixture(
            server.Server(
                'mysql', options=cloud.options(bus.transport_url) + _OPTIONS
            )
        )
        _show('server: MiB when it is ready', _mebibytes(one.process.pid))
        before = _sizes(one.db)
        _change(one)
        after = _sizes(one.db)
        for table in _TABLES:
            for what in ('rows', 'bytes'):
                more = after[table][what] - before[table][what]
                _show(f'{table}: {what} of a change', more / CHANGES)
        body = sa.text('SELECT AVG(LENGTH(body)) FROM aggext_outbox')
        _show(
            'bytes of the body of a message',
            float(one.db.database.ask(lambda s: s.scalar(body)) or 0),
        )
        _show(
            f'server: MiB after {CHANGES} changes', _mebibytes(one.process.pid)
        )
        _show(
            'server: processor ms of a change',
            _seconds(one.process.pid) * 1000 / CHANGES,
        )
        _show('server: threads', _threads(one.process.pid))
        _show('server: connections', _connections(one.db))
        _relay(everything, one)


def _change(one: server.Server) -> None:
    """Have hosts added and removed by several threads."""
    ids = [
        _send(
            one, '/v2.1/os-aggregates', {'aggregate': {'name': f'a{number}'}}
        )['aggregate']['id']
        for number in range(AGGREGATES)
    ]

    def alternate(number: int) -> None:
        path = f'/v2.1/os-aggregates/{ids[number % AGGREGATES]}/action'
        for kind in ('add_host', 'remove_host'):
            _send(one, path, {kind: {'host': f'host{number % 4 + 1}'}})

    with concurrent.futures.ThreadPoolExecutor(THREADS) as senders:
        for _turn in range(CHANGES // 2 // AGGREGATES):
            list(senders.map(alternate, range(AGGREGATES)))


def _send(
    one: server.Server, path: str, body: object
) -> dict[str, dict[str, int]]:
    connection = http.client.HTTPConnection('127.0.0.1', one.port, timeout=60)
    try:
        connection.request(
            'POST',
            path,
            json.dumps(body),
            {'Content-Type': 'application/json'},
        )
        answer = connection.getresponse()
        text = answer.read()
        if answer.status != 200:
            raise RuntimeError(text)
        found: dict[str, dict[str, int]] = json.loads(text)
        return found
    finally:
        connection.close()


def _relay(everything: fixtures.Fixture, one: server.Server) -> None:
    """Have everything delivered by one relay."""
    waiting = one.db.database.read(outbox.waiting).messages
    port = server.free_port()
    relay = everything.useFixture(
        cloud.Relay(one.conf_file, '--metrics-port', str(port))
    )
    server.wait_for(port, relay.process, relay.log)
    pid = relay.process.pid
    begun, used = time.monotonic(), _seconds(pid)
    cloud.settle(one.db.database)
    taken, used = time.monotonic() - begun, _seconds(pid) - used
    _show('relay: messages', waiting)
    _show('relay: messages in a second', waiting / taken)
    _show('relay: processor ms of a message', used * 1000 / waiting)
    _show('relay: MiB', _mebibytes(pid))
    _show('relay: threads', _threads(pid))


def _sizes(db: databases.Database) -> dict[str, dict[str, float]]:
    """Give rows and bytes of tables, with their indexes."""
    found = {}
    for table in _TABLES:

        def read(
            session: sa.Connection, table: str = table
        ) -> dict[str, float]:
            session.execute(sa.text(f'ANALYZE TABLE {table}')).all()
            size = sa.text(
                'SELECT data_length + index_length FROM '
                'information_schema.tables WHERE table_schema = DATABASE() '
                'AND table_name = :name'
            )
            return {
                'rows': session.scalar(
                    sa.text(f'SELECT COUNT(*) FROM {table}')
                )
                or 0,
                'bytes': float(session.scalar(size, {'name': table}) or 0),
            }

        found[table] = db.database.ask(read)
    return found


def _connections(db: databases.Database) -> int:
    count = sa.text(
        'SELECT COUNT(*) FROM information_schema.processlist '
        'WHERE db = DATABASE()'
    )
    return int(db.database.ask(lambda s: s.scalar(count)) or 0)


def _mebibytes(pid: int) -> float:
    pages = int(pathlib.Path(f'/proc/{pid}/statm').read_text().split()[1])
    return pages * resource.getpagesize() / 2**20


def _seconds(pid: int) -> float:
    """Give the time that a process had of the processors."""
    fields = pathlib.Path(f'/proc/{pid}/stat').read_text().rpartition(')')[2]
    user, system = fields.split()[11:13]
    return (int(user) + int(system)) / _TICKS


def _threads(pid: int) -> int:
    return len(list(pathlib.Path(f'/proc/{pid}/task').iterdir()))


def _show(what: str, value: float) -> None:
    print(f'{what:40} {value:10.1f}', flush=True)
