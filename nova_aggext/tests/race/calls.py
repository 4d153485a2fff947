# SPDX-License-Identifier: Apache-2.0
"""Calls of the API as data, and a client that sends them."""

import dataclasses
import http.client
import json
import time
import uuid
from collections.abc import Mapping
from typing import Any

ZONE_KEY = 'availability_zone'
PATH = '/v2.1/os-aggregates'
# Seconds until a call counts as not answered.
PATIENCE = 120

Metadata = tuple[tuple[str, str | None], ...]


@dataclasses.dataclass(frozen=True, slots=True)
class Call:
    """One call of the API.

    :ivar verb: what is asked for
    :ivar aggregate: an aggregate id; in tables of calls a position in the
        list of the aggregates that were prepared
    """

    verb: str
    aggregate: int = 0
    name: str | None = None
    zone: str | None = None
    host: str | None = None
    metadata: Metadata = ()

    @property
    def changes(self) -> bool:
        """Say whether it changes something when it succeeds."""
        return self.verb not in ('show', 'list')


def create(name: str, zone: str | None = None) -> Call:
    return Call('create', name=name, zone=zone)


def rename(aggregate: int, name: str) -> Call:
    return Call('update', aggregate, name=name)


def move(aggregate: int, zone: str) -> Call:
    return Call('update', aggregate, zone=zone)


def update(aggregate: int, name: str, zone: str) -> Call:
    return Call('update', aggregate, name=name, zone=zone)


def set_metadata(aggregate: int, **metadata: str | None) -> Call:
    items = tuple(metadata.items())
    return Call('set_metadata', aggregate, metadata=items)


def add(aggregate: int, host: str) -> Call:
    return Call('add_host', aggregate, host=host)


def remove(aggregate: int, host: str) -> Call:
    return Call('remove_host', aggregate, host=host)


def delete(aggregate: int) -> Call:
    return Call('delete', aggregate)


def show(aggregate: int) -> Call:
    return Call('show', aggregate)


def list_all() -> Call:
    return Call('list')


@dataclasses.dataclass(frozen=True, slots=True)
class Answer:
    """What came back; the status is 0 when nothing did.

    :ivar sent, received: moments on the clock ``time.monotonic``
    :ivar key: the id that the request carried
    :ivar port: of the server that was asked
    """

    status: int
    headers: Mapping[str, str]
    body: Any
    sent: float
    received: float
    key: str
    port: int = 0


class Caller:
    """Sends calls to one server over a connection that it keeps."""

    def __init__(self, port: int) -> None:
        self.port = port
        self._connect()

    def send(self, call: Call) -> Answer:
        """Send a call and wait for its answer."""
        method, path, body = _request(call)
        key = f'req-{uuid.uuid4()}'
        headers = {
            'Content-Type': 'application/json',
            'X-OpenStack-Request-ID': key,
        }
        content = None if body is None else json.dumps(body).encode()
        sent = time.monotonic()
        status, more, text = self._exchange(method, path, content, headers)
        received = time.monotonic()
        parsed = json.loads(text) if text else None
        return Answer(status, more, parsed, sent, received, key, self.port)

    def close(self) -> None:
        """Close the connection."""
        self._connection.close()

    def _connect(self) -> None:
        self._connection = http.client.HTTPConnection(
            '127.0.0.1', self.port, timeout=PATIENCE
        )

    def _exchange(
        self,
        method: str,
        path: str,
        content: bytes | None,
        headers: Mapping[str, str],
    ) -> tuple[int, Mapping[str, str], bytes]:
        try:
            self._connection.request(method, path, content, headers)
            answer = self._connection.getresponse()
            return answer.status, dict(answer.headers), answer.read()
        except (OSError, http.client.HTTPException):
            self._connection.close()
            self._connect()
            return 0, {}, b''


def _request(call: Call) -> tuple[str, str, Any]:
    one = f'{PATH}/{call.aggregate}'
    if call.verb in ('show', 'list'):
        return 'GET', one if call.verb == 'show' else PATH, None
    if call.verb == 'delete':
        return 'DELETE', one, None
    if call.verb in ('create', 'update'):
        wanted = {'name': call.name, ZONE_KEY: call.zone}
        body = {key: text for key, text in wanted.items() if text is not None}
        if call.verb == 'create':
            return 'POST', PATH, {'aggregate': body}
        return 'PUT', one, {'aggregate': body}
    argument: dict[str, Any] = {'host': call.host}
    if call.verb == 'set_metadata':
        argument = {'metadata': dict(call.metadata)}
    return 'POST', f'{one}/action', {call.verb: argument}
