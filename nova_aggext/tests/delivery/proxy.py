# SPDX-License-Identifier: Apache-2.0
"""An HTTP server that passes on, records, and fails as it is told."""

from collections.abc import Callable
import dataclasses
import http.client
from http import server as http_server
import json
import socket
import threading
from typing import Any

import fixtures

from nova_aggext.tests.functional import server

VERSION = 'OpenStack-API-Version'
LOOPBACK = '127.0.0.1'
# Seconds after which a hanging call is let go in any case.
_LONGEST = 30


@dataclasses.dataclass
class Call:
    """A request and what it was answered; 0 when it was not."""

    method: str
    path: str
    headers: dict[str, str]
    body: Any
    status: int = 0
    answer: Any = None
    version: str | None = None


@dataclasses.dataclass
class Fault:
    """What goes wrong for some requests.

    :ivar matches: which requests
    :ivar times: how often; afterwards they are served
    :ivar status: the status of the answer; None: there is none
    :ivar text: the body of the answer
    :ivar version: the microversion that the answer names; none where
        something else answers than placement
    :ivar before: called first; the request is served then
    """

    matches: Callable[[Call], bool]
    times: int = 1
    status: int | None = None
    text: str = '{"errors": []}'
    content_type: str = 'application/json'
    version: str | None = 'placement 1.19'
    before: Callable[[], None] | None = None


class Server(fixtures.Fixture):
    """A server in threads of this process; what it answers is to be told.

    :ivar calls: what came in, in order
    """

    def _setUp(self) -> None:
        self.calls: list[Call] = []
        self.faults: list[Fault] = []
        self._released = threading.Event()
        self._http: http_server.ThreadingHTTPServer | None = None
        self.port = server.free_port()
        self.url = f'http://{LOOPBACK}:{self.port}'
        self.serve()
        self.addCleanup(self.refuse)
        self.addCleanup(self.release)

    def answer(self, call: Call) -> tuple[int, str, bytes]:
        """Give status, content type and body."""
        raise NotImplementedError

    def serve(self) -> None:
        """Let connections in, again."""
        outer = self

        class Handler(_Handler):
            owner = outer

        self._http = _Threads((LOOPBACK, self.port), Handler)
        threading.Thread(
            target=self._http.serve_forever, args=(0.02,), daemon=True
        ).start()

    def refuse(self) -> None:
        """Refuse connections, and end those there are."""
        if self._http is not None:
            self._http.shutdown()
            self._http.server_close()
            self._http = None

    def release(self) -> None:
        """Let hanging calls end, without an answer."""
        self.faults.clear()
        self._released.set()
        self._released = threading.Event()

    def take(self) -> list[Call]:
        """Give what has come since the last time."""
        found, self.calls = self.calls, []
        return found

    def handle(self, call: Call) -> tuple[int, str, bytes] | None:
        """Answer as told; None for no answer."""
        self.calls.append(call)
        fault = self._fault(call)
        if fault is not None and fault.before is None:
            if fault.status is None:
                self._released.wait(_LONGEST)
                return None
            call.status = fault.status
            call.version = fault.version
            return fault.status, fault.content_type, fault.text.encode()
        if fault is not None and fault.before is not None:
            fault.before()
        status, kind, body = self.answer(call)
        call.status = status
        call.answer = _parsed(body)
        return status, kind, body

    def _fault(self, call: Call) -> Fault | None:
        for fault in self.faults:
            if fault.times and fault.matches(call):
                fault.times -= 1
                return fault
        return None


class Proxy(Server):
    """A server that asks another one."""

    def __init__(self, target: str) -> None:
        """Take where the other one is, as ADDRESS:PORT."""
        super().__init__()
        self.target = target

    def answer(self, call: Call) -> tuple[int, str, bytes]:
        """Ask the other server."""
        connection = http.client.HTTPConnection(self.target, timeout=60)
        try:
            body = None if call.body is None else json.dumps(call.body)
            headers = {
                name: value
                for name, value in call.headers.items()
                if name not in ('connection', 'content-length', 'host')
            }
            connection.request(call.method, call.path, body, headers)
            answer = connection.getresponse()
            call.version = answer.getheader(VERSION)
            kind = answer.getheader('Content-Type') or 'text/plain'
            return answer.status, kind, answer.read()
        finally:
            connection.close()


class _Threads(http_server.ThreadingHTTPServer):
    daemon_threads = True
    allow_reuse_address = True
    block_on_close = False

    def __init__(self, *arguments: Any) -> None:
        self.open: set[Any] = set()
        super().__init__(*arguments)

    def process_request(self, request: Any, address: Any) -> None:
        self.open.add(request)
        super().process_request(request, address)

    def shutdown_request(self, request: Any) -> None:
        self.open.discard(request)
        super().shutdown_request(request)

    def server_close(self) -> None:
        """Close what is open as well, as a process that ends does."""
        super().server_close()
        for request in list(self.open):
            try:
                request.shutdown(socket.SHUT_RDWR)
            except OSError:
                continue

    def handle_error(self, request: Any, address: Any) -> None:
        """Say nothing of callers that went away."""


class _Handler(http_server.BaseHTTPRequestHandler):
    protocol_version = 'HTTP/1.1'
    owner: Server

    def log_message(self, format: str, *arguments: Any) -> None:
        """Say nothing."""

    def _serve(self) -> None:
        length = int(self.headers.get('Content-Length') or 0)
        call = Call(
            method=self.command,
            path=self.path,
            headers={
                name.lower(): value for name, value in self.headers.items()
            },
            body=_parsed(self.rfile.read(length)),
        )
        answer = self.owner.handle(call)
        if answer is None:
            self.close_connection = True
            return
        status, kind, body = answer
        self.send_response(status)
        if call.version is not None:
            self.send_header(VERSION, call.version)
        if status != http.client.NO_CONTENT:
            self.send_header('Content-Type', kind)
            self.send_header('Content-Length', str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    do_GET = do_POST = do_PUT = do_DELETE = _serve


def _parsed(text: bytes) -> Any:
    try:
        return json.loads(text) if text else None
    except ValueError:
        return None
