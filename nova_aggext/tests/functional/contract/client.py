# SPDX-License-Identifier: Apache-2.0
"""A client that sends what a case says, be it well-formed or not."""

import dataclasses
import http.client
from collections.abc import Mapping

# Seconds a server has for an answer.
PATIENCE = 60


@dataclasses.dataclass(frozen=True)
class Request:
    """What goes to the server."""

    method: str
    path: str
    headers: Mapping[str, str]
    body: bytes | None
    chunked: bool


@dataclasses.dataclass(frozen=True)
class Answer:
    """What came from the server."""

    status: int
    headers: list[tuple[str, str]]
    body: bytes


class Client:
    """One connection to a server, kept open as long as the server wants."""

    def __init__(self, address: str, port: int) -> None:
        self.address = address
        self.port = port
        self._connection: _Connection | None = None

    def send(self, request: Request) -> Answer:
        """Send a request, again if the kept connection was closed."""
        kept = self._connection is not None
        try:
            return self._send(request)
        except (ConnectionError, http.client.CannotSendRequest):
            self.close()
            if not kept:
                raise
            return self._send(request)

    def close(self) -> None:
        """End the connection."""
        if self._connection is not None:
            self._connection.close()
            self._connection = None

    def _send(self, request: Request) -> Answer:
        if self._connection is None:
            self._connection = _Connection(
                self.address, self.port, timeout=PATIENCE
            )
        _put(self._connection, request)
        response = self._connection.getresponse()
        answer = Answer(
            response.status, response.getheaders(), response.read()
        )
        if response.will_close:
            self.close()
        return answer


class _Connection(http.client.HTTPConnection):
    """Python's connection, which refuses no target."""

    def _validate_path(self, url: str) -> None:
        """Let characters pass that do not belong into a target."""


def _put(connection: _Connection, request: Request) -> None:
    connection.putrequest(
        request.method, request.path, skip_accept_encoding=True
    )
    for name, value in request.headers.items():
        connection.putheader(name, value)
    if request.chunked:
        connection.putheader('Transfer-Encoding', 'chunked')
        connection.endheaders(iter([request.body or b'']), encode_chunked=True)
        return
    if request.body is not None:
        connection.putheader('Content-Length', str(len(request.body)))
    connection.endheaders(request.body)
