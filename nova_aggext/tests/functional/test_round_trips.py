# SPDX-License-Identifier: Apache-2.0
"""How often each call talks to its database.

A call that talks more than the tables say fails. Whoever makes one talk less
changes the table.
"""

import contextlib
import dataclasses
import itertools
import json
import pathlib
import socket
import socketserver
import threading
from collections.abc import Callable
from collections.abc import Iterator
from collections.abc import Sequence
from typing import Any

import fixtures
import sqlalchemy as sa
import testscenarios
import webob

from nova_aggext import application
from nova_aggext import conf as aggext_conf
from nova_aggext import services
from nova_aggext.db import reading
from nova_aggext.db import writing
from nova_aggext.hosts import registered
from nova_aggext.policies import aggregates as policies
from nova_aggext.tests import base
from nova_aggext.tests.functional import databases

CALLS = (
    'show',
    'list',
    'create',
    'update',
    'set_metadata',
    'add_host',
    'remove_host',
    'delete',
)
# The most statements of each call, in the order of CALLS. All other numbers
# of this module are in that order as well.
STATEMENTS = {
    'sqlite': (2, 4, 8, 9, 8, 10, 12, 9),
    'mysql': (1, 3, 5, 6, 7, 8, 9, 8),
    'postgresql': (1, 3, 7, 8, 7, 8, 9, 8),
}
# Commits and rollbacks. Whether a host is there is read before the
# transaction that adds it; a host that leaves its zone is asked for its
# instances, and the transaction begins anew.
ENDS = (1, 1, 1, 1, 1, 2, 3, 1)
# Waits for the server, whatever for: statements, commits, settings.
ROUND_TRIPS = {
    'mysql': (1, 4, 6, 7, 8, 9, 10, 9),
    'postgresql': (1, 5, 9, 10, 9, 10, 11, 10),
}

load_tests = testscenarios.load_tests_apply_scenarios

# There is something to tell, and nobody tells it meanwhile.
CONF = """
[DEFAULT]
transport_url = fake://
[oslo_messaging_notifications]
driver = messagingv2
[aggext_outbox]
relay = false
"""
HEADERS = {'X-User-Id': 'u', 'X-Project-Id': 'p', 'X-Roles': 'admin'}
AGGREGATES = '/os-aggregates'
# Calls before those that count, which fill pools and caches.
WARM = 2


class RoundTripTest(base.TestCase):
    """Calls of an application in this process, one after the other."""

    def setUp(self) -> None:
        super().setUp()
        self.numbers = itertools.count()

    def use_app(self, database: databases.Database) -> None:
        """Make the application, some hosts and an aggregate."""
        with open(database.conf_file, 'a') as conf_file:
            conf_file.write(CONF)
        conf = aggext_conf.load([database.conf_file])
        made = services.Services(conf)
        self.addCleanup(made.close)
        self.app = application.Application(made).api()
        hosts = registered.RegisteredHosts(database.conf, database.database)
        hosts.add_host('host1', 'host2')
        self.one = self.create()
        self.act('add_host', {'host': 'host2'})

    def require(self, most: Sequence[int], count: Callable[[], int]) -> None:
        """Do all calls; require that none counts more than it may."""
        for _ in range(WARM):
            for name in CALLS:
                getattr(self, name)()
        found = [self.counted(count, name) for name in CALLS]
        least = [min(pair) for pair in zip(most, found, strict=True)]
        self.assertEqual(_named(least), _named(found))

    def counted(self, count: Callable[[], int], name: str) -> int:
        """Do a call; give by how much the count grew."""
        before = count()
        getattr(self, name)()
        return count() - before

    def call(self, method: str, path: str, body: Any = None) -> Any:
        """Send a request; give the aggregate of the answer."""
        request = webob.Request.blank(
            path, method=method, headers=HEADERS, base_url='http://a/v2.1'
        )
        if body is not None:
            request.content_type = 'application/json'
            request.body = json.dumps(body).encode()
        answer = request.get_response(self.app)
        self.assertEqual(200, answer.status_code, answer.text)
        return answer.json.get('aggregate') if answer.body else None

    def act(self, action: str, what: Any) -> None:
        self.call('POST', f'{AGGREGATES}/{self.one}/action', {action: what})

    def list(self) -> None:
        self.call('GET', AGGREGATES)

    def show(self) -> None:
        self.call('GET', f'{AGGREGATES}/{self.one}')

    def create(self) -> int:
        name = f'name-{next(self.numbers)}'
        body = {'aggregate': {'name': name, 'availability_zone': 'zone'}}
        self.last = int(self.call('POST', AGGREGATES, body)['id'])
        return self.last

    def update(self) -> None:
        values = {'name': f'name-{next(self.numbers)}'}
        path = f'{AGGREGATES}/{self.one}'
        self.call('PUT', path, {'aggregate': values})

    def set_metadata(self) -> None:
        values = {'key': f'value-{next(self.numbers)}'}
        self.act('set_metadata', {'metadata': values})

    def add_host(self) -> None:
        self.act('add_host', {'host': 'host1'})

    def remove_host(self) -> None:
        self.act('remove_host', {'host': 'host1'})

    def delete(self) -> None:
        self.call('DELETE', f'{AGGREGATES}/{self.last}')


class StatementsTest(RoundTripTest):
    """Statements and ends of transactions, as SQLAlchemy sees them."""

    scenarios = [(kind, {'kind': kind}) for kind in STATEMENTS]
    kind: str

    def setUp(self) -> None:
        super().setUp()
        self.db = self.useFixture(databases.Database(self.kind))
        self.use_app(self.db)
        self.events = self.useFixture(Events())

    def test_delete_of_what_is_annotated(self) -> None:
        """Its annotations take one statement more."""

        def annotate(session: sa.Connection) -> None:
            (one,) = reading.some(session, [self.last])
            said = dataclasses.replace(one, description='d')
            writing.write_annotations(session, [said])

        for _ in range(WARM):
            self.create()
            self.delete()
        self.create()
        plain = self.counted(lambda: self.events.statements, 'delete')
        self.create()
        self.db.database.write(annotate)
        found = self.counted(lambda: self.events.statements, 'delete')
        self.assertEqual(plain + 1, found)

    def test_statements(self) -> None:
        self.require(STATEMENTS[self.kind], lambda: self.events.statements)

    def test_ends(self) -> None:
        self.require(ENDS, lambda: self.events.ends)


class OwnersTest(RoundTripTest):
    """The same under rules that look at who owns an aggregate."""

    scenarios = [(kind, {'kind': kind}) for kind in STATEMENTS]
    kind: str

    def setUp(self) -> None:
        super().setUp()
        database = self.useFixture(databases.Database(self.kind))
        folder = pathlib.Path(self.useFixture(fixtures.TempDir()).path)
        rules = {
            rule.name: 'rule:project_manager_or_admin'
            for rule in policies.list_rules()
        }
        (folder / 'policy.yaml').write_text(json.dumps(rules))
        with open(database.conf_file, 'a') as conf_file:
            conf_file.write(
                f'[oslo_policy]\npolicy_file={folder}/policy.yaml\n'
            )
        self.use_app(database)

    def test_statements(self) -> None:
        """One more, where something changes."""
        events = self.useFixture(Events())
        # SQLite is told where the question begins.
        more = 2 if self.kind == 'sqlite' else 1
        same = ('show', 'list', 'create')
        most = [
            count if name in same else count + more
            for name, count in zip(CALLS, STATEMENTS[self.kind], strict=True)
        ]
        self.require(most, lambda: events.statements)


class SchemeTest(RoundTripTest):
    """A URL with the scheme of MariaDB, which Nova takes as well."""

    def test_statements(self) -> None:
        """All calls work, and as fast as with the other scheme."""
        server = databases.server_url('mysql').set(
            drivername='mariadb+pymysql'
        )
        url = server.render_as_string(hide_password=False)
        self.use_app(self.useFixture(databases.Database('mysql', server=url)))
        events = self.useFixture(Events())
        self.require(STATEMENTS['mysql'], lambda: events.statements)


class NetworkTest(RoundTripTest):
    """Questions and answers on the wire, whoever asks."""

    scenarios = [(kind, {'kind': kind}) for kind in ROUND_TRIPS]
    kind: str

    def test_trips(self) -> None:
        wire = self.useFixture(Wire(self.kind))
        database = databases.Database(self.kind, server=wire.url)
        self.use_app(self.useFixture(database))
        self.require(ROUND_TRIPS[self.kind], lambda: wire.trips)


class Events(fixtures.Fixture):
    """Counts on all engines.

    :ivar statements: statements
    :ivar ends: commits and rollbacks
    """

    def _setUp(self) -> None:
        self.statements = 0
        self.ends = 0
        self._listen('before_cursor_execute', self._execute)
        for name in ('commit', 'rollback'):
            self._listen(name, self._end)

    def _listen(self, name: str, function: Callable[..., None]) -> None:
        sa.event.listen(sa.Engine, name, function)
        self.addCleanup(sa.event.remove, sa.Engine, name, function)

    def _execute(self, *_arguments: Any) -> None:
        self.statements += 1

    def _end(self, *_arguments: Any) -> None:
        self.ends += 1


class Wire(fixtures.Fixture):
    """A way to a database server that counts.

    :ivar url: the server by this way
    :ivar trips: how often a client asked after the server had answered
    """

    def __init__(self, kind: str) -> None:
        super().__init__()
        self.kind = kind

    def _setUp(self) -> None:
        server = databases.server_url(self.kind)
        ports = {'mysql': 3306, 'postgresql': 5432}
        self.trips = 0
        self._target = (
            server.host or '127.0.0.1',
            server.port or ports[self.kind],
        )
        self._listener = socketserver.ThreadingTCPServer(
            ('127.0.0.1', 0), self._handler()
        )
        self._listener.daemon_threads = True
        self.addCleanup(self._listener.server_close)
        serve = self._listener.serve_forever
        threading.Thread(target=serve, args=(0.05,), daemon=True).start()
        self.addCleanup(self._listener.shutdown)
        address = self._listener.server_address
        url = server.set(host='127.0.0.1', port=int(address[1]))
        # Encrypted, one cannot see where a question ends.
        plain = {'sslmode': 'disable'} if self.kind == 'postgresql' else {}
        url = url.update_query_dict(plain)
        self.url = url.render_as_string(hide_password=False)

    def _handler(self) -> type[socketserver.BaseRequestHandler]:
        carry = self._carry

        class Handler(socketserver.BaseRequestHandler):
            def handle(self) -> None:
                carry(self.request)

        return Handler

    def _carry(self, near: socket.socket) -> None:
        """Carry one connection both ways, until either end closes."""
        with socket.create_connection(self._target) as far:
            asking = threading.Event()
            back = threading.Thread(
                target=self._answer, args=(far, near, asking)
            )
            back.start()
            for data in _received(near):
                if not asking.is_set():
                    self.trips += 1
                    asking.set()
                with contextlib.suppress(OSError):
                    far.sendall(data)
            _hang_up(far)
            back.join()

    def _answer(
        self,
        far: socket.socket,
        near: socket.socket,
        asking: threading.Event,
    ) -> None:
        for data in _received(far):
            asking.clear()
            with contextlib.suppress(OSError):
                near.sendall(data)
        _hang_up(near)


def _named(counts: Sequence[int]) -> dict[str, int]:
    return dict(zip(CALLS, counts, strict=True))


def _received(end: socket.socket) -> Iterator[bytes]:
    with contextlib.suppress(OSError):
        while data := end.recv(65536):
            yield data


def _hang_up(end: socket.socket) -> None:
    with contextlib.suppress(OSError):
        end.shutdown(socket.SHUT_RDWR)
