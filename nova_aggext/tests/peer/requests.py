# SPDX-License-Identifier: Apache-2.0
"""Requests made up at random, right and wrong ones."""

import dataclasses
import json
from typing import Any

from hypothesis import strategies as st

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


def _often(good: tuple[Any, ...], odd: tuple[Any, ...]) -> Any:
    """Return a strategy that gives an odd value one time in twelve."""
    return st.integers(0, 11).flatmap(
        lambda chance: st.sampled_from(good if chance else odd)
    )


NAMES = _often(
    ('a', 'b', 'c', 'd', 'A', 'á', ' b ', 'e f'),
    ('', ' ', 'x' * 255, 'x' * 256, 'a\n', '名', '\U0001f600', 'ß', 5, None)
    + ('a\tb', 'a:b', 's', 'nul\x00', {}, [], True, '\ud800'),
)
ZONES = _often(
    ('z1', 'z2', 'z1', 'z2', None),
    ('Z1', ' z1 ', 'a:b', '', ' ', 'z\n', 'x' * 256, 5, '\U0001f600', 'é')
    + ('x' * 255, {}, 'a\tb', True),
)
HOST_NAMES = _often(
    (*HOSTS, *HOSTS, 'gone'),
    ('H1', NODELESS, 'h1\n', '', ' ', 'x' * 256, 'a b', 7, None, 'h1 ', 'é'),
)
KEYS = _often(
    ('k', 'l', 'm', 'availability_zone', 'a.b:c-d_e', 'a b'),
    ('K', 'k ', ' k', 'Availability_Zone', '', 'é', 'x' * 255, 'x' * 256)
    + ('k\n', 'a/b', '\U0001f600'),
)
VALUES = _often(
    ('z1', 'z2', 'v', None),
    ('', ' ', 'x' * 255, 'x' * 256, 5, True, {}, [], '\U0001f600', 'v\n')
    + ('\ud800', ' z1 ', 'a:b'),
)
VERSIONS = _often(
    (None, '2.1', '2.40', '2.41', '2.80', '2.81', '2.104', 'latest'),
    ('2.105', '2.0', '1.0', '3.0', 'x', '2', '', '2.041', '-2.1', '2.1.1'),
)
TARGETS = _often((0, 0, 0, 1, 1, 2), (9, 'x', '+1', ' 1', '1.0', '', '-1'))
APIS = st.sampled_from(('/v2.1',) * 7 + ('/v2',))
MORE = _often(({},), ({'more': 1}, {'name': None}, {'hosts': []}))
RAW = st.sampled_from(
    (b'', b'{', b'null', b'5', b'[]', b'[{}]', b'"add_host"', b'{}', b'\xff')
    + (b'{"aggregate": null}', b'{"aggregate": []}', b'{"nothing": {}}')
    + (b'{"add_host": {}, "remove_host": {}}', b'{"add_host": null}')
)


def _step(kind: str, method: str, suffix: str, target: Any, body: Any) -> Any:
    """Return a strategy of one kind of request."""
    return st.builds(
        Step,
        kind=st.just(kind),
        method=st.just(method),
        target=target,
        suffix=st.just(suffix),
        body=body,
        version=VERSIONS,
        api=APIS,
    )


def _aggregate(optional: bool) -> Any:
    """Return a strategy of bodies of create and update."""
    parts = {'name': NAMES, 'availability_zone': ZONES}
    required = st.fixed_dictionaries(
        {} if optional else {'name': NAMES},
        optional=parts if optional else {'availability_zone': ZONES},
    )
    return st.builds(
        lambda fields, more: {'aggregate': {**fields, **more}}, required, MORE
    )


def _action(name: str, content: Any) -> Any:
    body = st.builds(
        lambda what, more: {name: {**what, **more}}, content, MORE
    )
    return _step(name, 'POST', '/action', TARGETS, body)


NOTHING = st.none()
CREATE = _step('create', 'POST', '', NOTHING, _aggregate(False))
UPDATE = _step('update', 'PUT', '', TARGETS, _aggregate(True))
ADD_HOST = _action('add_host', st.fixed_dictionaries({'host': HOST_NAMES}))
REMOVE_HOST = _action(
    'remove_host', st.fixed_dictionaries({'host': HOST_NAMES})
)
SET_METADATA = _action(
    'set_metadata',
    st.fixed_dictionaries(
        {'metadata': st.dictionaries(KEYS, VALUES, max_size=3)}
    ),
)
DELETE = _step('delete', 'DELETE', '', TARGETS, NOTHING)
SHOW = _step('show', 'GET', '', TARGETS, NOTHING)
LIST = _step('list', 'GET', '', NOTHING, NOTHING)
RAWS = (
    _step('raw', 'POST', '/action', TARGETS, RAW),
    _step('raw', 'PUT', '', TARGETS, RAW),
    _step('raw', 'POST', '', NOTHING, RAW),
)
# As often as they are named.
STEPS = st.sampled_from(
    (CREATE, UPDATE, ADD_HOST, SET_METADATA) * 6
    + (REMOVE_HOST,) * 3
    + (DELETE, SHOW, LIST)
    + (st.one_of(*RAWS),)
).flatmap(lambda step: step)
