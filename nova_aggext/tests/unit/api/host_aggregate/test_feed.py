# SPDX-License-Identifier: Apache-2.0
"""The feed of changes, wherever it is served."""

import datetime

import fixtures
import sqlalchemy as sa

from nova_aggext.compute.bulk import effects
from nova_aggext.db import feed
from nova_aggext.db import models
from nova_aggext.tests.unit.api.host_aggregate import feeds


class FollowTest(feeds.FeedTestCase):
    """One change after the other."""

    def test_empty(self) -> None:
        for shape, mount, root in self.places():
            answer = self.send(shape, f'{root}/changes', mount)
            self.assertEqual({'changes': [], 'position': '0'}, answer.json)
        self.assertEqual([], self.ids('after=0'))

    def test_changes_of_nova(self) -> None:
        one = self.make('gpu')
        self.act(one, 'add_host', host='h1')
        self.ask(f'/{one}', {'aggregate': {'name': 'cpu'}}, 'PUT')
        self.act(one, 'set_metadata', metadata={'availability_zone': 'z'})
        found = self.get()
        self.assertEqual('4', found['position'])
        self.assertEqual(
            [('n-1', '1'), ('n-2', '2'), ('n-3', '3'), ('n-4', '4')],
            [(one['id'], one['position']) for one in found['changes']],
        )
        self.assertEqual(
            ['gpu', 'gpu', 'gpu', 'cpu'],
            [
                effect['aggregate']['name']
                for one in found['changes']
                for effect in one['effects']
            ],
        )
        second = found['changes'][1]
        moment = datetime.datetime.fromisoformat(second.pop('changed_at'))
        age = datetime.datetime.now(datetime.UTC) - moment
        self.assertTrue(0 <= age.total_seconds() < 300)
        self.assertEqual(
            effects.digest(second['effects']), second.pop('digest')
        )
        (effect,) = second.pop('effects')
        self.assertEqual({'add': ['h1']}, effect['hosts'])
        self.assertEqual(
            {
                'id': 'n-2',
                'position': '2',
                'kind': 'nova',
                'dry_run': False,
                'changed': True,
                'reason': None,
                'manager': None,
                'reverts': None,
                'reverted_by': None,
                'user_id': 'me',
                'project_id': 'abc',
                'request_id': 'req-1',
                'global_request_id': None,
                'impact': None,
                'warnings': [],
                'delivery': None,
            },
            second,
        )

    def test_names_in_rows_of_an_older_release(self) -> None:
        one = self.make('gpu')
        self.act(one, 'add_host', host='h1')
        self.ask(f'/{one}', {'aggregate': {'name': 'cpu'}}, 'PUT')
        self.act(one, 'add_host', host='h2')
        other = self.make('other')
        self.act(other, 'add_host', host='h1')
        self.ask(f'/{other}/action', {'remove_host': {'host': 'h1'}})
        self.ask(f'/{other}', None, 'DELETE')
        told = self.get()
        self.assertEqual(
            ['gpu', 'gpu', 'gpu', 'cpu', 'other', 'other', 'other', 'other'],
            [
                effect['aggregate']['name']
                for change in told['changes']
                for effect in change['effects']
            ],
        )
        lost = sa.update(models.changes).values(aggregate_name=None)
        self.db.database.write(lambda s: s.execute(lost))
        self.assertEqual(told, self.get())

    def test_pages(self) -> None:
        for name in 'abcde':
            self.make(name)
        seen, after = [], '0'
        while found := self.get(f'after={after}&limit=2'):
            if not found['changes']:
                break
            seen += [one['id'] for one in found['changes']]
            after = found['position']
        self.assertEqual([f'n-{number}' for number in range(1, 6)], seen)
        self.assertEqual('5', after)

    def test_head(self) -> None:
        self.make('a')
        self.assertEqual({'changes': [], 'position': '1'}, self.get('limit=0'))

    def test_more_than_a_page(self) -> None:
        """It is cut."""
        self.useFixture(
            fixtures.MonkeyPatch('nova_aggext.db.entries._CHUNK', 2)
        )
        for name in 'abcde':
            self.make(name)
        self.assertEqual(5, len(self.ids('limit=999999999')))

    def test_long_changes(self) -> None:
        """A page ends early, but not with nothing."""
        self.useFixture(
            fixtures.MonkeyPatch('nova_aggext.db.entries._ROWS', 1)
        )
        self.useFixture(
            fixtures.MonkeyPatch('nova_aggext.db.entries._CHUNK', 1)
        )
        self.insert_own()
        self.make('a')
        self.assertEqual([feeds.OWN.id], self.ids())
        self.assertEqual(['n-3'], self.ids('after=1'))

    def test_position_moves_over_what_does_not_pass(self) -> None:
        self.insert({'user_id': 'a'}, {'user_id': 'b'}, {'user_id': 'b'})
        found = self.get('user_id=a')
        self.assertEqual('3', found['position'])
        self.assertEqual(['n-1'], [one['id'] for one in found['changes']])
        found = self.get('user_id=a&limit=1')
        self.assertEqual('1', found['position'])
        found = self.get('user_id=a&after=1')
        self.assertEqual({'changes': [], 'position': '3'}, found)

    def test_gone(self) -> None:
        self.insert({}, {}, {})
        self.ids()
        moment = datetime.datetime(2026, 1, 2)
        self.make('a')
        self.ids()
        self.db.database.write(lambda s: feed.forget(s, moment))
        for after in (0, 2):
            told = self.refused(
                410, self.send('server', f'{feeds.PATH}?after={after}')
            )
            self.assertEqual('host-aggregate.changes.gone', told['code'])
            self.assertEqual('3', told['oldest'])
        self.assertEqual(['n-4'], self.ids('after=3'))
        self.assertEqual(['n-4'], self.ids())

    def test_refused_queries(self) -> None:
        self.make('a')
        for query, parameter in (
            ('after=2', 'after'),
            ('after=-1', 'after'),
            ('after=01', 'after'),
            ('after=', 'after'),
            ('after=%D9%A1', 'after'),
            (f'after={"9" * 30}', 'after'),
            ('after=0&after=0', 'after'),
            ('after=0&sort=changed_at:desc', 'after'),
            ('limit=-1', 'limit'),
            ('limit=x', 'limit'),
            ('sort=id', 'sort'),
            ('marker=x', 'marker'),
            ('marker=x&sort=changed_at:desc', 'marker'),
            ('fields=__class__', 'fields'),
            ('fields=', 'fields'),
            ('kind=other', 'kind'),
            ('aggregate=x', 'aggregate'),
            ('aggregate=in:1,x', 'aggregate'),
            ('changed_at=x', 'changed_at'),
            ('changed_at=in:2026-01-01', 'changed_at'),
            ('changed_at=gt:9999-12-31T23:59:59.999999', 'changed_at'),
            ('user_id=gt:x', 'user_id'),
            ('colour=red', 'colour'),
        ):
            told = self.refused(
                400, self.send('server', f'{feeds.PATH}?{query}')
            )
            self.assertEqual(
                ('host-aggregate.query.invalid', parameter),
                (told['code'], told['parameter']),
                query,
            )

    def test_who_may(self) -> None:
        self.make('a')
        for path in (feeds.PATH, f'{feeds.PATH}/n-1', f'{feeds.PATH}/n-9'):
            told = self.refused(403, self.send('server', path, roles='member'))
            self.assertEqual('host-aggregate.forbidden', told['code'])
