# SPDX-License-Identifier: Apache-2.0
"""No query of the own API is ever answered as an error of the server."""

import logging
import urllib.parse
from typing import Any

import fixtures
import hypothesis
import sqlalchemy as sa
import testscenarios
import webob
from hypothesis import strategies as st

from nova_aggext import deploy
from nova_aggext.api.host_aggregate import paging
from nova_aggext.db import records
from nova_aggext.hosts import registered
from nova_aggext.tests import aggregates
from nova_aggext.tests import base
from nova_aggext.tests.functional import databases

load_tests = testscenarios.load_tests_apply_scenarios

BOUNDS = hypothesis.settings(
    max_examples=100,
    deadline=None,
    derandomize=True,
    suppress_health_check=list(hypothesis.HealthCheck),
)
LISTS = ('aggregates', 'hosts', 'changes')
ODD = (
    *('', '0', '-1', '007', '9' * 5000, '1e9', 'null', '"null"', '"', '\\'),
    *('\0', 'a\0b', '\U0001f600', '\u0663', 'x' * 300, "'", '%', '__class__'),
    *('*' * 300, '?a*[', '[', 'a[1-3]', 'a[0-9][0-9][0-9][0-9][0-9]', '2026'),
    *('a', 'z1', 'h1', 'true', 'false', 'name:desc', 'id,name', '1,2'),
    '0e4c1f0a-5f3e-4c52-9a41-6f1f5f9f8a10',
    '2026-01-02T03:04:05Z',
)
OPERATORS = ('', 'in:', 'neq:', 'gt:', 'glob:')
NAMES = (
    *('id', 'uuid', 'name', 'availability_zone', 'host', 'metadata_key'),
    *('metadata.ssd', 'metadata.', 'metadata.\0', 'metadata.\U0001f600'),
    *('metadata.availability_zone', 'aggregate', 'known', 'user_id', 'kind'),
    *('changed_at', 'sort', 'limit', 'with_count', 'fields', 'after'),
    *('marker', 'owner', 'protected', '', '__class__', '\0'),
)

values = st.builds(
    str.__add__, st.sampled_from(OPERATORS), st.sampled_from(ODD) | st.text()
)
parameters = st.lists(
    st.tuples(st.sampled_from(NAMES) | st.text(max_size=5), values),
    max_size=4,
)
# What a forged marker may hold.
forged = st.lists(
    st.none()
    | st.booleans()
    | st.integers(-(2**40), 2**40)
    | st.floats(allow_nan=False, allow_infinity=False)
    | st.sampled_from(ODD)
    | st.lists(st.none(), max_size=1),
    max_size=4,
)


class QueriesTest(base.TestCase):
    """Against each database."""

    scenarios = [(kind, {'kind': kind}) for kind in databases.KINDS]
    kind: str

    def setUp(self) -> None:
        super().setUp()
        self.db = self.useFixture(databases.Database(self.kind))
        hosts = registered.RegisteredHosts(self.db.conf, self.db.database)
        hosts.add_host('h1', 'h2')
        self.db.database.write(_fill)
        # One line for each request would be more than a result may hold.
        self.useFixture(fixtures.FakeLogger(level=logging.ERROR))
        self.app: Any = deploy.load([self.db.conf_file])

    def get(self, path: str) -> webob.Response:
        """Send a GET; it is understood, or refused."""
        headers = {'X-Roles': 'admin', 'X-Project-Id': 'p'}
        sent = webob.Request.blank(path, headers=headers)
        answer = sent.get_response(self.app)
        self.assertLess(answer.status_int, 500, path)
        if answer.status_int >= 400:
            for one in answer.json['errors']:
                self.assertEqual(answer.status_int, one['status'])
        return answer

    def test_parameters(self) -> None:
        @BOUNDS
        @hypothesis.given(st.sampled_from(LISTS), parameters)
        def check(noun: str, asked: list[tuple[str, str]]) -> None:
            self.get(f'/v2.1/os-aggext/{noun}?{_query(asked)}')

        check()

    def test_one_parameter(self) -> None:
        """Each value alone: beside others one is refused for them."""
        for noun in LISTS:
            for name in NAMES:
                for operator in OPERATORS:
                    for value in ODD:
                        query = _query([(name, operator + value)])
                        self.get(f'/v2.1/os-aggext/{noun}?{query}')

    def test_forged_markers(self) -> None:
        @BOUNDS
        @hypothesis.given(
            st.sampled_from(LISTS),
            st.sampled_from(
                (
                    '',
                    'name',
                    'created_at:desc',
                    'host_count,name',
                    'updated_at',
                )
            ),
            forged,
        )
        def check(noun: str, order: str, held: list[Any]) -> None:
            asked = {'sort': [order]} if order else {}
            bound = paging.binding(asked, '')
            pairs = [(name, text) for name, (text,) in asked.items()]
            pairs.append(('marker', paging.marker(bound, held)))
            self.get(f'/v2.1/os-aggext/{noun}?{_query(pairs)}')

        check()

    def test_bytes(self) -> None:
        @BOUNDS
        @hypothesis.given(st.sampled_from(LISTS), st.binary(max_size=20))
        def check(noun: str, query: bytes) -> None:
            quoted = urllib.parse.quote_from_bytes(query, safe='&=%')
            self.get(f'/v2.1/os-aggext/{noun}?{quoted}')

        check()

    def test_paths(self) -> None:
        @BOUNDS
        @hypothesis.given(
            st.sampled_from(LISTS),
            st.sampled_from([one.encode() for one in ODD if one])
            | st.binary(min_size=1, max_size=20),
            parameters,
        )
        def check(noun: str, one: bytes, asked: list[tuple[str, str]]) -> None:
            path = urllib.parse.quote_from_bytes(one, safe='')
            self.get(f'/v2.1/os-aggext/{noun}/{path}')
            self.get(f'/v2.1/os-aggext/{noun}/{path}?{_query(asked)}')

        check()


def _query(pairs: list[tuple[str, str]]) -> str:
    return urllib.parse.urlencode(pairs, errors='replace')


def _fill(session: sa.Connection) -> None:
    metadata = {records.ZONE_KEY: 'z1', 'ssd': 'true'}
    for name in ('a', 'b', 'c'):
        aggregates.make(session, name, ['h1', 'h3'], metadata)
