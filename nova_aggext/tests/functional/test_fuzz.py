# SPDX-License-Identifier: Apache-2.0
"""Requests made up at random, by Hypothesis.

Whatever comes, no answer is an internal error or shows a traceback, and a
request that is refused changes nothing, on each database.
``AGGEXT_FUZZ_EXAMPLES`` says how many sequences of requests to try on all of
them together; with ``CI=true`` they are always the same.
"""

import dataclasses
import json
import os
from typing import Any

import hypothesis
from hypothesis import strategies as st
import sqlalchemy as sa
import testscenarios
from testtools import matchers
import webob

from nova_aggext import deploy
from nova_aggext.db import database as db_database
from nova_aggext.db import models
from nova_aggext.hosts import registered
from nova_aggext.tests import base
from nova_aggext.tests.functional import databases

load_tests = testscenarios.load_tests_apply_scenarios

EXAMPLES = int(os.environ.get('AGGEXT_FUZZ_EXAMPLES', '500'))
BOUNDS = hypothesis.settings(
    max_examples=max(1, EXAMPLES // len(databases.KINDS)),
    derandomize=os.environ.get('CI') == 'true',
    deadline=None,
    suppress_health_check=[
        hypothesis.HealthCheck.too_slow,
        hypothesis.HealthCheck.data_too_large,
        # One for each database.
        hypothesis.HealthCheck.differing_executors,
    ],
)

TABLES = (*models.NOVA_TABLES, models.changes)

# Of two aggregates without a zone, one is empty. Both zones have a host;
# host3 is free and busy1 has an instance.
AGGREGATES = [
    {'id': 1, 'name': 'east', 'uuid': '0' * 36},
    {'id': 2, 'name': 'west', 'uuid': '1' * 36},
    {'id': 3, 'name': 'ssd', 'uuid': '2' * 36},
    {'id': 4, 'name': 'empty', 'uuid': '3' * 36},
]
MEMBERS = [
    {'aggregate_id': 1, 'host': 'host1'},
    {'aggregate_id': 2, 'host': 'host2'},
    {'aggregate_id': 3, 'host': 'busy1'},
]
METADATA = [
    {'aggregate_id': 1, 'key': 'availability_zone', 'value': 'east'},
    {'aggregate_id': 2, 'key': 'availability_zone', 'value': 'west'},
    {'aggregate_id': 3, 'key': 'ssd', 'value': 'true'},
]

_COUNT_ON = sa.text("SELECT setval('aggregates_id_seq', 1000)")

IMAGE = '70a599e0-31e7-49b7-b260-868f441e862b'

Rows = dict[str, list[sa.Row[Any]]]


@dataclasses.dataclass(frozen=True)
class Sent:
    """One request, as an HTTP server hands it over.

    :ivar path: with one character for each byte
    :ivar query: likewise
    """

    method: str
    path: str
    query: str
    headers: dict[str, str]
    body: bytes


# Texts that mean something here, and those that do not.
names = st.sampled_from(['rack1', 'räck1', 'east', 'EAST', ' rack2 ', ''])
zones = st.sampled_from(['east', 'west', 'EAST', 'nova', 'a:b', ' '])
hosts = st.sampled_from(['host1', 'HOST1', 'host2', 'host3', 'busy1', 'no'])
# What one database or another may not take.
odd = st.sampled_from(['\0', 'a\0b', '\U0001f600', '\ud800', 'x' * 256])
keys = st.sampled_from(
    ['availability_zone', 'AVAILABILITY_ZONE', 'ssd', 'SSD', 'ssd ', 'a/b', '']
)
# Lone surrogates and everything outside the basic plane are among these.
any_text = st.text(st.characters(exclude_categories=[]), max_size=300)
texts = st.one_of(names, zones, hosts, keys, odd, any_text)
# Paths come with every byte a client escaped, headers without control bytes.
path_parts = st.text(st.characters(max_codepoint=0xFF), max_size=40)
header_values = st.text(
    st.characters(min_codepoint=0x20, max_codepoint=0xFF), max_size=40
)

json_values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | texts,
    lambda inner: (
        st.lists(inner, max_size=4) | st.dictionaries(texts, inner, max_size=4)
    ),
    max_leaves=8,
)


def likely(strategy: st.SearchStrategy[Any]) -> st.SearchStrategy[Any]:
    """Give mostly what a strategy gives, and sometimes anything."""
    return st.one_of(strategy, strategy, strategy, strategy, json_values)


name = {'name': likely(names)}
zone = {'availability_zone': likely(zones)}
aggregates = st.one_of(
    st.fixed_dictionaries(name, optional=zone),
    st.fixed_dictionaries(zone, optional=name),
)
members = st.fixed_dictionaries({'host': likely(hosts)})
values = st.none() | zones | texts
metadata = st.fixed_dictionaries(
    {'metadata': likely(st.dictionaries(keys | texts, values, max_size=4))}
)
images = st.lists(st.fixed_dictionaries({'id': st.just(IMAGE)}), max_size=3)

aggregate_bodies = st.fixed_dictionaries({'aggregate': aggregates})
action_bodies = st.one_of(
    st.fixed_dictionaries({'add_host': likely(members)}),
    st.fixed_dictionaries({'remove_host': likely(members)}),
    st.fixed_dictionaries({'set_metadata': likely(metadata)}),
)
image_bodies = st.fixed_dictionaries({'cache': likely(images)})


def _as_it_is(body: Any) -> str:
    return json.dumps(body, ensure_ascii=False)


def encoded(bodies: st.SearchStrategy[Any]) -> st.SearchStrategy[bytes]:
    """Give bodies as JSON, rarely in another encoding than it is defined."""
    return st.one_of(
        bodies.map(lambda body: json.dumps(body).encode()),
        bodies.map(lambda body: json.dumps(body).encode()),
        bodies.map(_as_it_is).map(lambda t: t.encode(errors='surrogatepass')),
    )


any_body = st.one_of(
    encoded(aggregate_bodies | action_bodies | image_bodies | json_values),
    json_values.map(lambda body: json.dumps(body).encode('utf-16')),
    st.binary(max_size=200),
)

# Headers and ids that are mostly right, and then any.
versions = st.one_of(
    st.integers(0, 106).map(lambda minor: f'compute 2.{minor}'),
    st.just('compute latest'),
)
right_headers = st.fixed_dictionaries(
    {'Content-Type': st.just('application/json')},
    optional={'OpenStack-API-Version': versions},
)
any_headers = st.fixed_dictionaries(
    {'Content-Type': st.just('application/json') | header_values},
    optional={
        'Accept': header_values,
        'Host': header_values,
        'OpenStack-API-Version': versions | header_values,
        'X-OpenStack-Nova-API-Version': header_values,
        'X-Roles': st.sampled_from(['admin', 'member']) | header_values,
        'X-User-Id': header_values,
        'X-Project-Id': header_values,
        'X-OpenStack-Request-ID': header_values,
    },
)
right_ids = st.sampled_from(['1', '2', '3', '4'])
# What columns and drivers can just hold, or just not.
big_ids = st.sampled_from([31, 32, 63, 64]).flatmap(
    lambda bits: st.sampled_from([2**bits - 1, 2**bits, -(2**bits) - 1])
)
some_ids = right_ids | right_ids | right_ids | big_ids.map(str)
any_ids = st.one_of(
    right_ids,
    st.sampled_from(['9', '+1', '1_0', '4\n']),
    st.integers().map(str),
    path_parts,
)
any_paths = st.one_of(
    st.just('/os-aggregates'),
    any_ids.map(lambda id: f'/os-aggregates/{id}'),
    any_ids.map(lambda id: f'/os-aggregates/{id}/action'),
    any_ids.map(lambda id: f'/os-aggregates/{id}/images'),
    path_parts,
)
any_roots = st.sampled_from(['/v2.1', '/v2', '/v2.1/admin', ''])


def operation(
    method: str, path: str, body: st.SearchStrategy[bytes]
) -> st.SearchStrategy[Sent]:
    """Give requests for one operation, mostly on what there is."""
    return st.builds(
        Sent,
        method=st.just(method),
        path=st.builds(path.format, st.sampled_from(['v2.1', 'v2']), some_ids),
        query=st.just(''),
        headers=right_headers,
        body=body,
    )


ONE = '/{}/os-aggregates/{}'
operations = st.one_of(
    operation('POST', '/{}/os-aggregates', encoded(aggregate_bodies)),
    operation('PUT', ONE, encoded(aggregate_bodies)),
    operation('DELETE', ONE, st.just(b'')),
    operation('POST', f'{ONE}/action', encoded(action_bodies)),
    operation('POST', f'{ONE}/images', encoded(image_bodies)),
)
anything = st.builds(
    Sent,
    method=st.sampled_from(['POST', 'PUT', 'GET', 'DELETE', 'PATCH']),
    path=st.builds(str.__add__, any_roots, any_paths),
    query=st.one_of(st.just(''), st.just('limit=1'), header_values),
    headers=any_headers,
    body=any_body,
)
requests = st.one_of(operations, operations, anything)


def _posted(id: object, action: str, body: object) -> Sent:
    return Sent(
        'POST',
        f'/v2.1/os-aggregates/{id}/action',
        '',
        {'Content-Type': 'application/json'},
        json.dumps({action: body}).encode(),
    )


# What once was answered with an internal error.
NO_PATH = Sent('OPTIONS', '*', '', {}, b'')
NOT_UTF8 = Sent('GET', '/\x80', '', {}, b'')
NUL = _posted(1, 'set_metadata', {'metadata': {'k': 'a\0b'}})
BIG_ID = _posted(2**31, 'remove_host', {'host': 'host1'})
BIGGER_ID = _posted(2**63, 'remove_host', {'host': 'host1'})


class FuzzTest(base.TestCase):
    """Sequences of any requests to the standalone application."""

    scenarios = [(kind, {'kind': kind}) for kind in databases.KINDS]
    kind: str

    def setUp(self) -> None:
        super().setUp()
        db = self.useFixture(databases.Database(self.kind))
        self.database = db.database
        inventory = registered.RegisteredHosts(db.conf, db.database)
        inventory.add_host('host1', 'host2', 'host3')
        inventory.add_host('busy1', instances=1)
        self.app = deploy.load([db.conf_file])

    @BOUNDS
    @hypothesis.given(st.lists(requests, min_size=1, max_size=4))
    @hypothesis.example([NO_PATH])
    @hypothesis.example([NOT_UTF8])
    @hypothesis.example([NUL])
    @hypothesis.example([BIG_ID])
    @hypothesis.example([BIGGER_ID])
    def test_no_request_does_harm(self, sequence: list[Sent]) -> None:
        """Neither alone nor after others."""
        self._begin()
        rows = self._rows()
        for sent in sequence:
            answer = self._answer(sent)
            self._check(sent, answer)
            present = self._rows()
            if answer.status_int >= 300 or sent.method == 'GET':
                self.assertEqual(rows, present)
            rows = present

    def _check(self, sent: Sent, answer: webob.Response) -> None:
        """See that an answer is of the client's making."""
        self.assertNotIn(b'Traceback', answer.body)
        if answer.status_int == 503:
            # There is no image service; that is the documented answer.
            self.assertThat(sent.path, matchers.EndsWith('/images'))
        else:
            self.assertLess(answer.status_int, 500)

    def _answer(self, sent: Sent) -> webob.Response:
        request = webob.Request.blank('/', headers=sent.headers)
        request.environ['REQUEST_METHOD'] = sent.method
        request.environ['PATH_INFO'] = sent.path
        request.environ['QUERY_STRING'] = sent.query
        request.body = sent.body
        return request.get_response(self.app)

    def _begin(self) -> None:
        """Put the rows into the tables that each sequence begins with."""

        def work(session: db_database.Session) -> None:
            for table in reversed(TABLES):
                session.execute(sa.delete(table))
            session.execute(sa.insert(models.aggregates), AGGREGATES)
            if self.kind == 'postgresql':
                # The others count on from the ids that are given.
                session.execute(_COUNT_ON)
            session.execute(sa.insert(models.aggregate_hosts), MEMBERS)
            session.execute(sa.insert(models.aggregate_metadata), METADATA)

        self.database.write(work)

    def _rows(self) -> Rows:
        """Read all that a request could have changed."""

        def work(session: db_database.Session) -> Rows:
            return {
                table.name: list(session.execute(sa.select(table)))
                for table in TABLES
            }

        return self.database.read(work)
