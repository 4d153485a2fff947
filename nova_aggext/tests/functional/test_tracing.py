# SPDX-License-Identifier: Apache-2.0
"""Traces of a request, by osprofiler, from the API to what is delivered."""

import json
import time
import urllib.request
import uuid
from collections.abc import Iterator
from typing import Any

import redis
from osprofiler import profiler
from osprofiler import web
from osprofiler.drivers import base as drivers

from nova_aggext.tests import base
from nova_aggext.tests.functional import server
from nova_aggext.tests.outage import cloud

REDIS = 'redis://127.0.0.1:6379'
KEY = 'a-key-of-this-test'
PATIENCE = 60
_CONF = f"""
[DEFAULT]
transport_url = fake://
[aggext_outbox]
relay = {{relay}}
poll_interval = 0.2
[profiler]
enabled = {{enabled}}
trace_sqlalchemy = true
hmac_keys = {KEY}
connection_string = {REDIS}
"""
_DIRECT = urllib.request.build_opener(urllib.request.ProxyHandler({}))


class TracingTest(base.TestCase):
    """A server and a relay, each a process of its own."""

    def setUp(self) -> None:
        super().setUp()
        self.redis = redis.Redis.from_url(REDIS)
        self.addCleanup(self.redis.close)
        try:
            self.redis.ping()
        except redis.ConnectionError as error:
            base.missing('Redis', error)
        self.trace = str(uuid.uuid4())
        self.addCleanup(self.redis.delete, f'osprofiler_opt:{self.trace}')
        self.addCleanup(self.redis.delete, f'osprofiler_error:{self.trace}')

    def serve(self, *, enabled: bool = True) -> server.Server:
        """Start both."""
        conf = _CONF.format(relay='false', enabled=str(enabled).lower())
        one = self.useFixture(server.Server(options=conf))
        self.useFixture(cloud.Relay(one.conf_file))
        return one

    def create(self, one: server.Server, key: str = KEY) -> None:
        """Make an aggregate, by a request that asks for a trace."""
        profiler.init(key, self.trace, self.trace)
        try:
            headers = web.get_trace_id_headers()
        finally:
            profiler.clean()
        body = {'aggregate': {'name': f'a{time.time()}'}}
        asked = urllib.request.Request(
            f'{one.url}/v2.1/os-aggregates',
            json.dumps(body).encode(),
            {'Content-Type': 'application/json', **headers},
        )
        with _DIRECT.open(asked, timeout=PATIENCE) as answer:
            self.assertEqual(200, answer.status)

    def settle(self, one: server.Server) -> None:
        """Wait until everything was told."""
        cloud.settle(one.db.database)

    def read(self) -> list[dict[str, Any]]:
        """Give the spans of the trace, the outer ones first."""
        report = drivers.get_driver(REDIS, conf={}).get_report(self.trace)
        return list(_flat(report['children']))

    def test_traced(self) -> None:
        """Request, statements and delivery are one trace."""
        one = self.serve()
        self.create(one)
        self.settle(one)
        until = time.monotonic() + PATIENCE
        while not (told := self.find('aggext_tell')):
            self.assertTrue(time.monotonic() < until, str(self.read()))
            time.sleep(0.1)
        (asked,) = self.find('wsgi')
        self.assertEqual('nova-aggext-api', asked['info']['service'])
        for span in told:
            self.assertEqual(asked['trace_id'], span['parent_id'])
            self.assertEqual('nova-aggext-relay', span['info']['service'])
        statements = [
            one['info']['meta.raw_payload.db-start']['info']['db']
            for one in self.find('db')
        ]
        self.assertIn('INSERT INTO aggregates', str(statements))
        self.assertNotIn('params', str(statements))

    def find(self, name: str) -> list[dict[str, Any]]:
        """Give the spans of a name."""
        return [one for one in self.read() if one['info']['name'] == name]

    def test_wrong_key(self) -> None:
        """Who does not know the key is served, and leaves no trace."""
        one = self.serve()
        self.create(one, 'another-key')
        self.settle(one)
        self.assertEqual([], self.read())

    def test_disabled(self) -> None:
        """Nothing is traced where that is not wanted."""
        one = self.serve(enabled=False)
        self.create(one)
        self.settle(one)
        self.assertEqual([], self.read())


def _flat(spans: list[dict[str, Any]]) -> Iterator[dict[str, Any]]:
    for span in spans:
        yield span
        yield from _flat(span['children'])
