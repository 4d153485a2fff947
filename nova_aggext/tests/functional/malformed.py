# SPDX-License-Identifier: Apache-2.0
"""Requests that are not well-formed HTTP, and what comes back for them."""

import dataclasses
import re
import socket

# Seconds until a server has answered, or closed the connection.
PATIENCE = 20

_HOST = b'Host: 127.0.0.1\r\n'
_JSON = b'Content-Type: application/json\r\n'
_POST = b'POST /v2.1/os-aggregates HTTP/1.1\r\n' + _HOST + _JSON
_GET = b'GET /v2.1/os-aggregates HTTP/1.1\r\n' + _HOST
_BODY = b'{"aggregate": {"name": "malformed"}}'
_CHUNKED = _POST + b'Transfer-Encoding: chunked\r\n\r\n'
_STATUS = re.compile(rb'^HTTP/1\.[01] (\d{3}) ', re.MULTILINE)


@dataclasses.dataclass(frozen=True)
class Sample:
    """One request, and whether the application is to refuse it itself."""

    name: str
    sent: bytes
    ours: bool = False


def _with(*headers: bytes) -> bytes:
    return _POST + b''.join(one + b'\r\n' for one in headers) + b'\r\n'


BODIES = (
    Sample('short body', _with(b'Content-Length: 500') + _BODY, ours=True),
    Sample('no body at all', _with(b'Content-Length: 500'), ours=True),
    Sample('chunk size of letters', _CHUNKED + b'xyz\r\n' + _BODY),
    Sample('negative chunk size', _CHUNKED + b'-5\r\n' + _BODY),
    Sample('no chunk size', _CHUNKED + b'\r\n' + _BODY),
    Sample('chunk size with a plus', _CHUNKED + b'+5\r\nabcde\r\n0\r\n\r\n'),
    Sample('chunk size with 0x', _CHUNKED + b'0x5\r\nabcde\r\n0\r\n\r\n'),
    Sample('huge chunk size', _CHUNKED + b'f' * 40 + b'\r\n' + _BODY),
    Sample('chunk without its end', _CHUNKED + b'5\r\nabcdeXX0\r\n\r\n'),
    Sample('chunk that ends early', _CHUNKED + b'50\r\nabcde'),
    Sample('chunks without an end', _CHUNKED + b'5\r\nabcde\r\n'),
    Sample('trailer of nonsense', _CHUNKED + b'0\r\nnon sense\r\n\r\n'),
    Sample('chunk ends with newlines', _CHUNKED + b'5\nabcde\n0\n\n'),
)
_LENGTHS = (
    Sample('endless chunk size', _CHUNKED + b'1' * 100_000),
    Sample('length of letters', _with(b'Content-Length: abc') + _BODY),
    Sample('negative length', _with(b'Content-Length: -1') + _BODY),
    Sample('empty length', _with(b'Content-Length:') + _BODY),
    Sample('length with a plus', _with(b'Content-Length: +5') + _BODY),
    Sample('length of a fraction', _with(b'Content-Length: 1.5') + _BODY),
    Sample('huge length', _with(b'Content-Length: ' + b'9' * 30) + _BODY),
    Sample('very long length', _with(b'Content-Length: ' + b'9' * 5000)),
    Sample(
        'two lengths',
        _with(b'Content-Length: 36', b'Content-Length: 5') + _BODY,
    ),
    Sample('two lengths in one', _with(b'Content-Length: 36, 5') + _BODY),
    Sample(
        'length and chunks',
        _with(b'Content-Length: 5', b'Transfer-Encoding: chunked')
        + b'xyz\r\n',
    ),
    Sample('unknown coding', _with(b'Transfer-Encoding: x') + _BODY),
    Sample(
        'chunked twice', _with(b'Transfer-Encoding: chunked, chunked') + _BODY
    ),
)
_HEADS = (
    Sample('no request line', b'\r\n\r\n\r\n\r\n'),
    Sample('nonsense', b'nonsense\r\n\r\n'),
    Sample('binary', bytes(range(256)) + b'\r\n\r\n'),
    Sample('TLS', b'\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03' * 20),
    Sample('no version', b'GET /v2.1/os-aggregates \r\n' + _HOST + b'\r\n'),
    Sample('version of letters', b'GET / HTTP/x.y\r\n' + _HOST + b'\r\n'),
    Sample('version 9', b'GET / HTTP/9.9\r\n' + _HOST + b'\r\n'),
    Sample('blanks in the line', b'GET / x y HTTP/1.1\r\n' + _HOST + b'\r\n'),
    Sample('method of no form', b'G(T / HTTP/1.1\r\n' + _HOST + b'\r\n'),
    Sample('long method', b'G' * 10_000 + b' / HTTP/1.1\r\n\r\n'),
    Sample('long line', b'GET /' + b'x' * 300_000 + b' HTTP/1.1\r\n\r\n'),
    Sample('header without a colon', _GET + b'nonsense\r\n\r\n'),
    Sample('header without a name', _GET + b': value\r\n\r\n'),
    Sample('name with a blank', _GET + b'X Y: value\r\n\r\n'),
    Sample('blank before the colon', _GET + b'X-Y : value\r\n\r\n'),
    Sample('NUL in a value', _GET + b'X-Y: a\x00b\r\n\r\n'),
    Sample('CR in a value', _GET + b'X-Y: a\rb\r\n\r\n'),
    Sample('folded header', _GET + b'X-Y: a\r\n b\r\n\r\n'),
    Sample('bytes in a value', _GET + b'X-Y: \xff\xfe\r\n\r\n'),
    Sample('long header', _GET + b'X-Y: ' + b'x' * 300_000 + b'\r\n\r\n'),
    Sample('many headers', _GET + b'X-Y: x\r\n' * 10_000 + b'\r\n'),
    Sample('no host', b'GET /v2.1/os-aggregates HTTP/1.1\r\n\r\n'),
    Sample('two hosts', _GET + _HOST + b'\r\n'),
    Sample(
        'host of no form', b'GET /v2.1/ HTTP/1.1\r\nHost: a b/\xff\r\n\r\n'
    ),
    Sample('target is a URL', b'GET http://[::1/ HTTP/1.1\r\n\r\n'),
    Sample('target is a name', b'GET nowhere HTTP/1.1\r\n' + _HOST + b'\r\n'),
    Sample('target is a star', b'GET * HTTP/1.1\r\n' + _HOST + b'\r\n'),
    Sample('tunnel', b'CONNECT a:1 HTTP/1.1\r\n' + _HOST + b'\r\n'),
    Sample('expects the unknown', _with(b'Expect: x', b'Content-Length: 3')),
    Sample('upgrade', _GET + b'Connection: upgrade\r\nUpgrade: h2c\r\n\r\n'),
    Sample('HTTP/2', b'PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n'),
    Sample('half a head', _GET + b'X-Y: half'),
)
SAMPLES = (*BODIES, *_LENGTHS, *_HEADS)


def post(body: bytes) -> bytes:
    """Give a request that is well-formed, but for its body perhaps."""
    length = b'Content-Length: %d' % len(body)
    return _with(length, b'Connection: close') + body


def answers(
    port: int, sent: bytes, *, end: bool = True
) -> tuple[list[int], bytes]:
    """Send bytes; give the statuses and all that came back.

    :param end: whether the client says that no more will come
    """
    received = b''
    with socket.create_connection(('127.0.0.1', port), PATIENCE) as client:
        client.settimeout(PATIENCE)
        try:
            client.sendall(sent)
            if end:
                client.shutdown(socket.SHUT_WR)
            while part := client.recv(65536):
                received += part
        except OSError:
            # It closed before it read all.
            pass
    return [int(one) for one in _STATUS.findall(received)], received
