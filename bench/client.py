# SPDX-License-Identifier: Apache-2.0
"""A client that costs next to nothing, so that servers are measured."""

from collections.abc import Mapping
import dataclasses
import json
import socket
import time
from typing import Any

HEADERS = {
    'Host': '127.0.0.1',
    'OpenStack-API-Version': 'compute 2.104',
    'Accept': 'application/json',
}
# Seconds that an answer may take.
PATIENCE = 120
_CHUNK = 1 << 20


@dataclasses.dataclass(frozen=True)
class Answer:
    """What came from the server, and how many seconds that took."""

    status: int
    headers: Mapping[str, str]
    content: bytes
    seconds: float

    @property
    def body(self) -> Any:
        """What the JSON of the answer says."""
        return json.loads(self.content)


class Client:
    """One connection, kept open."""

    def __init__(self, port: int) -> None:
        self._port = port
        self._socket: socket.socket | None = None

    def call(
        self,
        method: str,
        path: str,
        body: Any = None,
        headers: Mapping[str, str] | None = None,
    ) -> Answer:
        """Send a request and read the whole answer."""
        request = _request(method, path, body, headers or {})
        kept = self._socket is not None
        try:
            return self._call(request)
        except ConnectionError:
            self.close()
            if not kept:
                raise
            return self._call(request)

    def close(self) -> None:
        """End the connection."""
        if self._socket is not None:
            self._socket.close()
            self._socket = None

    def _call(self, request: bytes) -> Answer:
        if self._socket is None:
            self._socket = socket.create_connection(
                ('127.0.0.1', self._port), PATIENCE
            )
            self._socket.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        started = time.perf_counter()
        self._socket.sendall(request)
        head, content = self._read_head(self._socket)
        status, headers = _parse(head)
        content = self._read_rest(self._socket, headers, content)
        seconds = time.perf_counter() - started
        if headers.get('connection', '').lower() == 'close':
            self.close()
        return Answer(status, headers, content, seconds)

    def _read_head(self, connection: socket.socket) -> tuple[bytes, bytes]:
        found = b''
        while b'\r\n\r\n' not in found:
            found += _more(connection)
        head, _, rest = found.partition(b'\r\n\r\n')
        return head, rest

    def _read_rest(
        self, connection: socket.socket, headers: Mapping[str, str], got: bytes
    ) -> bytes:
        parts = [got]
        if 'content-length' in headers:
            missing = int(headers['content-length']) - len(got)
            while missing > 0:
                parts.append(_more(connection))
                missing -= len(parts[-1])
            return b''.join(parts)
        if headers.get('transfer-encoding', '').lower() == 'chunked':
            while not b''.join(parts[-2:]).endswith(b'0\r\n\r\n'):
                parts.append(_more(connection))
            return _dechunk(b''.join(parts))
        return got


def _request(
    method: str, path: str, body: Any, headers: Mapping[str, str]
) -> bytes:
    content = b'' if body is None else json.dumps(body).encode()
    named = {**HEADERS, **headers}
    if body is not None:
        named['Content-Type'] = 'application/json'
        named['Content-Length'] = str(len(content))
    lines = [f'{method} {path} HTTP/1.1']
    lines += [f'{name}: {value}' for name, value in named.items()]
    return '\r\n'.join([*lines, '', '']).encode() + content


def _more(connection: socket.socket) -> bytes:
    data = connection.recv(_CHUNK)
    if not data:
        raise ConnectionResetError('The server closed the connection')
    return data


def _parse(head: bytes) -> tuple[int, dict[str, str]]:
    first, *lines = head.decode('latin-1').split('\r\n')
    pairs = (line.split(':', 1) for line in lines)
    headers = {name.lower(): value.strip() for name, value in pairs}
    return int(first.split()[1]), headers


def _dechunk(content: bytes) -> bytes:
    parts = []
    while content:
        length, _, content = content.partition(b'\r\n')
        size = int(length, 16)
        parts.append(content[:size])
        content = content[size + 2 :]
    return b''.join(parts)
