# SPDX-License-Identifier: Apache-2.0
"""Followers of the feed through HTTP, while changes are made and forgotten.

The changes are made by server processes, and forgotten by another one. A
follower knows the entity tags of all aggregates, and each effect
tells the tag before it: a change that was missed is found out by the next.
"""

import http.client
import itertools
import json
import random
import threading
import time
from typing import Any, ClassVar

from nova_aggext.tests import base
from nova_aggext.tests.functional import server
from nova_aggext.tests.functional.db import followers
from nova_aggext.tests.race import cloud as race_cloud
from nova_aggext.tests.race import tables

NAMES = ('a', 'b', 'c', 'd')
WRITERS = 3
COUNT = 40
FOLLOWERS = 2
# Seconds after which a change is forgotten; those a follower sleeps at most.
AGE = 0.2
SLEEP = 0.6

# Status, body.
Answer = tuple[int, Any]


def send(served: Any, method: str, path: str, body: Any = None) -> Answer:
    """Send a request to a server."""
    connection = http.client.HTTPConnection(
        '127.0.0.1', served.port, timeout=60
    )
    try:
        headers = {'Content-Type': 'application/json'}
        text = None if body is None else json.dumps(body)
        connection.request(method, f'/v2.1/os-aggext{path}', text, headers)
        answer = connection.getresponse()
        return answer.status, json.loads(answer.read())
    finally:
        connection.close()


class Follower(threading.Thread):
    """Keeps the tags and hosts of all aggregates by the feed.

    :ivar gone: how often what it had not read yet was forgotten
    :ivar wrong: what must not be
    """

    def __init__(self, servers: Any, seed: int) -> None:
        super().__init__()
        self._turn = itertools.cycle(servers)
        self._random = random.Random(seed)
        self.ended = threading.Event()
        self.listed = threading.Event()
        self.tags: dict[int, str] = {}
        self.hosts: dict[int, frozenset[str]] = {}
        self.gone = 0
        self.wrong: list[str] = []

    def run(self) -> None:
        """Follow until nothing comes after all has ended."""
        position = self._list()
        self.listed.set()
        deadline = time.monotonic() + followers.PATIENCE
        while time.monotonic() < deadline and not self.wrong:
            is_over = self.ended.is_set()
            if not is_over:
                time.sleep(self._random.random() * SLEEP)
            limit = self._random.randint(1, 5)
            path = f'/changes?after={position}&limit={limit}'
            status, told = send(next(self._turn), 'GET', path)
            if status == 410:
                position = self._begin_anew(told)
                continue
            if status != 200:
                self.wrong.append(f'{status} {told}')
                continue
            for change in told['changes']:
                self._take(change)
            position = told['position']
            if is_over and not told['changes']:
                return
        self.wrong.append('the feed has no end')

    def _begin_anew(self, told: Any) -> str:
        (error,) = told['errors']
        if error['code'] != 'host-aggregate.changes.gone':
            self.wrong.append(str(error))
        self.gone += 1
        return self._list()

    def _list(self) -> str:
        status, told = send(next(self._turn), 'GET', '/aggregates')
        if status != 200:
            self.wrong.append(f'{status} {told}')
            return '0'
        self.tags = {one['id']: one['etag'] for one in told['aggregates']}
        self.hosts = {
            one['id']: frozenset(one['hosts']) for one in told['aggregates']
        }
        return str(told['position'])

    def _take(self, change: Any) -> None:
        for effect in change['effects']:
            one = effect['aggregate']['id']
            if self.tags[one] != effect['etag_before']:
                self.wrong.append(f'something before {effect} was not told')
            self.tags[one] = effect['etag']
            hosts = effect['hosts']
            self.hosts[one] = (
                self.hosts[one]
                .union(hosts.get('add', ()))
                .difference(hosts.get('remove', ()))
            )


class Writer(threading.Thread):
    """Puts hosts into some aggregates and out of others.

    :ivar made: how many changes
    """

    def __init__(self, served: Any, seed: int) -> None:
        super().__init__()
        self._server = served
        self._random = random.Random(seed)
        self.made = 0

    def run(self) -> None:
        """Change two or three aggregates at a time."""
        for _ in range(COUNT):
            names = self._random.sample(NAMES, self._random.choice((2, 3)))
            items = [
                {
                    'aggregate': {'name': name},
                    'hosts': {'set': self._random.sample(server.HOSTS, 2)},
                }
                for name in names
            ]
            body = {'change': {'aggregates': items}}
            status, _ = send(self._server, 'POST', '/changes', body)
            self.made += status == 201


class MariaDBFeedTest(base.TestCase):
    """Three servers on one database."""

    kind: ClassVar[str] = 'mysql'

    def setUp(self) -> None:
        super().setUp()
        self.cloud = self.useFixture(race_cloud.Cloud(self.kind))
        self.database = self.cloud.databases[0]
        tables.prepare(self.database)
        items = [{'op': 'create', 'name': name} for name in NAMES]
        body = {'change': {'aggregates': items}}
        made = send(self.cloud.servers[0], 'POST', '/changes', body)
        self.assertEqual(201, made[0], str(made))

    def test_forgotten_under_a_follower(self) -> None:
        """It is told so, and misses nothing unawares."""
        servers = self.cloud.servers
        following = [Follower(servers, seed) for seed in range(FOLLOWERS)]
        writers = [
            Writer(servers[number % len(servers)], number)
            for number in range(WRITERS)
        ]
        with followers.retention(self.database, AGE) as forgotten:
            for follower in following:
                follower.start()
            for follower in following:
                follower.listed.wait(followers.PATIENCE)
            for writer in writers:
                writer.start()
            for writer in writers:
                writer.join()
        for follower in following:
            follower.ended.set()
            follower.join()
        status, told = send(servers[0], 'GET', '/aggregates')
        self.assertEqual(200, status)
        for follower in following:
            self.assertEqual([], follower.wrong)
            self.assertEqual(
                {one['id']: one['etag'] for one in told['aggregates']},
                follower.tags,
            )
            self.assertEqual(
                {
                    one['id']: frozenset(one['hosts'])
                    for one in told['aggregates']
                },
                follower.hosts,
            )
        # Else the test has not shown what it is for.
        self.assertNotEqual(0, sum(forgotten))
        self.assertNotEqual(0, sum(one.gone for one in following))
        self.assertNotEqual(0, min(one.made for one in writers))


class PostgreSQLFeedTest(MariaDBFeedTest):
    kind = 'postgresql'
