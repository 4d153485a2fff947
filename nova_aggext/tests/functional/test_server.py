# SPDX-License-Identifier: Apache-2.0
"""The standalone server as a process, under each server it can run on."""

import concurrent.futures
import dataclasses
import http.client
import json
import os
import pathlib
import re
import shutil
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterable
from typing import Any

import fixtures

from nova_aggext import version
from nova_aggext.hosts import registered
from nova_aggext.tests import base
from nova_aggext.tests.functional import databases
from nova_aggext.tests.functional import server
from nova_aggext.tests.functional.db import proxy

BIN = os.path.dirname(sys.executable)
API = os.path.join(BIN, 'nova-aggext-api')
MANAGE = os.path.join(BIN, 'nova-aggext-manage')
AGGREGATES = '/v2.1/os-aggregates'
LARGEST_BODY = 114688
PATIENCE = server.PATIENCE

GUNICORN = [
    os.path.join(BIN, 'gunicorn'),
    '--bind=127.0.0.1:{port}',
    '--workers=2',
    '--threads=4',
    '--preload',
    'nova_aggext.server:application',
]
# The application is made before the processes part, as by --preload.
UWSGI = [
    os.path.join(BIN, 'uwsgi'),
    '--http-socket=127.0.0.1:{port}',
    '--module=nova_aggext.server:application',
    '--master',
    '--processes=2',
    '--threads=4',
    '--die-on-term',
    '--need-app',
]


@dataclasses.dataclass(frozen=True)
class Answer:
    """What came back for one request."""

    status: int
    headers: dict[str, str]
    body: bytes

    def json(self) -> Any:
        """Give the body, which is JSON."""
        return json.loads(self.body)


def connect(port: int) -> http.client.HTTPConnection:
    """Connect to a server of this machine."""
    return http.client.HTTPConnection('127.0.0.1', port, timeout=PATIENCE)


def send(
    connection: http.client.HTTPConnection,
    method: str,
    path: str,
    body: object = None,
) -> Answer:
    """Send one request on a connection, a body as JSON."""
    data = None if body is None else json.dumps(body).encode()
    headers = {} if body is None else {'Content-Type': 'application/json'}
    connection.request(method, path, data, headers)
    return receive(connection)


def receive(connection: http.client.HTTPConnection) -> Answer:
    """Read one answer."""
    answer = connection.getresponse()
    headers = {name.lower(): value for name, value in answer.getheaders()}
    return Answer(answer.status, headers, answer.read())


def ask(port: int, method: str, path: str, body: object = None) -> Answer:
    """Send one request on a connection of its own."""
    connection = connect(port)
    try:
        return send(connection, method, path, body)
    finally:
        connection.close()


def named(name: str) -> dict[str, dict[str, str]]:
    """Give the body that creates an aggregate."""
    return {'aggregate': {'name': name}}


class RunningTest(base.TestCase):
    """One server that all these tests ask."""

    server: server.Server

    @classmethod
    def setUpClass(cls) -> None:
        super().setUpClass()
        cls.server = server.Server('postgresql')
        cls.server.setUp()
        cls.addClassCleanup(cls.server.cleanUp)

    def setUp(self) -> None:
        super().setUp()
        self.connection = connect(self.server.port)
        self.addCleanup(self.connection.close)

    def send(self, method: str, path: str, body: object = None) -> Answer:
        """Send a request on the connection of the test."""
        return send(self.connection, method, path, body)

    def test_keep_alive(self) -> None:
        """A connection serves many requests, refused ones among them."""
        self.assertEqual(200, self.send('GET', AGGREGATES).status)
        first = self.connection.sock
        self.assertIsNotNone(first)
        for method, path, body, status in (
            ('HEAD', '/', None, 200),
            ('GET', f'{AGGREGATES}/987654', None, 404),
            ('POST', AGGREGATES, {'no': 'aggregate'}, 400),
            ('GET', '/v2.1/nonexistent', None, 404),
            ('OPTIONS', AGGREGATES, None, 200),
            ('GET', AGGREGATES, None, 200),
        ):
            answer = self.send(method, path, body)
            self.assertEqual(status, answer.status, path)
        self.assertIs(first, self.connection.sock)

    def test_chunked_body(self) -> None:
        text = json.dumps(named('chunked')).encode()
        parts: Iterable[bytes] = (bytes([byte]) for byte in text)
        headers = {'Content-Type': 'application/json'}
        self.connection.request(
            'POST', AGGREGATES, parts, headers, encode_chunked=True
        )
        answer = receive(self.connection)
        self.assertEqual(200, answer.status)
        self.assertEqual('chunked', answer.json()['aggregate']['name'])

    def test_body_too_large(self) -> None:
        answer = self.send('POST', AGGREGATES, named('x' * LARGEST_BODY))
        self.assertEqual(413, answer.status)

    def test_chunked_body_too_large(self) -> None:
        parts = (b' ' * 1024 for _ in range(1 + LARGEST_BODY // 1024))
        headers = {'Content-Type': 'application/json', 'Connection': 'close'}
        self.connection.request(
            'POST', AGGREGATES, parts, headers, encode_chunked=True
        )
        self.assertEqual(413, receive(self.connection).status)

    def test_head_has_no_body(self) -> None:
        shown = self.send('GET', '/v2.1/')
        asked = self.send('HEAD', '/v2.1/')
        self.assertEqual((200, b''), (asked.status, asked.body))
        self.assertEqual(str(len(shown.body)), asked.headers['content-length'])
        self.assertEqual(404, self.send('HEAD', AGGREGATES).status)

    def test_options(self) -> None:
        answer = self.send('OPTIONS', AGGREGATES)
        self.assertEqual((200, b''), (answer.status, answer.body))

    def test_health_check(self) -> None:
        self.assertEqual(200, self.send('GET', '/healthcheck').status)
        self.assertEqual(204, self.send('HEAD', '/healthcheck').status)

    def test_requests_at_the_same_time(self) -> None:
        """Of many that create one name only one succeeds."""

        def create(number: int) -> int:
            name = 'same' if number % 2 else f'other{number}'
            return ask(
                self.server.port, 'POST', AGGREGATES, named(name)
            ).status

        with concurrent.futures.ThreadPoolExecutor(16) as threads:
            codes = list(threads.map(create, range(32)))
        self.assertEqual([200] * 16, codes[::2])
        self.assertEqual([200] + [409] * 15, sorted(codes[1::2]))
        found = self.send('GET', AGGREGATES).json()['aggregates']
        names = [one['name'] for one in found if one['name'] == 'same']
        self.assertEqual(['same'], names)

    def test_requests_are_logged(self) -> None:
        answer = self.send('GET', f'{AGGREGATES}?seen=1')
        line = (
            f'"GET {AGGREGATES}?seen=1" status: 200 '
            f'len: {len(answer.body)} microversion: 2.1 '
        )
        # It is written once the answer was sent.
        end = time.monotonic() + PATIENCE
        while line not in self.server.log.read_text():
            self.assertLess(time.monotonic(), end)
            time.sleep(0.01)


class StopTest(base.TestCase):
    """What SIGTERM does."""

    def test_request_in_flight_is_finished(self) -> None:
        one = self.useFixture(server.Server())
        body = json.dumps(named('late')).encode()
        with socket.create_connection(('127.0.0.1', one.port)) as client:
            client.settimeout(PATIENCE)
            client.sendall(
                f'POST {AGGREGATES} HTTP/1.1\r\nHost: localhost\r\n'
                'Content-Type: application/json\r\n'
                'Expect: 100-continue\r\n'
                f'Content-Length: {len(body)}\r\n\r\n'.encode()
            )
            # Sent when the application wants the body: it is in flight.
            self.assertIn(b'100 Continue', client.recv(4096))
            one.process.send_signal(signal.SIGTERM)
            time.sleep(0.5)
            self.assertIsNone(one.process.poll())
            client.sendall(body)
            answer = client.makefile('rb').read()
        self.assertIn(b'HTTP/1.1 200 OK', answer)
        self.assertIn(b'"name":"late"', answer)
        self.assertEqual(0, one.process.wait(PATIENCE))
        self.assertNotIn('Traceback', one.log.read_text())
        one.start()
        listed = ask(one.port, 'GET', AGGREGATES).json()['aggregates']
        self.assertEqual(['late'], [found['name'] for found in listed])

    def test_interrupt(self) -> None:
        one = self.useFixture(server.Server())
        one.process.send_signal(signal.SIGINT)
        self.assertEqual(0, one.process.wait(2 * PATIENCE))


class OtherServersTest(base.TestCase):
    """The WSGI callable in processes that share what was made before."""

    def check(self, kind: str, command: list[str]) -> None:
        """Serve by a command, and stop it."""
        # Gunicorn puts a socket there that is the same for all of a user.
        home = self.useFixture(fixtures.TempHomeDir()).path
        one = self.useFixture(
            server.Server(kind, command=command, folder=home)
        )
        for number in range(4):
            created = ask(one.port, 'POST', AGGREGATES, named(f'n{number}'))
            self.assertEqual(200, created.status)

        def show(_number: int) -> int:
            return len(ask(one.port, 'GET', AGGREGATES).json()['aggregates'])

        with concurrent.futures.ThreadPoolExecutor(8) as threads:
            self.assertEqual([4] * 40, list(threads.map(show, range(40))))
        self.assertEqual(0, one.stop())
        said = one.log.read_text()
        self.assertNotIn('Traceback', said)
        self.assertIn(f'nova-aggext {version.release()} serves', said)

    def test_gunicorn(self) -> None:
        self.check('mysql', GUNICORN)

    def test_uwsgi(self) -> None:
        self.check('postgresql', UWSGI)


class DevTest(base.TestCase):
    """The lab of ``--dev``."""

    def setUp(self) -> None:
        super().setUp()
        self.folder = self.useFixture(fixtures.TempDir()).path
        empty = pathlib.Path(self.folder) / 'empty.conf'
        empty.touch()
        self.server = server.Server(
            command=[
                *(API, '--dev', '--host', 'localhost', '--port', '{port}')
            ],
            conf_file=str(empty),
            folder=self.folder,
        )
        self.useFixture(self.server)

    def manage(self, *arguments: str) -> str:
        """Run nova-aggext-manage on the lab."""
        command = [MANAGE, '--dev', *arguments]
        return subprocess.check_output(command, cwd=self.folder, text=True)

    def test_lab(self) -> None:
        """It says what is where, and that is so."""
        said = self.server.log.read_text()
        url = f'http://localhost:{self.server.port}'
        self.assertIn(f'{url}/v2.1', said)
        ready = f'nova-aggext-api {version.release()} serves {url}'
        self.assertEqual(1, said.count(ready))
        lab = pathlib.Path(self.folder, 'nova-aggext-dev')
        self.assertIn(f'./{lab.name}', said)
        self.assertEqual(
            {'nova-aggext.conf', 'nova-aggext.sqlite'},
            {path.name for path in lab.iterdir()}
            - {'nova-aggext.sqlite-wal', 'nova-aggext.sqlite-shm'},
        )
        self._check_example(said)
        self._check_inventory(said)
        self.assertEqual(0, self.server.stop())
        self.server.start()
        self.assertEqual(['rack1'], self._names())

    def _check_example(self, said: str) -> None:
        """The command it prints does what it shows."""
        if not shutil.which('curl'):
            base.missing('curl', 'not installed')
        example = re.search(r"curl .*?}}'", said, re.DOTALL)
        assert example is not None
        command = f'{example[0]} --silent'
        printed = subprocess.check_output(['sh', '-c', command])
        self.assertEqual('rack1', json.loads(printed)['aggregate']['name'])

    def _check_inventory(self, said: str) -> None:
        """The other command works on the same database."""
        named = re.search(r'hosts: (.*)', said)
        assert named is not None
        command = f'{named[1]} --format json'
        listed = json.loads(
            subprocess.check_output(['sh', '-c', command], cwd=self.folder)
        )
        self.assertEqual(list(server.HOSTS), [one['name'] for one in listed])
        self.manage('host', 'add', 'host5')
        body = {'add_host': {'host': 'host5'}}
        added = ask(self.server.port, 'POST', f'{AGGREGATES}/1/action', body)
        self.assertEqual(200, added.status)
        (change, *_older) = reversed(
            json.loads(self.manage('changes', 'list', '--format', 'json'))
        )
        self.assertEqual('host5', change['host'])

    def _names(self) -> list[str]:
        answer = ask(self.server.port, 'GET', AGGREGATES).json()
        return [one['name'] for one in answer['aggregates']]


class DatabaseAwayTest(base.TestCase):
    """A database that goes away under a running server."""

    def test_away_and_back(self) -> None:
        way = self.useFixture(proxy.Proxy('mysql'))
        db = self.useFixture(databases.Database('mysql', server=way.url))
        registered.RegisteredHosts(db.conf, db.database).add_host('host1')
        one = self.useFixture(server.Server(conf_file=db.conf_file))
        self.assertEqual(200, ask(one.port, 'GET', AGGREGATES).status)
        way.cut()
        try:
            self._check_refused(ask(one.port, 'GET', AGGREGATES))
            self._check_refused(
                ask(one.port, 'POST', AGGREGATES, named('lost'))
            )
            checked = ask(one.port, 'GET', '/healthcheck')
            self.assertEqual(503, checked.status)
            self.assertIn(b'[api_database] connection', checked.body)
            self.assertNotIn(b'127.0.0.1', checked.body)
            shown = ask(one.port, 'GET', '/metrics')
            self.assertEqual(200, shown.status)
            self.assertIn(b'aggext_database_up 0.0', shown.body)
            self.assertNotIn(b'aggext_outbox_messages', shown.body)
        finally:
            way.open()
        checked = ask(one.port, 'GET', '/healthcheck')
        self.assertEqual(200, checked.status)
        shown = ask(one.port, 'GET', '/metrics')
        self.assertIn(b'aggext_database_up 1.0', shown.body)
        created = ask(one.port, 'POST', AGGREGATES, named('rack1'))
        self.assertEqual(200, created.status)
        listed = ask(one.port, 'GET', AGGREGATES).json()['aggregates']
        self.assertEqual(['rack1'], [found['name'] for found in listed])

    def _check_refused(self, answer: Answer) -> None:
        self.assertEqual(503, answer.status)
        self.assertGreater(int(answer.headers['retry-after']), 0)
        fault = answer.json()['serviceUnavailable']
        self.assertEqual(503, fault['code'])
        self.assertIn('[api_database]', fault['message'])
        self.assertNotIn('openstack_citest', answer.body.decode())
