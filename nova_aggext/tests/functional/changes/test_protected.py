# SPDX-License-Identifier: Apache-2.0
"""What is protected stays what it is, whoever asks on which path."""

import threading

import testscenarios

from nova_aggext.tests.functional.changes import base

load_tests = testscenarios.load_tests_apply_scenarios

ROUNDS = 15


class ProtectedTest(base.ChangesTestCase):
    """Name, zone, metadata, owner and existence; hosts come and go."""

    scenarios = base.KINDS

    def setUp(self) -> None:
        super().setUp()
        self.one = self.create(
            'one',
            'h1',
            availability_zone='z1',
            metadata={'add': {'k': 'v'}},
            description='d',
            owner='p',
            protected=True,
        )

    def test_refused(self) -> None:
        before = self.rows()
        for more, fields in (
            ({'name': 'uno'}, ['name']),
            ({'availability_zone': 'z2'}, ['availability_zone']),
            ({'availability_zone': None}, ['availability_zone']),
            ({'metadata': {'set': {}}}, ['metadata']),
            ({'metadata': {'add': {'n': '1'}}}, ['metadata']),
            ({'owner': None}, ['owner']),
            ({'owner': 'q', 'name': 'uno'}, ['name', 'owner']),
            # It was protected before, whatever it is afterwards.
            ({'owner': 'q', 'protected': False}, ['owner']),
            ({'op': 'delete', 'hosts': {'set': []}}, []),
            # Even so it is not empty: 403 is told before 409.
            ({'op': 'delete'}, []),
        ):
            answer = self.post({'aggregates': [base.of(self.one, **more)]})
            (told,) = self.refused(answer, 403, 'aggregate.protected')
            self.assertEqual(fields, told['fields'])
            self.assertEqual(self.one['id'], told['aggregate']['id'])
            self.assertEqual('/change/aggregates/0', told['path'])
            planned = self.post(
                {'aggregates': [base.of(self.one, **more)]}, '?dry_run=true'
            )
            self.refused(planned, 403, 'aggregate.protected')
        self.unchanged(before)

    def test_passes(self) -> None:
        for more in (
            {'hosts': {'set': ['h2', 'h3']}},
            {'description': 'e'},
            {'description': None, 'hosts': {'remove': ['h2']}},
            {'protected': False},
            # Already so.
            {'name': 'one', 'owner': 'p', 'availability_zone': 'z1'},
            {'protected': True, 'name': 'uno', 'owner': None},
        ):
            self.post({'aggregates': [base.of(self.one, **more)]})
            self.assertTrue(
                more.items() <= self.show(self.one['id']).items()
                or 'hosts' in more,
                more,
            )
        shown = self.show(self.one['id'])
        self.assertEqual(
            ('uno', None, True, None, ['h3']),
            (
                shown['name'],
                shown['owner'],
                shown['protected'],
                shown['description'],
                shown['hosts'],
            ),
        )

    def test_from_the_side_of_a_host(self) -> None:
        host = {'host': 'h1', 'aggregates': {'set': []}}
        self.made(self.post({'hosts': [host]}))

    def test_names_may_not_be_swapped(self) -> None:
        other = self.create('two')
        answer = self.post(
            {
                'aggregates': [
                    base.of(other, name='one'),
                    base.of(self.one, name='two'),
                ]
            }
        )
        (told,) = self.refused(answer, 403, 'aggregate.protected')
        self.assertEqual('/change/aggregates/1', told['path'])

    def test_what_is_told_first(self) -> None:
        """400, then 403, then 412, then 409."""
        stale = base.of(self.one, name='uno', if_match='0' * 32)
        answer = self.post({'aggregates': [stale]})
        self.refused(answer, 403, 'aggregate.protected')
        unknown = {'aggregate': {'name': 'none'}, 'description': 'd'}
        answer = self.post({'aggregates': [stale, unknown]})
        self.refused(answer, 400, 'aggregate.unknown')
        adds = base.of(self.one, name='uno', hosts={'add': ['nobody']})
        answer = self.post({'aggregates': [adds]})
        self.refused(answer, 400, 'host.unknown')
        answer = self.post({'aggregates': [stale]}, roles='nobody')
        self.refused(answer, 403, 'forbidden')

    def test_all_are_told(self) -> None:
        other = self.create('two', protected=True)
        answer = self.post(
            {
                'aggregates': [
                    base.of(self.one, name='uno'),
                    {'op': 'delete', 'aggregate': {'id': other['id']}},
                ]
            }
        )
        self.refused(answer, 403, *['aggregate.protected'] * 2)


class ProtectedUndoTest(base.ChangesTestCase):
    """To undo is to change: the same rule holds."""

    scenarios = base.KINDS

    def test_create(self) -> None:
        made = self.change({'op': 'create', 'name': 'a', 'protected': True})
        answer = self.post({'revert': made['id']})
        self.refused(answer, 403, 'aggregate.protected')

    def test_what_protected_and_did_more(self) -> None:
        one = self.create('one')
        made = self.change(base.of(one, name='uno', protected=True))
        answer = self.post({'revert': made['id']})
        (told,) = self.refused(answer, 403, 'aggregate.protected')
        self.assertEqual(['name'], told['fields'])

    def test_what_only_protected(self) -> None:
        """That is the one change that lifts it."""
        one = self.create('one')
        made = self.change(base.of(one, protected=True))
        undone = self.made(self.post({'revert': made['id']}))
        self.assertEqual(one['etag'], self.show(one['id'])['etag'])
        self.made(self.post({'revert': undone['id']}))
        self.assertTrue(self.show(one['id'])['protected'])

    def test_what_lifted_it(self) -> None:
        one = self.create('one', protected=True)
        made = self.change(base.of(one, protected=False))
        self.change(base.of(one, name='uno'))
        self.made(self.post({'revert': made['id']}))
        self.assertTrue(self.show(one['id'])['protected'])


class NovaTest(base.ChangesTestCase):
    """Nova's path keeps to it, and says how to lift it."""

    scenarios = base.KINDS

    def setUp(self) -> None:
        super().setUp()
        self.one = self.create('one', 'h1', protected=True)
        self.empty = self.create('empty', protected=True)

    def act(self, name: str, **body: object) -> tuple[str, str, object]:
        return 'POST', f'/{self.one["id"]}/action', {name: body}

    def test_refused(self) -> None:
        before = self.rows()
        path = f'/{self.one["id"]}'
        other = self.create('other')
        before = self.rows()
        for method, at, body in (
            ('PUT', path, {'aggregate': {'name': 'uno'}}),
            ('PUT', path, {'aggregate': {'availability_zone': 'z'}}),
            # Another has the name: 403 is told before 409.
            ('PUT', path, {'aggregate': {'name': other['name']}}),
            self.act('set_metadata', metadata={'k': 'v'}),
            # Before the rule that a zone is not empty.
            self.act('set_metadata', metadata={'availability_zone': 'z'}),
            ('DELETE', f'/{self.empty["id"]}', None),
            # Before the rule that it is empty.
            ('DELETE', path, None),
        ):
            answer = self.send(method, at, body, root=base.NOVA)
            self.assertEqual(403, answer.status_int, answer.text)
            fault = answer.json['forbidden']
            self.assertEqual(403, fault['code'])
            for word in ('protected', '/os-aggext'):
                self.assertIn(word, fault['message'])
        self.unchanged(before)

    def test_passes(self) -> None:
        for method, at, body in (
            self.act('add_host', host='h2'),
            self.act('remove_host', host='h1'),
            # Nothing changes.
            ('PUT', f'/{self.one["id"]}', {'aggregate': {'name': 'one'}}),
            self.act('set_metadata', metadata={'k': None}),
        ):
            answer = self.send(method, at, body, root=base.NOVA)
            self.assertEqual(200, answer.status_int, answer.text)
        self.assertEqual(['h2'], self.show(self.one['id'])['hosts'])

    def test_unknown_and_unprotected(self) -> None:
        answer = self.send('DELETE', '/99999', root=base.NOVA)
        self.assertEqual(404, answer.status_int)
        self.change(base.of(self.empty, protected=False))
        self.nova(f'/{self.empty["id"]}', None, 'DELETE')


class RaceTest(base.ChangesTestCase):
    """One comes first, and the other knows of it."""

    scenarios = base.KINDS

    def test_protection_and_deletion(self) -> None:
        outcomes = set()
        for number in range(ROUNDS):
            one = self.create(f'a{number}')
            told: dict[str, int] = {}
            together = threading.Barrier(2)

            def protect(
                item: base.Document,
                told: dict[str, int] = told,
                together: threading.Barrier = together,
            ) -> None:
                together.wait(30)
                told['protect'] = self.post({'aggregates': [item]}).status_int

            other = threading.Thread(
                target=protect, args=(base.of(one, protected=True),)
            )
            other.start()
            together.wait(30)
            deleted = self.send('DELETE', f'/{one["id"]}', root=base.NOVA)
            other.join(60)
            outcomes.add((told['protect'], deleted.status_int))
        self.assertLessEqual(outcomes, {(201, 403), (400, 200)})
        rows = self.rows()
        protected = {row.aggregate_id for row in rows['aggext_annotations']}
        self.assertEqual(protected, {row.id for row in rows['aggregates']})
