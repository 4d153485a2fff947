# SPDX-License-Identifier: Apache-2.0
"""What a change asks, what is answered, and what of it is kept."""

from typing import Any

import sqlalchemy as sa
import testscenarios

from nova_aggext.db import models
from nova_aggext.tests.functional.changes import base

load_tests = testscenarios.load_tests_apply_scenarios


class AnswersTest(base.ChangesTestCase):
    """Status, Location, and what a repeat is answered."""

    scenarios = base.KINDS
    options = base.TOLD

    def setUp(self) -> None:
        super().setUp()
        self.one = self.create('one')
        self.asked = {
            'reason': 'CHG-1',
            'aggregates': [base.of(self.one, hosts={'add': ['h1']})],
        }

    def test_posted(self) -> None:
        answer = self.post(self.asked)
        made = self.made(answer)
        where = f'http://localhost{base.ROOT}/changes/{made["id"]}'
        self.assertEqual(where, answer.headers['Location'])
        expected = {
            'kind': 'change',
            'dry_run': False,
            'changed': True,
            'reason': 'CHG-1',
            'manager': None,
            'reverts': None,
            'reverted_by': None,
            'user_id': 'me',
            'project_id': 'abc',
            'delivery': 'pending',
        }
        self.assertEqual(expected, {one: made[one] for one in expected})
        self.assertRegex(
            made['changed_at'], r'^\d{4}-\d\d-\d\dT[0-9:]{8}\.\d{6}Z$'
        )
        self.assertEqual(1, made['impact']['scheduler_casts'])
        self.assertEqual(1, made['impact']['placement_updates'])

    def test_posted_without_effect(self) -> None:
        self.made(self.post(self.asked))
        before = self.rows()
        answer = self.post(self.asked)
        made = self.made(answer, 200)
        self.assertNotIn('Location', answer.headers)
        self.assertEqual(
            (None, None, False, 'done'),
            tuple(
                made[one]
                for one in ('id', 'changed_at', 'changed', 'delivery')
            ),
        )
        self.unchanged(before)

    def test_put(self) -> None:
        number = base.new_id()
        answer = self.put(number, self.asked)
        made = self.made(answer)
        self.assertEqual(number, made['id'])
        self.assertTrue(
            answer.headers['Location'].endswith(f'/changes/{number}')
        )
        self.change(base.of(self.one, hosts={'remove': ['h1']}))
        # Who looks at a change gives it a position.
        self.put(number, self.asked)
        before = self.rows()
        answer = self.put(number, self.asked)
        repeated = self.made(answer, 200)
        self.assertNotIn('Location', answer.headers)
        now = ('position', 'delivery', 'reverted_by')
        for one in now:
            del made[one], repeated[one]
        self.assertEqual(made, repeated)
        self.unchanged(before)

    def test_put_leaves_no_lock(self) -> None:
        """Nobody takes the lock of an id again, once it is stored."""
        number = base.new_id()
        for body in (self.asked, {'aggregates': [base.of(self.one)]}):
            self.made(self.put(number, body))
            number = base.new_id()
        names = sa.select(models.locks.c.name)
        found = self.db.database.read(lambda s: list(s.scalars(names)))
        self.assertEqual(
            [], [one for one in found if one.startswith('change:')]
        )

    def test_put_in_another_order(self) -> None:
        """The order of keys, and blanks, do not make another request."""
        number = base.new_id()
        self.made(self.put(number, self.asked))
        body = (
            b'{ "change" : {"aggregates": [{"hosts": {"add": ["h1"]},'
            b' "aggregate": {"id": %d}}], "reason": "CHG-1"} }'
        )
        answer = self.send('PUT', f'/changes/{number}', body % self.one['id'])
        self.made(answer, 200)

    def test_put_without_effect(self) -> None:
        guard = {'aggregates': [base.of(self.one)]}
        number = base.new_id()
        made = self.made(self.put(number, guard))
        self.assertEqual(
            (number, False, []),
            (made['id'], made['changed'], made['effects']),
        )
        self.assertIsNotNone(made['changed_at'])
        self.made(self.put(number, guard), 200)

    def test_id_reused(self) -> None:
        number = base.new_id()
        self.made(self.put(number, self.asked))
        before = self.rows()
        other = {**self.asked, 'reason': 'CHG-2'}
        for change, who in (
            (other, {}),
            (self.asked, {'user': 'you'}),
            (self.asked, {'project': 'def'}),
        ):
            for query in '', '?dry_run=true':
                answer = self.put(number, change, query, **who)
                (told,) = self.refused(answer, 409, 'change.id_reused')
                self.assertEqual(number, told['change'])
        self.unchanged(before)

    def test_id_reused_is_told_after_the_form_alone(self) -> None:
        number = base.new_id()
        self.made(self.put(number, self.asked))
        unknown = {'aggregates': [{'aggregate': {'name': 'none'}}]}
        for roles in ('admin', 'nobody'):
            answer = self.put(number, unknown, roles=roles)
            self.refused(answer, 409, 'change.id_reused')
            answer = self.put(number, {'aggregates': 7}, roles=roles)
            self.refused(answer, 400, 'request.invalid')

    def test_refused_requests_take_no_id(self) -> None:
        number = base.new_id()
        bad = {'aggregates': [{'aggregate': {'name': 'none'}}]}
        self.refused(self.put(number, bad), 400, 'aggregate.unknown')
        self.made(self.put(number, self.asked))

    def test_plans_of_a_put(self) -> None:
        """The id is not taken, and a used one plans anew."""
        number = base.new_id()
        for changed in (True, False):
            planned = self.made(
                self.put(number, self.asked, '?dry_run=true'), 200
            )
            self.assertEqual(
                (None, None, None, True, changed),
                tuple(
                    planned[one]
                    for one in (
                        'id',
                        'changed_at',
                        'delivery',
                        'dry_run',
                        'changed',
                    )
                ),
            )
            if changed:
                self.made(self.put(number, self.asked))

    def test_a_plan_changes_nothing(self) -> None:
        before = self.rows()
        for query in ('?dry_run=true', '?dry_run=true&dry_run=true'):
            self.post(self.asked, query)
        self.unchanged(before)
        self.made(self.post(self.asked, '?dry_run=false'))


class MembershipsTest(base.ChangesTestCase):
    """Strict changes, and hosts that nobody knows."""

    scenarios = base.KINDS

    def setUp(self) -> None:
        super().setUp()
        self.one = self.create('one', 'h1')
        self.two = self.create('two')

    def side(self, host: str, **ways: Any) -> base.Document:
        named = {
            way: [{'id': one['id']} for one in ones]
            for way, ones in ways.items()
        }
        return {'hosts': [{'host': host, 'aggregates': named}]}

    def ours(self, **ways: Any) -> base.Document:
        return {'aggregates': [base.of(self.one, hosts=ways)]}

    def test_strict(self) -> None:
        for change, path, expected in (
            (
                self.ours(add=['h2', 'h1']),
                '/change/aggregates/0/hosts/add/1',
                False,
            ),
            (
                self.ours(remove=['h1', 'h2']),
                '/change/aggregates/0/hosts/remove/1',
                True,
            ),
            (
                self.side('h1', add=[self.two, self.one]),
                '/change/hosts/0/aggregates/add/1',
                False,
            ),
            (
                self.side('h1', remove=[self.two]),
                '/change/hosts/0/aggregates/remove/0',
                True,
            ),
        ):
            answer = self.post({**change, 'strict': True})
            (told,) = self.refused(answer, 409, 'membership.unexpected')
            self.assertEqual(path, told['path'])
            self.assertIs(expected, told['expected'])
            self.plan(change)

    def test_strict_is_not_about_sets(self) -> None:
        for change in (
            self.ours(set=['h1', 'h2']),
            self.side('h1', set=[self.one, self.two]),
            self.side('h1', set=[self.one]),
            {'aggregates': [base.of(self.one, metadata={'remove': ['k']})]},
        ):
            self.plan({**change, 'strict': True})

    def test_strict_passes_over_the_skipped(self) -> None:
        change = self.ours(add=['none', 'h2'])
        made = self.made(
            self.post({**change, 'strict': True, 'unknown_hosts': 'skip'})
        )
        self.assertEqual({'add': ['h2']}, made['effects'][0]['hosts'])
        (told,) = made['warnings']
        self.assertEqual('host-aggregate.unknown_host_skipped', told['code'])
        self.assertEqual(['none'], told['hosts'])

    def test_unknown_hosts(self) -> None:
        """Each is told where it is named."""
        change = {
            'aggregates': [
                base.of(self.one, hosts={'add': ['h2', 'n[1-2]']}),
                base.of(self.two, hosts={'add': ['n1']}),
            ],
            **self.side('n9', add=[self.two]),
        }
        for refuse in ({}, {'unknown_hosts': 'refuse'}):
            answer = self.post({**change, **refuse})
            told = self.refused(answer, 400, *['host.unknown'] * 4)
            self.assertEqual(
                [
                    ('n1', '/change/aggregates/0/hosts/add/1'),
                    ('n2', '/change/aggregates/0/hosts/add/1'),
                    ('n1', '/change/aggregates/1/hosts/add/0'),
                    ('n9', '/change/hosts/0/aggregates/add/0'),
                ],
                [(each['host'], each['path']) for each in told],
            )
        made = self.made(self.post({**change, 'unknown_hosts': 'skip'}))
        self.assertEqual(1, len(made['effects']))
        self.assertEqual(['n1', 'n2', 'n9'], made['warnings'][0]['hosts'])

    def test_members_are_not_looked_for(self) -> None:
        """A dead one may stay, come twice, and go."""
        self.inventory.remove_host('h1')
        self.made(self.post(self.ours(add=['h1'])), 200)
        self.made(self.post(self.ours(set=['h1', 'h2'])))
        self.made(self.post(self.side('h1', set=[])))
        answer = self.post(self.ours(add=['h1']))
        self.refused(answer, 400, 'host.unknown')

    def test_a_guard(self) -> None:
        """An item that asks nothing looks at the tag alone."""
        guard = base.of(self.one, if_match=self.one['etag'])
        item = base.of(self.two, hosts={'add': ['h2']})
        self.change(guard, item)
        self.change(base.of(self.one, metadata={'add': {'k': 'v'}}))
        item['hosts'] = {'remove': ['h2']}
        answer = self.post({'aggregates': [guard, item]})
        (told,) = self.refused(answer, 412, 'etag.mismatch')
        self.assertEqual('/change/aggregates/0/if_match', told['path'])
        self.assertEqual(self.show(self.one['id'])['etag'], told['etag'])

    def test_names_that_differ_in_case_alone(self) -> None:
        """MariaDB holds one of them in an aggregate; that is told."""
        self.inventory.remove_host('h1')
        self.inventory.add_host('H1')
        for query in '?dry_run=true', '':
            answer = self.post(self.ours(add=['H1']), query)
            if self.kind == 'mysql':
                (told,) = self.refused(answer, 409, 'membership.unexpected')
                self.assertEqual('h1', told['present'])
            else:
                self.assertIn(answer.status_int, (200, 201))
        swap = self.ours(remove=['h1'], add=['H1'])
        if self.kind == 'mysql':
            self.made(self.post(swap))
            self.assertEqual(['H1'], self.show(self.one['id'])['hosts'])
