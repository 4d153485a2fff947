# SPDX-License-Identifier: Apache-2.0
"""Requests made up at random, right and wrong ones."""

from collections.abc import Callable
import dataclasses
import functools
import json
import random
from typing import Any

from nova_aggext.tests.functional.contract import client

# What a path has in place of an aggregate that is not there.
MISSING = 999999

HOSTS = ('h1', 'h2', 'h3', 'busy')
# A host without a compute node; see defect D3.
NODELESS = 'nodeless'


@dataclasses.dataclass(frozen=True)
class Step:
    """One request, of which only the id of its aggregate is open.

    :ivar target: which of the aggregates made before, or a text for its id
    """

    kind: str
    method: str
    target: int | str | None
    suffix: str
    body: Any
    version: str | None
    api: str

    def request(self, ids: list[int]) -> client.Request:
        """Return the request, given the ids of the aggregates."""
        headers = {'Content-Type': 'application/json'}
        if self.version is not None:
            headers['OpenStack-API-Version'] = f'compute {self.version}'
        return client.Request(
            method=self.method,
            path=f'{self.api}/os-aggregates{self._id(ids)}{self.suffix}',
            headers=headers,
            body=self.content,
            chunked=False,
        )

    @property
    def content(self) -> bytes | None:
        """Return the body as it is sent."""
        if self.body is None or isinstance(self.body, bytes):
            return self.body
        return json.dumps(self.body).encode()

    @property
    def text(self) -> str:
        """Return the body for comparisons."""
        if isinstance(self.body, bytes):
            return repr(self.body)
        return json.dumps(self.body, ensure_ascii=False)

    def _id(self, ids: list[int]) -> str:
        if self.target is None:
            return ''
        if isinstance(self.target, str):
            return f'/{self.target}'
        known = self.target < len(ids)
        return f'/{ids[self.target] if known else MISSING}'


@dataclasses.dataclass(frozen=True)
class Pool:
    """Values of one kind: good ones, and one time in twelve an odd one."""

    good: tuple[Any, ...]
    odd: tuple[Any, ...]

    def pick(self, rng: random.Random) -> Any:
        """Return one of them."""
        return rng.choice(self.odd if rng.random() < 1 / 12 else self.good)


LONG = ('x' * 255, 'x' * 256)
EMOJI = '\U0001f600'
SURROGATE = '\ud800'
WRONG_TYPES: tuple[Any, ...] = (5, True, {}, [])

NAMES = Pool(
    ('a', 'b', 'c', 'd', 'e', 'A', 'á', ' b ', 'e f'),
    ('', ' ', 'a\n', '名', EMOJI, 'ß', None, 'a\tb', 'a:b', 's', 'nul\x00')
    + (*LONG, *WRONG_TYPES, SURROGATE),
)
ZONES = Pool(
    ('z1', 'z2', 'z1', 'z2', None),
    ('Z1', ' z1 ', 'a:b', '', ' ', 'z\n', EMOJI, 'é', 'a\tb', SURROGATE)
    + (*LONG, *WRONG_TYPES),
)
HOST_NAMES = Pool(
    (*HOSTS, *HOSTS, 'gone'),
    ('H1', NODELESS, 'h1\n', '', ' ', 'a b', None, 'h1 ', 'é', EMOJI)
    + (*LONG, *WRONG_TYPES),
)
KEYS = Pool(
    ('k', 'l', 'm', 'availability_zone', 'a.b:c-d_e', 'a b'),
    ('K', 'k ', ' k', 'Availability_Zone', '', 'é', 'k\n', 'a/b', EMOJI)
    + LONG,
)
VALUES = Pool(
    ('z1', 'z2', 'v', None),
    ('', ' ', 'v\n', ' z1 ', 'a:b', EMOJI, SURROGATE, *LONG, *WRONG_TYPES),
)
VERSIONS = Pool(
    (None, '2.1', '2.40', '2.41', '2.80', '2.81', '2.104', 'latest'),
    ('2.105', '2.0', '1.0', '3.0', 'x', '2', '', '2.041', '-2.1', '2.1.1'),
)
TARGETS = Pool((0, 0, 1, 1, 2, 3), (9, 'x', '+1', '1.0', '', '-1', '0'))
APIS = Pool(('/v2.1',), ('/v2',))
MORE = Pool(({},), ({'more': 1}, {'name': None}, {'hosts': []}))
RAW = (
    *(b'', b'{', b'null', b'5', b'[]', b'[{}]', b'"add_host"', b'{}'),
    *(b'\xff', b'{"aggregate": null}', b'{"aggregate": []}'),
    *(b'{"nothing": {}}', b'{"add_host": null}'),
    b'{"add_host": {}, "remove_host": {}}',
)
RAW_PLACES = (('POST', '/action'), ('PUT', ''))

# As often as they are named.
KINDS = (
    *('create', 'update', 'add_host', 'set_metadata') * 5,
    *('remove_host',) * 3,
    *('delete', 'show', 'list', 'raw'),
)


def sequence(rng: random.Random, length: int = 25) -> list[Step]:
    """Return requests that begin with the making of two aggregates."""
    first = [
        _made(rng, 'create', {'aggregate': {'name': name}}, odd=False)
        for name in ('a', 'b')
    ]
    return first + [_step(rng, rng.choice(KINDS)) for _ in range(length)]


def _step(rng: random.Random, kind: str) -> Step:
    """Return one request of a kind."""
    if kind == 'raw':
        method, suffix = rng.choice(RAW_PLACES)
        made = _made(rng, kind, rng.choice(RAW))
        return dataclasses.replace(made, method=method, suffix=suffix)
    return _made(rng, kind, _BODIES.get(kind, _nothing)(rng))


def _made(
    rng: random.Random, kind: str, body: Any, *, odd: bool = True
) -> Step:
    """Return a request with a body."""
    method, suffix, has_target = _PLACES[kind]
    return Step(
        kind=kind,
        method=method,
        target=TARGETS.pick(rng) if has_target else None,
        suffix=suffix,
        body=body,
        version=VERSIONS.pick(rng) if odd else None,
        api=APIS.pick(rng),
    )


def _nothing(rng: random.Random) -> None:
    """Return no body."""


def _create(rng: random.Random) -> Any:
    fields = {'name': NAMES.pick(rng)}
    if rng.random() < 0.5:
        fields['availability_zone'] = ZONES.pick(rng)
    return {'aggregate': {**fields, **MORE.pick(rng)}}


def _update(rng: random.Random) -> Any:
    fields = {'name': NAMES.pick(rng), 'availability_zone': ZONES.pick(rng)}
    if rng.random() < 0.8:
        del fields[rng.choice(list(fields))]
    return {'aggregate': {**fields, **MORE.pick(rng)}}


def _host(name: str, rng: random.Random) -> Any:
    return {name: {'host': HOST_NAMES.pick(rng), **MORE.pick(rng)}}


def _set_metadata(rng: random.Random) -> Any:
    count = rng.choice((0, 1, 1, 1, 2, 3))
    metadata = {KEYS.pick(rng): VALUES.pick(rng) for _ in range(count)}
    return {'set_metadata': {'metadata': metadata, **MORE.pick(rng)}}


_BODIES: dict[str, Callable[[random.Random], Any]] = {
    'create': _create,
    'update': _update,
    'add_host': functools.partial(_host, 'add_host'),
    'remove_host': functools.partial(_host, 'remove_host'),
    'set_metadata': _set_metadata,
}
# Method, end of the path, and whether an aggregate is named.
_PLACES = {
    'create': ('POST', '', False),
    'update': ('PUT', '', True),
    'delete': ('DELETE', '', True),
    'show': ('GET', '', True),
    'list': ('GET', '', False),
    'add_host': ('POST', '/action', True),
    'remove_host': ('POST', '/action', True),
    'set_metadata': ('POST', '/action', True),
    'raw': ('POST', '', True),
}
