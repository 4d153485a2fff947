# SPDX-License-Identifier: Apache-2.0
"""Races of managers that apply through HTTP, by several processes."""

import contextlib
import functools
import http.client
import random
import time
from typing import Any

from nova_aggext.compute.managers import fields
from nova_aggext.db import claims
from nova_aggext.db import database as db_database
from nova_aggext.db import reading
from nova_aggext.db import managers
from nova_aggext.db import records
from nova_aggext.tests.race import cloud as race_cloud
from nova_aggext.tests.race import served

ROUNDS = 12
NAMES = ('a', 'b', 'c')
HOSTS = ('host1', 'host2', 'host3', 'host4')

Answer = served.Answer
Session = db_database.Session


class MariaDBManagersTest(served.ServedTestCase):
    """Documents that each of the servers may be asked to apply."""

    def setUp(self) -> None:
        super().setUp()
        self.chance = random.Random(7)

    def apply(self, manager: str, *aggregates: Any, **more: Any) -> Answer:
        path = f'/os-aggext/managers/{manager}'
        document = {'aggregates': aggregates, **more}
        return self.send('PUT', path, {'manager': document})

    def applied(self, manager: str, *aggregates: Any, **more: Any) -> None:
        """Apply what nobody else is in the way of."""
        status, told = self.apply(manager, *aggregates, **more)
        self.assertIn(status, {200, 201}, str(told))

    def entry(self, name: str) -> dict[str, Any]:
        """Make up what is wanted of an aggregate."""
        made: dict[str, Any] = {
            'name': name,
            'hosts': self.chance.sample(HOSTS, 2),
            'metadata': {'k': self.chance.choice(('1', '2', None))},
        }
        if self.chance.random() < 0.3:
            made['exclusive'] = ['hosts']
        return made

    def test_in_turn(self) -> None:
        """Four clients of two managers; no claim is broken by another."""
        accepted = 0
        for number in range(ROUNDS):
            calls = [
                functools.partial(
                    self.apply,
                    manager,
                    *map(self.entry, self.chance.sample(NAMES, 2)),
                    force=self.chance.random() < 0.4,
                    prune=self.chance.random() < 0.4,
                )
                for manager in ('site', 'team', 'site', 'team')
            ]
            answers = self.at_once(*calls)
            told = [status for status, _ in answers]
            self.assertLessEqual(set(told), {200, 201, 409}, str(answers))
            accepted += sum(status < 300 for status in told)
            self.claims_hold()
            if number % 4 == 3:
                self.replayed()
        self.assertGreater(accepted, ROUNDS)

    def test_against_the_path_of_nova(self) -> None:
        """Both go on; what is applied last is as it is wanted."""
        wanted = {
            'name': 'a',
            'hosts': ['host1', 'host2'],
            'exclusive': ['hosts', 'metadata'],
            'metadata': {'k': 'mine'},
        }
        self.applied('site', wanted)
        _, shown = self.send('GET', '/os-aggext/aggregates?name=a', None)
        number = shown['aggregates'][0]['id']

        def nova(action: str, value: Any) -> Answer:
            path = f'/os-aggregates/{number}/action'
            return self.send('POST', path, {action: value})

        for turn in range(ROUNDS):
            other = {**wanted, 'hosts': ['host1', f'host{turn % 3 + 2}']}
            answers = self.at_once(
                functools.partial(self.apply, 'site', wanted),
                functools.partial(self.apply, 'site', other),
                functools.partial(nova, 'add_host', {'host': 'host3'}),
                functools.partial(nova, 'remove_host', {'host': 'host1'}),
                functools.partial(
                    nova, 'set_metadata', {'metadata': {'k': str(turn)}}
                ),
            )
            worse = [told for status, told in answers if status >= 500]
            self.assertEqual([], worse)
            self.applied('site', wanted)
            self.claims_hold()
            status, told = self.apply('site', wanted)
            self.assertEqual((200, False), (status, told['change']['changed']))
        self.replayed()

    def test_deleted_beneath(self) -> None:
        """What Nova's path deletes meanwhile is made again, or is not."""
        wanted = {'name': 'a', 'metadata': {'k': '1'}}
        for _ in range(ROUNDS):
            self.applied('site', wanted)
            _, shown = self.send('GET', '/os-aggext/aggregates?name=a', None)
            path = f'/os-aggregates/{shown["aggregates"][0]["id"]}'
            answers = self.at_once(
                functools.partial(
                    self.apply, 'site', {**wanted, 'metadata': {'k': '2'}}
                ),
                functools.partial(self.send, 'DELETE', path, None),
                functools.partial(self.apply, 'team', {'name': 'a'}),
            )
            worse = [told for status, told in answers if status >= 500]
            self.assertEqual([], worse)
            self.claims_hold()
        self.replayed()

    def test_forgotten_while_forced(self) -> None:
        """Whoever is forgotten claims nothing any more."""
        for number in range(ROUNDS):
            mine = {'name': 'a', 'metadata': {'k': str(number), 'l': '1'}}
            self.applied('site', mine, force=True)
            other = {'name': 'a', 'metadata': {'k': f'other {number}'}}
            path = '/os-aggext/managers/site'
            answers = self.at_once(
                functools.partial(self.apply, 'team', other, force=True),
                functools.partial(self.send, 'DELETE', path, None),
            )
            self.assertIn(answers[0][0], {200, 201}, str(answers[0]))
            self.assertEqual(204, answers[1][0])
            held = {one.manager for one in self.held()}
            self.assertEqual({'team'}, held)

    def test_killed(self) -> None:
        """Of what a dead server applied all is there, or nothing."""
        names = ('a', 'b', 'c')

        def apply(number: int) -> Answer:
            if number in {5, 12, 20}:
                race_cloud.kill_worker(self.cloud.servers[0])
            manager = f'm{number % 3}'
            entries = [
                {'name': f'{manager}-{name}', 'metadata': {'k': str(number)}}
                for name in names
            ]
            try:
                return self.apply(manager, *entries)
            except (OSError, http.client.HTTPException):
                return 0, None

        self.at_once(*(functools.partial(apply, one) for one in range(30)))
        for manager in ('m0', 'm1', 'm2'):
            self.whole(manager, names)
            self.lives(manager)
        self.replayed()

    def whole(self, manager: str, names: tuple[str, ...]) -> None:
        """Check that all aggregates are of the document that is stored."""
        stored = self.database.read(
            lambda session: managers.get(session, manager)
        )
        self.assertIsNotNone(stored)
        if stored is None:
            return
        (wanted,) = {
            one['metadata']['k'] for one in stored.document['aggregates']
        }
        found = {
            one.metadata['k']
            for one in self.database.read(reading.every)
            if one.name in {f'{manager}-{name}' for name in names}
        }
        self.assertEqual({wanted}, found)

    def lives(self, manager: str) -> None:
        """Check that a manager may go on."""
        for _ in range(100):
            with contextlib.suppress(OSError, http.client.HTTPException):
                status, told = self.apply(manager)
                if status != 503:
                    self.assertEqual(200, status, str(told))
                    return
            time.sleep(0.1)
        raise TimeoutError(manager)

    def held(self) -> list[claims.Holding]:
        """Read all claims on what there is."""

        def read(session: Session) -> list[claims.Holding]:
            ids = [one.id for one in reading.every(session)]
            found = claims.of_aggregates(session, ids)
            return [one for of in found.values() for one in of]

        return self.database.read(read)

    def claims_hold(self) -> None:
        """Check that what managers claim is so, and that they agree."""
        found: dict[int, records.Aggregate] = {
            one.id: one for one in self.database.read(reading.every)
        }
        for one in self.held():
            present = fields.values(found[one.aggregate_id])
            for field, claimed in one.fields.items():
                value = present.get(field, fields.absent(field))
                self.assertEqual(claimed, value, f'{one.manager} {field}')
            if fields.HOSTS in one.exclusive:
                hosts = {f'hosts/{h}' for h in found[one.aggregate_id].hosts}
                self.assertLessEqual(hosts, set(one.fields))


class PostgreSQLManagersTest(MariaDBManagersTest):
    kind = 'postgresql'
