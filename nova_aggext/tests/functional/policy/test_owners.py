# SPDX-License-Identifier: Apache-2.0
"""Aggregates of projects: who reaches which, by either API."""

import dataclasses
import itertools
from typing import Any

import testscenarios

from nova_aggext.policies import aggregates as policies
from nova_aggext.policies import host_aggregate as own_policies
from nova_aggext.tests.functional.policy import base

load_tests = testscenarios.load_tests_apply_scenarios

Caller = base.Caller
P = Caller('p')
Q = Caller('q')
# Whose aggregates are nobody's, though some rule might think so.
NOBODIES = (
    Caller(None),
    Caller(''),
    Caller('None'),
    Caller(None, (*base.MANAGER, 'admin'), scope='all'),
)
OWNER = 'project_id:%(project_id)s'


class NovaTest(base.PolicyTestCase):
    """Nova's API."""

    scenarios = base.KINDS

    def test_managers_of_the_owner(self) -> None:
        """What they may do they may do with what is theirs, and no more."""
        for who, status in (P, 200), (Q, 403), (base.ADMIN, 200):
            for action, value in (
                ('add_host', {'host': 'h4'}),
                ('set_metadata', {'metadata': {'k': who.user}}),
                ('remove_host', {'host': 'h4'}),
            ):
                answer = self.act(who, self.one, action, value)
                self.assertEqual(status, answer.status_int, answer.text)
        path = f'/{self.one["id"]}'
        body = {'aggregate': {'name': 'uno'}}
        for who, status in (Q, 403), (P, 200):
            answer = self.ask(who, 'PUT', path, body, root=base.NOVA)
            self.assertEqual(status, answer.status_int, answer.text)
        self.act(P, self.one, 'remove_host', {'host': 'h1'})
        for who, status in (Q, 403), (P, 200):
            answer = self.ask(who, 'DELETE', path, root=base.NOVA)
            self.assertEqual(status, answer.status_int, answer.text)

    def test_nobody_owns_what_has_no_owner(self) -> None:
        """No token without a project, nor a project named None."""
        self.allow({policies.ADD_HOST: OWNER, policies.SHOW: OWNER})
        self.give(self.other, 'None')
        before = self.rows()
        for who in (*NOBODIES, P):
            for one in self.free, self.other:
                answer = self.add(who, one)
                self.assertEqual(
                    403, answer.status_int, f'{who} {answer.text}'
                )
                answer = self.ask(who, 'GET', f'/{one["id"]}', root=base.NOVA)
                expected = 404 if who is P else 403
                self.assertEqual(expected, answer.status_int, str(who))
        self.unchanged(before)

    def test_members_are_no_managers(self) -> None:
        member = dataclasses.replace(P, roles=('member', 'reader'))
        self.assertEqual(403, self.add(member, self.one).status_int)

    def test_what_is_not_there_is_as_what_is_not_his(self) -> None:
        """Whatever the id looks like."""
        body = {'add_host': {'host': 'h4'}}
        told = {
            self.ask(P, 'POST', f'/{one}/action', body, root=base.NOVA).text
            for one in (self.other['id'], self.free['id'], 999, 'x', '1.5')
        }
        self.assertEqual(1, len(told), str(told))
        shown = set()
        for one in (self.other['id'], 999):
            answer = self.ask(P, 'GET', f'/{one}', root=base.NOVA)
            self.assertEqual(404, answer.status_int)
            shown.add(answer.text.replace(str(one), 'N'))
        self.assertEqual(1, len(shown), str(shown))

    def test_index(self) -> None:
        for who, expected in (
            (P, ['one']),
            (Q, ['other']),
            (Caller('r'), []),
            (base.ADMIN, ['one', 'other', 'free']),
        ):
            answer = self.ask(who, 'GET', '', root=base.NOVA)
            self.assertEqual(200, answer.status_int)
            found = [one['name'] for one in answer.json['aggregates']]
            self.assertEqual(expected, found)
        self.give(self.free, 'p')
        answer = self.ask(P, 'GET', '', root=base.NOVA)
        found = [one['hosts'] for one in answer.json['aggregates']]
        self.assertEqual([['h1'], ['h3']], found)
        for who in (*NOBODIES, Caller('p', ('member',))):
            answer = self.ask(who, 'GET', '', root=base.NOVA)
            self.assertEqual(403, answer.status_int, str(who))

    def test_images(self) -> None:
        """There is no image service, so who may is told that."""
        body = {'cache': [{'id': '0e4c1f0a-5f3e-4c52-9a41-6f1f5f9f8a10'}]}
        for who, status in (P, 503), (Q, 403), (base.ADMIN, 503):
            path = f'/{self.one["id"]}/images'
            answer = self.ask(who, 'POST', path, body, root=base.NOVA)
            self.assertEqual(status, answer.status_int, answer.text)

    def test_create(self) -> None:
        """What is made by this API is nobody's, and has a name."""
        self.allow(
            {
                policies.CREATE: "rule:project_manager_api or 'x':"
                "%(aggregate.name)s and 'z':%(aggregate.availability_zone)s"
            }
        )
        for name, zone, status in (
            ('x', 'z', 200),
            ('y', 'z', 403),
            ('x', 'y', 403),
            ('x', None, 403),
        ):
            values = {'name': name, 'availability_zone': zone}
            body = {'aggregate': values}
            answer = self.ask(P, 'POST', '', body, root=base.NOVA)
            self.assertEqual(status, answer.status_int, answer.text)


class OwnTest(base.PolicyTestCase):
    """The own API."""

    scenarios = base.KINDS

    def test_managers_of_the_owner(self) -> None:
        item = base.of(self.one, hosts={'add': ['h4']})
        for query in '?dry_run=true', '':
            answer = self.tell(Q, item, query=query)
            (told,) = self.refused(answer, 403, 'forbidden')
            self.assertNotIn('aggregate', told)
            self.assertNotIn('one', answer.text)
        self.assertEqual(201, self.tell(P, item).status_int)

    def test_nobody_owns_what_has_no_owner(self) -> None:
        self.allow(
            {
                policies.ADD_HOST: OWNER,
                own_policies.AGGREGATES_SHOW: OWNER,
                own_policies.AGGREGATES_LIST: OWNER,
            }
        )
        self.give(self.other, 'None')
        before = self.rows()
        for who in (*NOBODIES, P):
            for one in self.free, self.other:
                item = base.of(one, hosts={'add': ['h4']})
                self.refused(self.tell(who, item), 403, 'forbidden')
                host = {
                    'host': 'h4',
                    'aggregates': {'add': [{'id': one['id']}]},
                }
                answer = self.tell(who, hosts=[host])
                self.refused(answer, 403, 'forbidden')
                answer = self.ask(who, 'GET', f'/aggregates/{one["id"]}')
                expected = 404 if who is P else 403
                self.assertEqual(expected, answer.status_int, str(who))
        for who in NOBODIES:
            answer = self.ask(who, 'GET', '/aggregates')
            self.assertEqual(403, answer.status_int, str(who))
        self.unchanged(before)

    def test_what_is_not_there_is_as_what_is_not_his(self) -> None:
        """By whatever it is named, and from either side."""
        unknown = {
            'id': 999,
            'uuid': '0e4c1f0a-5f3e-4c52-9a41-6f1f5f9f8a10',
            'name': 'none',
        }
        asked: list[base.Document] = [
            {'hosts': {'add': ['h4']}},
            {'hosts': {'set': []}, 'metadata': {'set': {}}},
            {'op': 'delete', 'hosts': {'set': []}},
            {'owner': 'p'},
            {'owner': None, 'protected': True, 'description': 'x'},
            {'name': 'new', 'if_match': '0' * 32},
            {},
        ]
        for more, key, query in itertools.product(
            asked, unknown, ('', '?dry_run=true')
        ):
            told = [
                self.told(
                    self.tell(
                        P, {'aggregate': {key: one[key]}, **more}, query=query
                    )
                )
                for one in (self.other, self.free, unknown)
            ]
            self.assertEqual([told[2], told[2]], told[:2])
            self.assertEqual(403, told[2][0])
        for way, key in itertools.product(('add', 'remove', 'set'), unknown):
            told = [
                self.told(
                    self.tell(
                        P,
                        hosts=[
                            {
                                'host': 'h9',
                                'aggregates': {way: [{key: one[key]}]},
                            }
                        ],
                    )
                )
                for one in (self.other, self.free, unknown)
            ]
            self.assertEqual([told[2], told[2]], told[:2])

    def told(self, answer: Any) -> tuple[int, list[base.Document]]:
        """Give what does not differ from request to request."""
        errors = answer.json['errors']
        for one in errors:
            del one['request_id']
        return answer.status_int, errors

    def test_show(self) -> None:
        for who, status in (P, 200), (Q, 404), (base.ADMIN, 200):
            for one in self.one['id'], self.one['uuid']:
                answer = self.ask(who, 'GET', f'/aggregates/{one}')
                self.assertEqual(status, answer.status_int, answer.text)
        nobody = Caller('p', ('member',))
        for one in self.one['id'], 999, 'x':
            answer = self.ask(nobody, 'GET', f'/aggregates/{one}')
            self.refused(answer, 403, 'forbidden')

    def test_who_gives_away(self) -> None:
        """It takes the rule of whose it is and of whose it shall be."""
        self.allow({own_policies.PROTECT: 'role:manager and ' + OWNER})
        for who, one, owner, status in (
            (P, self.one, 'q', 403),
            (P, self.one, None, 403),
            (P, self.other, 'p', 403),
            (P, self.free, 'p', 403),
            (P, self.one, 'p', 200),
            (P, self.one, 'None', 403),
        ):
            answer = self.tell(who, base.of(one, owner=owner))
            self.assertEqual(
                status, answer.status_int, f'{one["name"]} {owner}'
            )
        both = "'p':%(project_id)s or 'q':%(project_id)s"
        self.allow({own_policies.PROTECT: both})
        answer = self.tell(P, base.of(self.one, owner='q'))
        self.assertEqual(201, answer.status_int)
        answer = self.tell(P, base.of(self.one, owner='r'))
        self.refused(answer, 403, 'forbidden')

    def test_who_makes_his_own(self) -> None:
        """It is asked about as it is to be."""
        self.allow(
            {
                policies.CREATE: 'rule:project_manager_api',
                policies.ADD_HOST: 'rule:project_manager_api',
                own_policies.PROTECT: 'rule:project_manager_api',
            }
        )
        made = {'op': 'create', 'name': 'new', 'hosts': {'add': ['h4']}}
        self.assertEqual(403, self.tell(P, made).status_int)
        answer = self.tell(P, {**made, 'owner': 'q'})
        self.assertEqual(403, answer.status_int)
        self.assertEqual(201, self.tell(P, {**made, 'owner': 'p'}).status_int)
