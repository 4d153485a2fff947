# SPDX-License-Identifier: Apache-2.0
"""Rules that forbid, rules that change, and changes that are refused whole."""

import threading
from collections.abc import Iterator
from concurrent import futures
from typing import Any

import testscenarios

from nova_aggext.policies import aggregates as policies
from nova_aggext.policies import host_aggregate as own_policies
from nova_aggext.tests.functional.policy import base

load_tests = testscenarios.load_tests_apply_scenarios

Caller = base.Caller
P = Caller('p')
# What a manager may do with all that is not called other.
BUT_ONE = "role:manager and not 'other':%(aggregate.name)s"
NOT_OF_Q = "role:manager and not 'q':%(aggregate.owner)s"
MANY = 200
ROUNDS = 150


class ForbiddingTest(base.PolicyTestCase):
    """Rules that let pass all but some."""

    def setUp(self) -> None:
        super().setUp()
        self.allow({policies.ADD_HOST: BUT_ONE, policies.UPDATE: BUT_ONE})

    def test_what_is_forbidden(self) -> None:
        before = self.rows()
        for answer in (
            self.add(P, self.other),
            self.tell(P, base.of(self.other, hosts={'add': ['h4']})),
            self.tell(P, base.of(self.other, name='x')),
            self.tell(
                P,
                hosts=[
                    {
                        'host': 'h4',
                        'aggregates': {'add': [{'name': 'other'}]},
                    }
                ],
            ),
        ):
            self.assertIn(answer.status_int, (400, 404), answer.text)
        self.unchanged(before)
        for one in self.one, self.free:
            self.assertEqual(200, self.add(P, one).status_int)

    def test_it_is_as_what_is_not_there(self) -> None:
        """For who may not see it; whatever else is wrong."""
        for host in 'h4', 'none', 'h2':
            told = {
                self.act(P, one, 'add_host', {'host': host}).text.replace(
                    str(one['id']), 'N'
                )
                for one in (self.other, {'id': 999})
            }
            self.assertEqual(1, len(told), str(told))
        for one in {'name': 'other'}, {'name': 'none'}:
            item = {'aggregate': one, 'hosts': {'add': ['h4', 'none']}}
            answer = self.tell(P, item, {'op': 'create', 'name': 'other'})
            self.refused(answer, 403, 'forbidden')
            self.refused(self.tell(P, item), 400, 'aggregate.unknown')

    def test_who_sees_it_is_told(self) -> None:
        self.allow(
            {
                policies.ADD_HOST: BUT_ONE,
                policies.SHOW: 'role:manager',
                own_policies.AGGREGATES_SHOW: 'role:manager',
            }
        )
        self.assertEqual(403, self.add(P, self.other).status_int)
        item = base.of(self.other, hosts={'add': ['h4']})
        (told,) = self.refused(self.tell(P, item), 403, 'forbidden')
        self.assertEqual('other', told['aggregate']['name'])

    def test_what_a_host_leaves(self) -> None:
        """It is never left out in silence."""
        self.allow({policies.REMOVE_HOST: BUT_ONE})
        item = {'host': 'h2', 'aggregates': {'set': []}}
        answer = self.tell(P, hosts=[item])
        (told,) = self.refused(answer, 403, 'forbidden')
        self.assertNotIn('aggregate', told)
        self.assertEqual(['h2'], self.hosts(self.other))

    def test_rules_that_change(self) -> None:
        """What one rule or the other forbids is never let pass by both."""
        rules = [{policies.ADD_HOST: one} for one in ('!', NOT_OF_Q)]
        done = threading.Event()

        def change() -> None:
            while not done.is_set():
                for one in rules:
                    # At once, as an editor does.
                    new = self.policy_file.with_suffix('.new')
                    new.write_text(
                        f'"{policies.ADD_HOST}": "{one[policies.ADD_HOST]}"'
                    )
                    new.rename(self.policy_file)

        told = set()
        with futures.ThreadPoolExecutor(1) as pool:
            changing = pool.submit(change)
            try:
                for _ in range(ROUNDS):
                    told.add(self.add(P, self.other).status_int)
            finally:
                done.set()
            changing.result()
        self.assertEqual(set(), told - {403, 404})
        self.assertEqual(['h2'], self.hosts(self.other))


class RefusedWholeTest(base.PolicyTestCase):
    """One thing that is forbidden forbids all."""

    scenarios = base.KINDS

    def test_one_of_many(self) -> None:
        self.allow({})
        self.change(
            *(
                {'op': 'create', 'name': f'n{number}', 'owner': 'p'}
                for number in range(MANY)
            )
        )
        self.allow(self.rules)
        items = [
            {
                'aggregate': {'name': f'n{number}'},
                'metadata': {'add': {'k': 'v'}},
            }
            for number in range(MANY)
        ]
        items[77]['aggregate'] = {'name': 'other'}
        before = self.rows()
        for query in '?dry_run=true', '':
            answer = self.tell(P, *items, query=query)
            (told,) = self.refused(answer, 403, 'forbidden')
            self.assertEqual('/change/aggregates/77', told['path'])
            self.assertNotIn('aggregate', told)
        self.unchanged(before)
        items[77]['aggregate'] = {'name': 'n77'}
        self.assertEqual(201, self.tell(P, *items).status_int)

    def test_protected_and_more(self) -> None:
        """Nothing is unprotected for the change that it protects from."""
        self.allow(
            {**self.rules, own_policies.PROTECT: 'rule:project_manager_api'}
        )
        item = base.of(self.one, protected=True)
        self.assertEqual(201, self.tell(P, item).status_int)
        before = self.rows()
        asked: list[base.Document] = [
            {'name': 'new', 'protected': False},
            {'availability_zone': 'z', 'protected': False},
            {'metadata': {'add': {'k': 'v'}}, 'protected': False},
            {'owner': 'p', 'name': 'new', 'protected': False},
            {'op': 'delete', 'hosts': {'set': []}},
        ]
        for more in asked:
            answer = self.tell(P, base.of(self.one, **more))
            self.refused(answer, 403, 'aggregate.protected')
        path = f'/{self.one["id"]}'
        body = {'aggregate': {'name': 'new'}}
        for answer in (
            self.ask(P, 'PUT', path, body, root=base.NOVA),
            self.ask(P, 'DELETE', path, root=base.NOVA),
            self.act(P, self.one, 'set_metadata', {'metadata': {'k': 'v'}}),
        ):
            self.assertEqual(403, answer.status_int, answer.text)
        self.unchanged(before)
        item = base.of(self.one, protected=False)
        self.assertEqual(201, self.tell(P, item).status_int)
        item = base.of(self.one, name='new')
        self.assertEqual(201, self.tell(P, item).status_int)


class UndoTest(base.PolicyTestCase):
    """To undo takes what it does, and tells nothing else."""

    def deleted(self) -> Iterator[str]:
        """Delete aggregates of p, by each API; give the changes."""
        item = base.of(self.one, op='delete', hosts={'set': []})
        yield str(self.made(self.tell(P, item))['id'])
        self.allow({})
        two = self.create('two', owner='p')
        self.allow(self.rules)
        path = f'/{two["id"]}'
        answer = self.ask(P, 'DELETE', path, root=base.NOVA)
        self.assertEqual(200, answer.status_int)
        found = self.send('GET', '/changes?after=0').json['changes']
        yield str(found[-1]['id'])

    def test_of_a_delete_needs_create(self) -> None:
        given: dict[str, str] = {}
        manager = 'rule:project_manager_api'
        changes = [*self.deleted()]
        for rule in None, policies.CREATE, own_policies.PROTECT:
            if rule is not None:
                given[rule] = manager
            self.allow({**self.rules, **given})
            for change in changes:
                for query in '?dry_run=true', '':
                    answer = self.tell(P, revert=change, query=query)
                    if rule is own_policies.PROTECT:
                        self.assertEqual(201 - bool(query), answer.status_int)
                    else:
                        self.assertIn(answer.status_int, (400, 403))

    def test_of_others(self) -> None:
        """It is answered as one of what nobody knows."""
        self.allow({})
        item = base.of(self.other, hosts={'add': ['h4']})
        made = self.change(item)['id']
        number = base.new_id()
        for rules, status, code in (
            (self.rules, 400, 'change.unknown'),
            ({}, 403, 'forbidden'),
            (
                {
                    policies.ADD_HOST: BUT_ONE,
                    policies.REMOVE_HOST: BUT_ONE,
                },
                400,
                'change.unknown',
            ),
        ):
            self.allow(rules)
            told = []
            for change in made, number:
                answer = self.tell(P, revert=change)
                (error,) = self.refused(answer, status, code)
                del error['request_id']
                told.append(str(error).replace(change, 'N'))
            self.assertEqual(told[0], told[1])
        self.allow({**self.rules, own_policies.CHANGES_SHOW: '@'})
        answer = self.tell(P, revert=made)
        self.refused(answer, 403, 'forbidden')

    def test_the_record_is_for_who_sees_all(self) -> None:
        item = base.of(self.one, hosts={'add': ['h4']})
        made = self.made(self.tell(P, item))['id']
        for path in '/changes', f'/changes/{made}', '/changes/x', '/hosts':
            answer = self.ask(P, 'GET', path)
            self.refused(answer, 403, 'forbidden')


class SightTest(base.PolicyTestCase):
    """A change shows no more than its aggregates would be shown."""

    def setUp(self) -> None:
        super().setUp()
        self.allow({})
        self.change(
            base.of(
                self.one,
                metadata={'add': {'secret': 'value'}},
                availability_zone='hidden',
            ),
            base.of(self.other, availability_zone='elsewhere'),
        )
        changing = dict.fromkeys(
            (
                policies.CREATE,
                policies.UPDATE,
                policies.DELETE,
                policies.SET_METADATA,
                policies.ADD_HOST,
                policies.REMOVE_HOST,
            ),
            'role:manager',
        )
        self.changing = {
            **changing,
            own_policies.AGGREGATES_SHOW: 'project_id:%(project_id)s',
        }
        self.allow(self.changing)

    def asked(self) -> Iterator[base.Document]:
        one = {'id': self.one['id']}
        yield {'aggregate': one, 'metadata': {'set': {}}}
        yield {'aggregate': one, 'hosts': {'set': []}}
        yield {'aggregate': one, 'availability_zone': None}
        yield {'op': 'delete', 'aggregate': one, 'hosts': {'set': []}}

    def test_effects(self) -> None:
        for item in self.asked():
            shown = self.tell(P, item, query='?dry_run=true').text
            hidden = self.tell(Caller('q'), item, query='?dry_run=true').text
            for text in 'one', 'etag':
                self.assertIn(f'"{text}', shown)
            for text in 'one', 'h1', 'secret', 'value', 'etag', 'hidden':
                self.assertNotIn(f'"{text}', hidden)

    def test_done_and_repeated(self) -> None:
        """Also once it is done, and when it is told again."""
        body = {'change': {'aggregates': [next(self.asked())]}}
        number = base.new_id()
        for status in 201, 200:
            answer = self.ask(Caller('q'), 'PUT', f'/changes/{number}', body)
            self.assertEqual(status, answer.status_int, answer.text)
            (effect,) = answer.json['change']['effects']
            self.assertEqual(
                {
                    'op': 'update',
                    'aggregate': {
                        'id': self.one['id'],
                        'uuid': self.one['uuid'],
                        'name': None,
                    },
                },
                effect,
            )

    def test_undone(self) -> None:
        """What is made again is not what its maker has said."""
        *_, item = self.asked()
        made = self.made(self.tell(P, item))['id']
        self.allow({**self.changing, own_policies.PROTECT: 'role:manager'})
        for who, sees in (P, True), (Caller('q'), False):
            answer = self.tell(who, revert=made, query='?dry_run=true')
            (effect,) = self.made(answer, 200)['effects']
            self.assertIs(sees, 'metadata' in effect, effect)

    def test_made(self) -> None:
        """What one has said oneself one is told."""
        item = {'op': 'create', 'name': 'new', 'hosts': {'add': ['h4']}}
        (effect,) = self.made(self.tell(P, item))['effects']
        self.assertEqual('new', effect['name'])

    def test_conflicts(self) -> None:
        """Zones of other aggregates, and entity tags."""
        new = {'op': 'create', 'name': 'new', 'availability_zone': 'z'}
        item = {**new, 'hosts': {'add': ['h1']}}
        for who, sees in (P, True), (Caller('q'), False):
            answer = self.tell(who, item)
            (told,) = self.refused(answer, 409, 'zone.conflict')
            self.assertIs(sees, bool(told['others']))
            self.assertIs(sees, 'hidden' in answer.text)
            stale = base.of(self.one, name='x', if_match='0' * 32)
            answer = self.tell(who, stale)
            (told,) = self.refused(answer, 412, 'etag.mismatch')
            self.assertIs(sees, told['etag'] is not None)


class ReaderTest(base.PolicyTestCase):
    """The role that reads, by default, and the one that does not."""

    rules: dict[str, str] = {}

    def reads(self) -> Iterator[tuple[str, str]]:
        for one in self.one['id'], self.one['uuid']:
            yield 'GET', f'/aggregates/{one}'
        for path in '/aggregates', '/hosts', '/hosts/h1', '/changes':
            yield 'GET', path
        change = self.send('GET', '/changes?after=0').json['changes'][0]['id']
        yield 'GET', f'/changes/{change}'

    def test_who_reads(self) -> None:
        reader = Caller('p', ('host_aggregate_reader',))
        for method, path in self.reads():
            for who, status in (
                (reader, 200),
                (base.ADMIN, 200),
                (Caller('p', ('reader',)), 403),
                (P, 403),
                (Caller('p', ()), 403),
                (Caller(None, ('host_aggregate_reader',), scope='all'), 403),
            ):
                answer: Any = self.ask(who, method, path)
                self.assertEqual(status, answer.status_int, f'{who} {path}')
        before = self.rows()
        for answer in (
            self.tell(reader, base.of(self.one, name='x')),
            self.add(reader, self.one),
        ):
            self.assertEqual(403, answer.status_int)
        self.unchanged(before)
