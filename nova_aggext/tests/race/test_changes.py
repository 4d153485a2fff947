# SPDX-License-Identifier: Apache-2.0
"""Races of changes of many aggregates through HTTP, by several processes."""

import contextlib
import functools
import http.client
import time
import uuid
from collections.abc import Callable
from typing import Any

from nova_aggext.tests.race import cloud as race_cloud
from nova_aggext.tests.race import served

CLIENTS = 20
ROUNDS = 10
# What a repeat tells of a change as it goes on.
_NOW = ('position', 'delivery', 'reverted_by')

Answer = served.Answer


class MariaDBChangesTest(served.ServedTestCase):
    """Changes that each of the servers may be asked for."""

    def post(self, *items: Any, **more: Any) -> Answer:
        change = {'aggregates': items, **more}
        return self.send('POST', '/os-aggext/changes', {'change': change})

    def put(self, number: str, *items: Any) -> Answer:
        path = f'/os-aggext/changes/{number}'
        return self.send('PUT', path, {'change': {'aggregates': items}})

    def create(self, name: str, *hosts: str) -> int:
        """Make an aggregate; give its id."""
        item = {'op': 'create', 'name': name, 'hosts': {'add': [*hosts]}}
        status, told = self.post(item)
        self.assertEqual(201, status, told)
        return int(told['change']['effects'][0]['aggregate']['id'])

    def test_one_put_of_many_clients(self) -> None:
        """It has one effect, and all are answered alike."""
        one = self.create('one')
        for number in (str(uuid.uuid4()) for _ in range(ROUNDS)):
            way = 'add' if len(self.recorded()) % 2 else 'remove'
            item = {
                'aggregate': {'id': one},
                'hosts': {way: ['host1', 'host2']},
            }
            call = functools.partial(self.put, number, item)
            answers = self.at_once(*[call] * CLIENTS)
            self.assertEqual(
                [200] * (CLIENTS - 1) + [201],
                sorted(status for status, _told in answers),
            )
            told = []
            for _status, body in answers:
                for name in _NOW:
                    del body['change'][name]
                told.append(body)
            self.assertEqual([told[0]] * CLIENTS, told)
            rows = [row for row in self.recorded() if row.change_id == number]
            self.assertEqual(1, len(rows))

    def test_two_pools(self) -> None:
        """Of two that want one host exactly one gets it."""
        free, *pools = (self.create(n) for n in ('free', 'left', 'right'))
        for _ in range(ROUNDS):
            whole: Any = {'hosts': {'set': []}}
            self.post(
                {'aggregate': {'id': free}, 'hosts': {'set': ['host1']}},
                *({'aggregate': {'id': pool}, **whole} for pool in pools),
            )
            calls = [
                functools.partial(
                    self.post,
                    {
                        'aggregate': {'id': free},
                        'hosts': {'remove': ['host1']},
                    },
                    {'aggregate': {'id': pool}, 'hosts': {'add': ['host1']}},
                    strict=True,
                )
                for pool in pools
            ]
            answers = self.at_once(*calls)
            self.assertEqual([201, 409], sorted(one for one, _ in answers))
            self.replayed()

    def test_two_guards(self) -> None:
        """Of two that each rely on what the other changes one is refused."""
        one, two = self.create('one', 'host3'), self.create('two')
        for number in range(2 * ROUNDS):
            calls = self.guards_of_hosts(one, two)
            if number % 2:
                calls = self.guards_of_a_name(one, two, number)
            answers = self.at_once(*calls)
            told = sorted(status for status, _ in answers)
            self.assertEqual([201, 412], told, str(answers))

    def guards_of_hosts(
        self, one: int, two: int
    ) -> list[Callable[[], Answer]]:
        """Each adds the host whose state the other one relies on."""
        empty: Any = {'hosts': {'remove': ['host1', 'host2']}}
        self.post(
            *({'aggregate': {'id': each}, **empty} for each in (one, two))
        )
        return [
            functools.partial(
                self.post,
                {'aggregate': {'id': each}, 'hosts': {'add': [added]}},
                hosts=[self.guard(relied)],
            )
            for each, added, relied in (
                (one, 'host1', 'host2'),
                (two, 'host2', 'host1'),
            )
        ]

    def guards_of_a_name(
        self, one: int, two: int, number: int
    ) -> list[Callable[[], Answer]]:
        """One relies on a host whose aggregate the other one renames."""
        _, shown = self.send('GET', f'/os-aggext/aggregates/{two}', None)
        return [
            functools.partial(
                self.post,
                {'aggregate': {'id': two}, 'name': f'two-{number}'},
                hosts=[self.guard('host3')],
            ),
            functools.partial(
                self.post,
                {'aggregate': {'id': one}, 'name': f'one-{number}'},
                {
                    'aggregate': {'id': two},
                    'if_match': shown['aggregate']['etag'],
                },
            ),
        ]

    def guard(self, host: str) -> dict[str, Any]:
        """Give an item that asks nothing of a host but to be as it is."""
        _, shown = self.send('GET', f'/os-aggext/hosts/{host}', None)
        return {
            'host': host,
            'if_match': shown['host']['etag'],
            'aggregates': {'add': []},
        }

    def test_against_the_path_of_nova(self) -> None:
        """Both go on, and the record tells what was done."""
        one, two = self.create('one'), self.create('two')

        def nova(number: int, action: Any) -> Answer:
            return self.send('POST', f'/os-aggregates/{number}/action', action)

        for number in range(ROUNDS):
            ways = ('add', 'remove') if number % 2 else ('remove', 'add')
            values = {'metadata': {'k': str(number)}}
            answers = self.at_once(
                functools.partial(
                    self.post,
                    {'aggregate': {'id': one}, 'hosts': {ways[0]: ['host1']}},
                    {'aggregate': {'id': two}, 'hosts': {ways[1]: ['host1']}},
                ),
                functools.partial(
                    self.post,
                    {
                        'aggregate': {'id': two},
                        'metadata': {'add': {'k': f'own {number}'}},
                        'hosts': {'add': ['host2']},
                    },
                ),
                functools.partial(nova, one, {'add_host': {'host': 'host1'}}),
                functools.partial(nova, two, {'set_metadata': values}),
                functools.partial(
                    nova, two, {'remove_host': {'host': 'host2'}}
                ),
            )
            worse = [told for status, told in answers if status >= 500]
            self.assertEqual([], worse)
        self.replayed()

    def test_killed(self) -> None:
        """Whatever a dead server did, a repeated PUT tells; it did it once."""
        names = {str(uuid.uuid4()): f'n{number}' for number in range(30)}

        def put(number: str, *, is_killing: bool = False) -> Answer:
            item = {'op': 'create', 'name': names[number]}
            if is_killing:
                race_cloud.kill_worker(self.cloud.servers[0])
            try:
                return self.put(number, item)
            except (OSError, http.client.HTTPException):
                return 0, None

        self.at_once(
            *(
                functools.partial(put, number, is_killing=at in (5, 12, 20))
                for at, number in enumerate(names)
            )
        )
        for number, name in names.items():
            status, told = self.repeated(number, name)
            self.assertIn(status, {200, 201}, str(told))
            (effect,) = told['change']['effects']
            self.assertEqual(name, effect['aggregate']['name'])
        made = [row.change_id for row in self.recorded()]
        self.assertEqual(sorted(names), sorted(map(str, made)))
        self.replayed()

    def repeated(self, number: str, name: str) -> Answer:
        """Ask for a change until a server that lives answers."""
        for _ in range(100):
            with contextlib.suppress(OSError, http.client.HTTPException):
                answer = self.put(number, {'op': 'create', 'name': name})
                if answer[0] != 503:
                    return answer
            time.sleep(0.1)
        raise TimeoutError(number)


class PostgreSQLChangesTest(MariaDBChangesTest):
    kind = 'postgresql'
