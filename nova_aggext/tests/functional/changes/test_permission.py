# SPDX-License-Identifier: Apache-2.0
"""Who may change what, and which refusal comes first."""

from typing import Any

from nova_aggext.policies import aggregates as policies
from nova_aggext.policies import host_aggregate as own_policies
from nova_aggext.tests.functional.changes import base

NOBODY = {'name': 'none'}


class PermissionTest(base.ChangesTestCase):
    """Rules are asked for all that is named, not for what it does."""

    def setUp(self) -> None:
        super().setUp()
        self.one = self.create('one', 'h1', metadata={'add': {'k': 'v'}})
        self.two = self.create('two')
        rules = {
            policies.CREATE: 'role:creator',
            policies.UPDATE: 'role:updater',
            policies.DELETE: 'role:deleter',
            policies.SET_METADATA: 'role:setter',
            policies.ADD_HOST: 'role:adder',
            policies.REMOVE_HOST: 'role:remover',
            own_policies.AGGREGATES_SHOW: 'role:shower',
            own_policies.HOSTS_SHOW: 'role:viewer',
            own_policies.CHANGES_SHOW: 'role:follower',
        }
        self.roles = {name: role[5:] for name, role in rules.items()}
        self.allow(rules)

    def need(self, change: base.Document, *rules: str) -> None:
        """Check which rules a change is asked under."""
        told = self.forbidden(change, 'follower')
        self.assertEqual({*rules}, {one['rule'] for one in told})
        for rule in rules:
            most = ','.join(
                role for name, role in self.roles.items() if name != rule
            )
            told = self.forbidden(change, most)
            self.assertEqual({rule}, {one['rule'] for one in told})
        every = ','.join(self.roles[rule] for rule in rules)
        self.made(self.post(change, '?dry_run=true', roles=every), 200)

    def forbidden(self, change: Any, roles: str) -> list[base.Document]:
        found = []
        for query in '?dry_run=true', '':
            answer = self.post(change, query, roles=roles)
            self.assertEqual(403, answer.status_int, answer.text)
            found = answer.json['errors']
            for one in found:
                self.assertEqual('host-aggregate.forbidden', one['code'])
                self.assertIn('path', one)
        return list(found)

    def test_items(self) -> None:
        """Also where nothing comes of it."""
        self.need(
            {'aggregates': [base.of(self.one)]}, own_policies.AGGREGATES_SHOW
        )
        for more, *rules in (
            ({'name': 'one'}, policies.UPDATE),
            ({'availability_zone': None}, policies.UPDATE),
            ({'metadata': {'add': {'k': 'v'}}}, policies.SET_METADATA),
            ({'hosts': {'add': ['h1']}}, policies.ADD_HOST),
            ({'hosts': {'remove': ['h2']}}, policies.REMOVE_HOST),
            (
                {'hosts': {'set': ['h1']}},
                policies.ADD_HOST,
                policies.REMOVE_HOST,
            ),
        ):
            self.need({'aggregates': [base.of(self.one, **more)]}, *rules)

    def test_create_and_delete(self) -> None:
        create = {
            'op': 'create',
            'name': 'new',
            'availability_zone': 'z',
            'metadata': {'add': {'k': 'v'}},
            'hosts': {'add': ['h2']},
        }
        self.need(
            {'aggregates': [create]},
            policies.CREATE,
            policies.SET_METADATA,
            policies.ADD_HOST,
        )
        delete = {'op': 'delete', 'aggregate': {'name': 'one'}}
        self.need(
            {'aggregates': [{**delete, 'hosts': {'remove': ['h1']}}]},
            policies.DELETE,
            policies.REMOVE_HOST,
        )

    def test_host_items(self) -> None:
        for ways, *rules in (
            ({}, own_policies.HOSTS_SHOW),
            ({'add': [{'name': 'one'}]}, policies.ADD_HOST),
            ({'remove': [{'name': 'two'}]}, policies.REMOVE_HOST),
            ({'set': []}, policies.REMOVE_HOST),
            (
                {'set': [{'name': 'one'}]},
                policies.ADD_HOST,
                policies.REMOVE_HOST,
            ),
        ):
            item: base.Document = {'host': 'h1', 'aggregates': ways}
            self.need({'hosts': [item]}, *rules)

    def test_all_are_told(self) -> None:
        items = [
            base.of(self.one, name='x', hosts={'set': []}),
            base.of(self.two, metadata={'remove': ['k']}),
            {'op': 'create', 'name': 'new'},
        ]
        told = self.forbidden({'aggregates': items}, 'updater')
        at = '/change/aggregates'
        self.assertEqual(
            [
                (policies.ADD_HOST, f'{at}/0'),
                (policies.REMOVE_HOST, f'{at}/0'),
                (policies.SET_METADATA, f'{at}/1'),
                (policies.CREATE, f'{at}/2'),
            ],
            [(one['rule'], one['path']) for one in told],
        )

    def test_one_of_many_is_not_allowed(self) -> None:
        """It alone is told, and nothing of all is done."""
        items: list[base.Document] = [
            {'op': 'create', 'name': f'new-{number}'} for number in range(199)
        ]
        items.insert(150, base.of(self.two, metadata={'add': {'a': 'b'}}))
        before = self.rows()
        (told,) = self.forbidden({'aggregates': items}, 'creator,shower')
        self.assertEqual(
            (policies.SET_METADATA, '/change/aggregates/150', 'two'),
            (told['rule'], told['path'], told['aggregate']['name']),
        )
        self.unchanged(before)
        self.made(
            self.post({'aggregates': items}, roles='creator,setter,shower')
        )

    def test_nobody_learns_by_trying(self) -> None:
        """What is there is answered as what is not."""
        for make in (
            lambda one: {'aggregates': [{'aggregate': one, 'name': 'x'}]},
            lambda one: {
                'hosts': [{'host': 'h1', 'aggregates': {'add': [one]}}]
            },
        ):
            there = self.forbidden(make({'name': 'one'}), 'nobody')
            missing = self.forbidden(make(NOBODY), 'nobody')
            for errors in there, missing:
                for one in errors:
                    del one['request_id']
            self.assertEqual(missing, there)
        for host in 'h1', 'h2', 'none':
            change: base.Document = {
                'hosts': [{'host': host, 'aggregates': {'set': []}}]
            }
            (told,) = self.forbidden(change, 'nobody')
            self.assertNotIn('aggregate', told)

    def test_who_may_see_is_told_more(self) -> None:
        item: base.Document = {'host': 'h1', 'aggregates': {'set': []}}
        change = {'hosts': [item]}
        told = self.forbidden(change, 'shower')
        self.assertIn(
            self.one['id'],
            [one.get('aggregate', {}).get('id') for one in told],
        )

    def test_a_revert(self) -> None:
        """It is asked under what its inverse names."""
        every = ','.join(self.roles.values())
        item = base.of(self.one, hosts={'remove': ['h1'], 'add': ['h2']})
        made = self.made(self.post({'aggregates': [item]}, roles=every))
        change = {'revert': made['id']}
        self.need(change, policies.ADD_HOST, policies.REMOVE_HOST)
        unknown = {'revert': base.new_id()}
        self.forbidden(unknown, 'shower')
        answer = self.post(unknown, roles='setter')
        self.refused(answer, 400, 'change.unknown')


class PrecedenceTest(base.ChangesTestCase):
    """All errors of an answer have one status, the first of these."""

    def setUp(self) -> None:
        super().setUp()
        self.one = self.create('one', 'h1', availability_zone='z1')
        self.create('two', availability_zone='z2')

    def test_precedence(self) -> None:
        """Form, permission, resolution, etags and digest, rules."""
        stale = {'if_match': '0' * 32}
        conflict = {'host': 'h1', 'aggregates': {'add': [{'name': 'two'}]}}
        change: base.Document = {
            'aggregates': [
                {'aggregate': NOBODY},
                base.of(self.one, **stale),
                {'op': 'create', 'name': 'TWO'},
            ],
            'hosts': [conflict],
            'expect_digest': '1' * 32,
            'reason': 'a\nb',
        }
        for query in '', '?dry_run=true':
            answer = self.post(change, query, roles='nobody')
            self.refused(answer, 400, 'request.invalid')
            right = {**change, 'reason': 'ab'}
            answer = self.post(right, query, roles='nobody')
            self.assertEqual(403, answer.status_int)
            answer = self.post(right, query)
            self.refused(answer, 400, 'aggregate.unknown')
            right['aggregates'] = change['aggregates'][1:]
            answer = self.post(right, query)
            told = self.refused(answer, 412, 'etag.mismatch', 'plan.stale')
            self.assertEqual('/change/expect_digest', told[1]['path'])
            del right['expect_digest']
            self.refused(self.post(right, query), 412, 'etag.mismatch')
            right['aggregates'] = change['aggregates'][2:]
            answer = self.post(right, query)
            told = self.refused(answer, 409, 'name.taken', 'zone.conflict')
            self.assertEqual(
                ['/change/aggregates/0', '/change/hosts/0/aggregates/add/0'],
                [one['path'] for one in told],
            )

    def test_unknown_hosts_come_before_etags(self) -> None:
        item = base.of(self.one, if_match='0' * 32, hosts={'add': ['none']})
        answer = self.post({'aggregates': [item]})
        self.refused(answer, 400, 'host.unknown')

    def test_keys_that_collide(self) -> None:
        values: base.Document
        self.change(base.of(self.one, metadata={'add': {'ssd': '1'}}))
        for values in (
            {'add': {'SSD': '1'}},
            {'add': {'a': '1', 'A': '2'}},
            {'set': {'ssd': '1', 'ssd ': '2'}},
        ):
            answer = self.post(
                {'aggregates': [base.of(self.one, metadata=values)]}
            )
            self.refused(answer, 400, 'metadata.collision')
        values = {'add': {'SSD': '1'}, 'remove': ['ssd']}
        self.change(base.of(self.one, metadata=values))
        self.assertEqual({'SSD': '1'}, self.show(self.one['id'])['metadata'])


class HostTagsTest(base.ChangesTestCase):
    """Host items that are of what was read."""

    def etag(self, host: str) -> str:
        shown = self.send('GET', f'/hosts/{host}').json['host']
        return str(shown['etag'])

    def test_if_match(self) -> None:
        one = self.create('one')
        two = self.create('two', 'h1')
        tag = self.etag('h1')
        added = {'add': [{'id': one['id']}]}
        item = {'host': 'h1', 'aggregates': added, 'if_match': tag}
        planned = self.plan({'hosts': [item]})
        self.assertTrue(planned['changed'])
        self.change(base.of(two, metadata={'add': {'filter_tenant_id': 'x'}}))
        for query in '?dry_run=true', '':
            answer = self.post({'hosts': [item]}, query)
            (told,) = self.refused(answer, 412, 'etag.mismatch')
            self.assertEqual('/change/hosts/0/if_match', told['path'])
            self.assertEqual(self.etag('h1'), told['etag'])
        item['if_match'] = told['etag']
        self.made(self.post({'hosts': [item]}))

    def test_a_guard(self) -> None:
        one = self.create('one', 'h1')
        guard: base.Document = {
            'host': 'h2',
            'aggregates': {},
            'if_match': self.etag('h2'),
        }
        change = {
            'aggregates': [base.of(one, hosts={'remove': ['h1']})],
            'hosts': [guard],
        }
        self.inventory.remove_host('h2')
        self.refused(self.post(change), 412, 'etag.mismatch')
        self.inventory.add_host('h2')
        self.made(self.post(change))
