# SPDX-License-Identifier: Apache-2.0
"""Changes that are undone."""

from typing import Any

import sqlalchemy as sa
import testscenarios

from nova_aggext.outbox import observer
from nova_aggext.tests.functional.changes import base

load_tests = testscenarios.load_tests_apply_scenarios

CONTENT = ('uuid', 'name', 'availability_zone', 'metadata', 'hosts')


class RevertTestCase(base.ChangesTestCase):
    """Two aggregates with hosts."""

    scenarios = base.KINDS

    def setUp(self) -> None:
        super().setUp()
        self.one = self.create(
            'one', 'h1', availability_zone='z1', metadata={'add': {'k': '1'}}
        )
        self.two = self.create('two', 'h2')

    def revert(self, change: base.Document | str, **more: Any) -> Any:
        number = change if isinstance(change, str) else change['id']
        return self.post({'revert': number, **more})

    def content(self, one: base.Document) -> base.Document:
        shown = self.show(one['uuid'])
        return {name: shown[name] for name in CONTENT}


class RevertTest(RevertTestCase):
    """What a change did is taken back, whole or not at all."""

    def mixed(self) -> base.Document:
        return self.change(
            base.of(
                self.one,
                name='uno',
                availability_zone=None,
                metadata={'add': {'k': '2', 'n': '1'}},
                hosts={'set': ['h3']},
            ),
            base.of(self.two, name='one', hosts={'add': ['h1']}),
            {'op': 'create', 'name': 'new', 'hosts': {'add': ['h4']}},
        )

    def test_all_kinds(self) -> None:
        before = [self.one, self.two]
        made = self.mixed()
        undone = self.made(self.revert(made, reason='oops'))
        self.assertEqual(
            ('revert', made['id'], 'oops'),
            (undone['kind'], undone['reverts'], undone['reason']),
        )
        for one in before:
            self.assertEqual(one['etag'], self.show(one['id'])['etag'])
        new = made['effects'][2]['aggregate']['uuid']
        answer = self.send('GET', f'/aggregates/{new}')
        self.assertEqual(404, answer.status_int)
        shown = self.send('GET', f'/changes/{made["id"]}').json['change']
        self.assertEqual(undone['id'], shown['reverted_by'])

    def test_plan(self) -> None:
        made = self.mixed()
        before = self.rows()
        planned = self.plan({'revert': made['id']})
        self.unchanged(before)
        undone = self.made(self.revert(made, expect_digest=planned['digest']))
        self.assertEqual(planned['digest'], undone['digest'])

    def test_second_time(self) -> None:
        made = self.mixed()
        first = self.made(self.revert(made))
        (told,) = self.refused(self.revert(made), 409, 'revert.overtaken')
        self.assertEqual([first['id']], told['changes'])

    def test_what_was_overtaken(self) -> None:
        """All that is so is told; nothing is undone."""
        made = self.mixed()
        later = self.change(
            base.of(
                self.one,
                metadata={'remove': ['n']},
                hosts={'remove': ['h3']},
                availability_zone='z9',
            )
        )
        before = self.rows()
        answer = self.revert(made)
        told = self.refused(answer, 409, *['revert.overtaken'] * 3)
        self.assertEqual(
            {'availability_zone', 'metadata/n', 'hosts/h3'},
            {one['field'] for one in told},
        )
        for one in told:
            self.assertEqual([later['id']], one['changes'])
        self.unchanged(before)

    def test_what_else_was_changed(self) -> None:
        """That does not matter."""
        made = self.change(base.of(self.one, metadata={'add': {'k': '2'}}))
        self.change(
            base.of(
                self.one, metadata={'add': {'o': '1'}}, hosts={'add': ['h3']}
            )
        )
        self.made(self.revert(made))
        shown = self.show(self.one['id'])
        self.assertEqual({'k': '1', 'o': '1'}, shown['metadata'])
        self.assertEqual(['h1', 'h3'], shown['hosts'])

    def test_a_create_that_was_changed(self) -> None:
        made = self.change({'op': 'create', 'name': 'new'})
        new = made['effects'][0]['aggregate']
        for item in (
            base.of(new, hosts={'add': ['h4']}),
            base.of(
                new, hosts={'remove': ['h4']}, metadata={'add': {'a': ''}}
            ),
            {'op': 'delete', 'aggregate': {'id': new['id']}},
        ):
            self.change(item)
            self.refused(self.revert(made), 409, 'revert.overtaken')

    def test_a_delete(self) -> None:
        """It comes back with its uuid."""
        content = self.content(self.one)
        made = self.change(
            {
                'op': 'delete',
                'aggregate': {'name': 'one'},
                'hosts': {'set': []},
            }
        )
        undone = self.made(self.revert(made))
        (effect,) = undone['effects']
        self.assertEqual(self.one['uuid'], effect['uuid'])
        self.assertEqual(content, self.content(self.one))
        again = self.made(self.revert(undone))
        self.assertEqual('delete', again['effects'][0]['op'])
        self.made(self.revert(again))
        self.assertEqual(content, self.content(self.one))

    def test_several_deletes(self) -> None:
        """All of them come back."""
        contents = [self.content(one) for one in (self.one, self.two)]
        made = self.change(
            *(
                {
                    'op': 'delete',
                    'aggregate': {'name': name},
                    'hosts': {'set': []},
                }
                for name in ('one', 'two')
            )
        )
        self.made(self.revert(made))
        self.assertEqual(
            contents, [self.content(one) for one in (self.one, self.two)]
        )

    def test_a_delete_whose_name_or_uuid_is_taken(self) -> None:
        gone = {'op': 'delete', 'aggregate': {'name': 'two'}}
        made = self.change({**gone, 'hosts': {'set': []}})
        other = self.create('two')
        self.refused(self.revert(made), 409, 'name.taken')
        self.change(
            {'op': 'delete', 'aggregate': {'id': other['id']}},
            {'op': 'create', 'name': 'x', 'uuid': self.two['uuid']},
        )
        self.refused(self.revert(made), 409, 'uuid.taken')

    def test_a_revert(self) -> None:
        made = self.mixed()
        after = [self.show(one['id']) for one in (self.one, self.two)]
        undone = self.made(self.revert(made))
        done = self.made(self.revert(undone))
        self.assertEqual(
            [one['etag'] for one in after],
            [self.show(one['id'])['etag'] for one in (self.one, self.two)],
        )
        self.assertEqual(undone['id'], done['reverts'])

    def test_rules_hold(self) -> None:
        made = self.change(base.of(self.one, hosts={'remove': ['h1']}))
        self.inventory.add_host('h1', instances=3)
        answer = self.revert(made)
        (told,) = self.refused(answer, 409, 'zone.instances')
        self.assertEqual(3, told['instances'])
        self.inventory.remove_host('h1')
        self.refused(self.revert(made), 400, 'host.unknown')
        planned = self.made(self.revert(made, unknown_hosts='skip'), 200)
        self.assertEqual([], planned['effects'])

    def test_overtaken_comes_before_the_rules(self) -> None:
        made = self.change(
            base.of(self.two, name='three', hosts={'remove': ['h2']})
        )
        self.change(base.of(self.two, hosts={'add': ['h2']}))
        self.create('two')
        answer = self.revert(made)
        self.refused(answer, 409, 'revert.overtaken')

    def test_unknown(self) -> None:
        for number in (base.new_id(), 'n-999999'):
            answer = self.revert(number)
            (told,) = self.refused(answer, 400, 'change.unknown')
            self.assertEqual(number, told['change'])
            self.assertEqual('/change/revert', told['path'])
            answer = self.post({'revert': number}, roles='reader')
            self.refused(answer, 403, 'forbidden')

    def test_put(self) -> None:
        made = self.mixed()
        number = base.new_id()
        undone = self.made(self.put(number, {'revert': made['id']}))
        again = self.made(self.put(number, {'revert': made['id']}), 200)
        self.assertEqual(undone['effects'], again['effects'])


class ObservedTest(RevertTestCase):
    """Changes of others, which were found in the tables."""

    def setUp(self) -> None:
        super().setUp()
        # From now on all that is there is known.
        self.look()

    def look(self) -> None:
        observer.Observer(self.db.database).look(0, None)

    def others(self, *statements: str) -> base.Document:
        """Change something past the API; give that change."""

        def work(session: sa.Connection) -> None:
            for one in statements:
                session.execute(sa.text(one))

        self.db.database.write(work)
        self.look()
        path = '/changes?sort=changed_at:desc&limit=1'
        (found,) = self.send('GET', path).json['changes']
        self.assertEqual('observed', found['kind'])
        return dict(found)

    def test_all_kinds(self) -> None:
        number = self.one['id']
        where = f'WHERE aggregate_id = {number}'
        for statement in (
            f"UPDATE aggregates SET name = 'uno' WHERE id = {number}",
            f'DELETE FROM aggregate_hosts {where}',
            f"UPDATE aggregate_metadata SET value = 'x' {where}",
        ):
            before = self.show(number)['etag']
            found = self.others(statement)
            self.assertNotEqual(before, self.show(number)['etag'])
            undone = self.made(self.revert(found))
            self.assertEqual(before, self.show(number)['etag'])
            self.assertEqual(found['id'], undone['reverts'])
            self.refused(self.revert(found), 409, 'revert.overtaken')

    def test_a_delete(self) -> None:
        content = self.content(self.one)
        where = f'= {self.one["id"]}'
        found = self.others(
            f'DELETE FROM aggregate_hosts WHERE aggregate_id {where}',
            f'DELETE FROM aggregate_metadata WHERE aggregate_id {where}',
            f'DELETE FROM aggregates WHERE id {where}',
        )
        self.made(self.revert(found))
        self.assertEqual(content, self.content(self.one))

    def test_overtaken(self) -> None:
        found = self.others(
            f"UPDATE aggregates SET name = 'x' WHERE id = {self.two['id']}"
        )
        later = self.change(base.of(self.two, name='y'))
        (told,) = self.refused(self.revert(found), 409, 'revert.overtaken')
        self.assertEqual([later['id']], told['changes'])


class NovaTest(RevertTestCase):
    """Changes that were made through Nova's API."""

    def last(self) -> base.Document:
        """Give the newest change."""
        path = '/changes?sort=changed_at:desc&limit=1'
        (found,) = self.send('GET', path).json['changes']
        self.assertEqual('nova', found['kind'])
        return dict(found)

    def test_all_kinds(self) -> None:
        number, path = self.two['id'], f'/{self.two["id"]}'
        action = f'{path}/action'
        for where, body, method in (
            (path, {'aggregate': {'name': 'drei'}}, 'PUT'),
            (path, {'aggregate': {'availability_zone': 'z7'}}, 'PUT'),
            (action, {'add_host': {'host': 'h3'}}, 'POST'),
            (action, {'remove_host': {'host': 'h2'}}, 'POST'),
            (action, {'set_metadata': {'metadata': {'a': 'b'}}}, 'POST'),
        ):
            before = self.show(number)['etag']
            self.nova(where, body, method)
            self.assertNotEqual(before, self.show(number)['etag'])
            last = self.last()
            undone = self.made(self.revert(last))
            self.assertEqual(before, self.show(number)['etag'])
            self.assertEqual(last['id'], undone['reverts'])
            self.refused(self.revert(last), 409, 'revert.overtaken')

    def test_a_create(self) -> None:
        body = {'aggregate': {'name': 'n', 'availability_zone': 'z'}}
        made = self.nova('', body)['aggregate']
        undone = self.made(self.revert(self.last()))
        self.assertEqual('delete', undone['effects'][0]['op'])
        answer = self.send('GET', f'/aggregates/{made["id"]}')
        self.assertEqual(404, answer.status_int)

    def test_a_delete(self) -> None:
        empty = self.create(
            'empty', availability_zone='z', metadata={'add': {'k': 'v'}}
        )
        content = self.content(empty)
        self.nova(f'/{empty["id"]}', None, 'DELETE')
        self.made(self.revert(self.last()))
        self.assertEqual(content, self.content(empty))

    def test_overtaken(self) -> None:
        action = f'/{self.two["id"]}/action'
        self.nova(action, {'set_metadata': {'metadata': {'a': 'b'}}})
        first = self.last()
        self.nova(action, {'set_metadata': {'metadata': {'a': 'c'}}})
        (told,) = self.refused(self.revert(first), 409, 'revert.overtaken')
        self.assertEqual([self.last()['id']], told['changes'])
