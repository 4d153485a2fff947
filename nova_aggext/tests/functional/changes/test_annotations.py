# SPDX-License-Identifier: Apache-2.0
"""Descriptions and owners of aggregates, set by changes."""

import sqlalchemy as sa
import testscenarios

from nova_aggext.db import models
from nova_aggext.tests.functional.changes import base

load_tests = testscenarios.load_tests_apply_scenarios

# What joins code points, beyond the basic plane, and on several lines.
ODD = 'Hall \U0001f469\u200d\U0001f692, feed "A"\n\tsee \\RUNBOOK\u00e4\u4e2d'
NAMES = ('description', 'owner', 'protected')
NOTHING = {'description': None, 'owner': None, 'protected': False}


def said(shown: base.Document) -> base.Document:
    """Give the annotations of what is shown."""
    return {name: shown[name] for name in NAMES}


class AnnotationsTest(base.ChangesTestCase):
    """They are part of what an aggregate is, and of every change of it."""

    scenarios = base.KINDS

    def annotated(self, one: base.Document) -> int:
        """Count the rows of an aggregate."""
        rows = self.rows()[models.annotations.name]
        return sum(row.aggregate_id == one['id'] for row in rows)

    def test_set(self) -> None:
        one = self.create('one')
        self.assertEqual(NOTHING, said(one))
        made = self.change(base.of(one, description=ODD, owner='p1'))
        (effect,) = made['effects']
        self.assertEqual(
            {
                'op': 'update',
                'aggregate': {
                    'id': one['id'],
                    'uuid': one['uuid'],
                    'name': 'one',
                },
                'description': ODD,
                'owner': 'p1',
                'before': {'description': None, 'owner': None},
                'etag': self.show(one['id'])['etag'],
                'etag_before': one['etag'],
            },
            effect,
        )
        shown = self.show(one['uuid'])
        self.assertEqual(
            {'description': ODD, 'owner': 'p1', 'protected': False},
            said(shown),
        )
        self.assertNotEqual(one['etag'], shown['etag'])

    def test_take_away(self) -> None:
        one = self.create('one', description='', owner='p1', protected=True)
        self.assertEqual(
            {'description': '', 'owner': 'p1', 'protected': True}, said(one)
        )
        self.change(base.of(one, protected=False))
        made = self.change(base.of(one, description=None, owner=None))
        self.assertEqual(
            {'description': '', 'owner': 'p1'}, made['effects'][0]['before']
        )
        self.assertEqual(NOTHING, said(self.show(one['id'])))
        self.assertEqual(0, self.annotated(one))

    def test_plain_ones_keep_their_tag(self) -> None:
        one = self.create('one')
        self.change(base.of(one, description='d'))
        self.change(base.of(one, description=None))
        self.assertEqual(one['etag'], self.show(one['id'])['etag'])

    def test_create(self) -> None:
        made = self.change(
            {'op': 'create', 'name': 'one', 'description': ODD, 'owner': 'p'},
            {'op': 'create', 'name': 'two', 'owner': None, 'protected': False},
        )
        one, two = made['effects']
        self.assertEqual(
            (ODD, 'p', False),
            (one['description'], one['owner'], 'protected' in one),
        )
        self.assertFalse({*NAMES} & two.keys())
        self.assertEqual(
            [1, 0], [self.annotated(x['aggregate']) for x in (one, two)]
        )

    def test_delete_takes_them_along(self) -> None:
        one = self.create('one', description='d', owner='p')
        two = self.create('two', description='d', owner='p')
        made = self.change({'op': 'delete', 'aggregate': {'id': one['id']}})
        before = made['effects'][0]['before']
        self.assertEqual(('d', 'p'), (before['description'], before['owner']))
        self.assertNotIn('protected', before)
        self.nova(f'/{two["id"]}', None, 'DELETE')
        self.assertEqual([], self.rows()[models.annotations.name])

    def test_many(self) -> None:
        """Those that get, change and lose a row in one change."""
        some = [self.create(f'a{n}', description=f'd{n}') for n in range(4)]
        bare = [self.create(f'b{n}') for n in range(3)]
        made = self.change(
            *(base.of(one, description=None) for one in some[:2]),
            *(base.of(one, description='x', owner='o') for one in some[2:]),
            *(base.of(one, owner=one['name']) for one in bare),
        )
        self.assertEqual(7, len(made['effects']))
        found = [said(self.show(one['id'])) for one in (*some, *bare)]
        self.assertEqual(
            [
                *[NOTHING] * 2,
                *[{**NOTHING, 'description': 'x', 'owner': 'o'}] * 2,
                *[{**NOTHING, 'owner': f'b{n}'} for n in range(3)],
            ],
            found,
        )

    def test_sent_again(self) -> None:
        one = self.create('one')
        made = self.change(base.of(one, description=ODD, protected=True))
        again = self.made(self.post(base.again(made)), 200)
        self.assertFalse(again['changed'])
        self.assertEqual([], again['effects'])

    def test_digest_and_plan(self) -> None:
        one = self.create('one', owner='p')
        wanted = {'aggregates': [base.of(one, description='d', owner='q')]}
        before = self.rows()
        planned = self.plan(wanted)
        self.unchanged(before)
        self.change(base.of(one, owner='r'))
        stale = self.post({**wanted, 'expect_digest': planned['digest']})
        self.refused(stale, 412, 'plan.stale')
        self.change(base.of(one, owner='p'))
        made = self.post({**wanted, 'expect_digest': planned['digest']})
        self.assertEqual(planned['digest'], self.made(made)['digest'])

    def test_if_match(self) -> None:
        one = self.create('one')
        self.change(base.of(one, description='d'))
        item = base.of(one, name='uno', if_match=one['etag'])
        answer = self.post({'aggregates': [item]})
        self.refused(answer, 412, 'etag.mismatch')

    def test_nova_shows_nothing_of_it(self) -> None:
        one = self.create('one', 'h1', description=ODD, owner='p')
        path = f'/{one["id"]}'
        answers = [
            self.send('GET', '', root=base.NOVA),
            self.send('GET', path, root=base.NOVA),
        ]
        body = {'add_host': {'host': 'h2'}}
        answers.append(
            self.send('POST', f'{path}/action', body, root=base.NOVA)
        )
        for answer in answers:
            self.assertEqual(200, answer.status_int)
            for name in (*NAMES, 'Hall'):
                self.assertNotIn(name, answer.text)
        # What goes through Nova's path leaves them as they are.
        shown = self.show(one['id'])
        self.assertEqual((ODD, 'p'), (shown['description'], shown['owner']))

    def test_rows_of_nova_are_not_touched(self) -> None:
        one = self.create('one')
        before = self.rows()
        self.change(base.of(one, description='d', owner='p', protected=True))
        after = self.rows()
        for table in models.NOVA_TABLES:
            self.assertEqual(before[table.name], after[table.name])


class UndoneTest(base.ChangesTestCase):
    """What was said comes back, and goes."""

    scenarios = base.KINDS

    def revert(self, number: str) -> base.Document:
        return self.made(self.post({'revert': number}))

    def test_update(self) -> None:
        one = self.create('one', description='d')
        made = self.change(base.of(one, description='e', owner='p'))
        self.revert(made['id'])
        self.assertEqual(one['etag'], self.show(one['id'])['etag'])

    def test_delete(self) -> None:
        one = self.create('one', 'h1', description=ODD, owner='p')
        item = {'op': 'delete', 'aggregate': {'id': one['id']}}
        made = self.change({**item, 'hosts': {'set': []}})
        undone = self.revert(made['id'])
        self.assertEqual(said(one), said(self.show(one['uuid'])))
        self.revert(undone['id'])
        self.assertEqual([], self.rows()[models.annotations.name])

    def test_delete_through_nova(self) -> None:
        one = self.create('one', description=ODD, owner='p')
        self.nova(f'/{one["id"]}', None, 'DELETE')
        (made, *_) = self.send(
            'GET', '/changes?sort=changed_at:desc&kind=nova'
        ).json['changes']
        before = made['effects'][0]['before']
        self.assertEqual((ODD, 'p'), (before['description'], before['owner']))
        self.revert(made['id'])
        self.assertEqual(said(one), said(self.show(one['uuid'])))

    def test_overtaken(self) -> None:
        one = self.create('one')
        made = self.change(base.of(one, description='d', owner='p'))
        self.change(base.of(one, owner='q'))
        answer = self.post({'revert': made['id']})
        (told,) = self.refused(answer, 409, 'revert.overtaken')
        self.assertEqual('owner', told['field'])

    def test_create_that_was_annotated_since(self) -> None:
        made = self.change({'op': 'create', 'name': 'new'})
        new = made['effects'][0]['aggregate']
        self.change(base.of(new, description='d'))
        answer = self.post({'revert': made['id']})
        self.refused(answer, 409, 'revert.overtaken')


class ListTest(base.ChangesTestCase):
    """They choose what is listed."""

    scenarios = base.KINDS

    def test_filters(self) -> None:
        self.change(
            {'op': 'create', 'name': 'a', 'owner': 'p1', 'protected': True},
            {'op': 'create', 'name': 'b', 'owner': 'P1'},
            {'op': 'create', 'name': 'c', 'description': 'd'},
            {'op': 'create', 'name': 'd', 'owner': 'null'},
            {'op': 'create', 'name': 'e', 'owner': '\U0001f3e2'},
        )
        for query, names in (
            ('owner=p1', 'a'),
            ('owner=null', 'c'),
            ('owner="null"', 'd'),
            ('owner=neq:p1', 'bcde'),
            ('owner=nin:p1,null', 'bde'),
            ('owner=in:p1,P1', 'ab'),
            ('owner=glob:?1', 'ab'),
            ('owner=glob:\U0001f3e2', 'e'),
            ('owner=gt:P1', 'ade'),
            ('protected=true', 'a'),
            ('protected=false', 'bcde'),
            ('protected=neq:false', 'a'),
            ('protected=in:true,false', 'abcde'),
            ('protected=nin:true,false', ''),
            ('protected=false&owner=in:p1,P1', 'b'),
        ):
            path = f'/aggregates?{query}&fields=name,owner&with_count=true'
            answer = self.send('GET', path)
            self.assertEqual(200, answer.status_int, answer.text)
            found = [one['name'] for one in answer.json['aggregates']]
            self.assertEqual([*names], found, query)
            self.assertEqual(len(names), answer.json['count'])
        for query in ('protected=null', 'protected=gt:true', 'owner=gt:null'):
            answer = self.send('GET', f'/aggregates?{query}')
            self.refused(answer, 400, 'query.invalid')

    def test_shown(self) -> None:
        one = self.create('one', description=ODD, owner='p', protected=True)
        listed = self.send('GET', '/aggregates').json['aggregates']
        self.assertEqual([one], listed)
        chosen = self.send('GET', '/aggregates?fields=description,protected')
        (shown,) = chosen.json['aggregates']
        self.assertEqual(
            {
                'id': one['id'],
                'uuid': one['uuid'],
                'description': ODD,
                'protected': True,
            },
            shown,
        )


class ToldTest(base.ChangesTestCase):
    """Nobody outside is told what concerns only us."""

    options = base.TOLD

    def told(self) -> int:
        count = sa.select(sa.func.count()).select_from(models.outbox)
        return self.db.database.ask(lambda session: session.scalar(count) or 0)

    def test_nobody(self) -> None:
        one = self.create('one', 'h1')
        before = self.told()
        wanted = base.of(one, description='d', owner='p', protected=True)
        nobody = {
            'zone_moves': [],
            'scheduler_casts': 0,
            'placement_updates': 0,
            'notifications': 0,
        }
        planned = self.plan({'aggregates': [wanted]})
        made = self.change(wanted)
        for change in (planned, made):
            self.assertTrue(change['changed'])
            self.assertEqual(nobody, change['impact'])
        self.assertEqual('done', made['delivery'])
        self.assertEqual(before, self.told())
        shown = self.send('GET', f'/changes/{made["id"]}').json['change']
        self.assertEqual('done', shown['delivery'])

    def test_beside_what_is_told(self) -> None:
        """It is told as if there was nothing else."""
        one, two = self.create('one'), self.create('two')
        plain = {'aggregates': [base.of(one, hosts={'add': ['h1']})]}
        expected = self.plan(plain)['impact']
        made = self.change(
            base.of(one, hosts={'add': ['h1']}, owner='p'),
            base.of(two, description='d'),
        )
        self.assertEqual(expected, made['impact'])
        self.assertEqual('pending', made['delivery'])
