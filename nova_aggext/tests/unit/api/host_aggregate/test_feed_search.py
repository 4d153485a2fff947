# SPDX-License-Identifier: Apache-2.0
"""Changes are searched and shown."""

import datetime
from typing import Any
import urllib.parse

import sqlalchemy as sa

from nova_aggext.db import change_sets
from nova_aggext.db import models
from nova_aggext.db import outbox
from nova_aggext.tests.unit.api.host_aggregate import feeds


class FilterTest(feeds.FeedTestCase):
    """Which changes are shown."""

    def test_by_what_was_done(self) -> None:
        self.insert(
            {'user_id': 'a', 'project_id': 'p', 'request_id': 'r'},
            {
                'user_id': 'A',
                'aggregate_id': 5,
                'aggregate_uuid': feeds.OWN.id,
            },
            {'user_id': 'gt:x'},
        )
        for query, wanted in (
            ('user_id=a', [1]),
            ('user_id=A', [2]),
            ('user_id=in:a,A', [1, 2]),
            ('user_id=neq:a', [2, 3]),
            ('user_id=nin:a,A', [3]),
            ('user_id="gt:x"', [3]),
            ('user_id=neq:a&user_id=neq:A', [3]),
            ('user_id=a&user_id=A', []),
            ('project_id=p', [1]),
            ('project_id=neq:p', [2, 3]),
            ('request_id=r', [1]),
            ('aggregate=5', [2]),
            (f'aggregate={feeds.OWN.id}', [2]),
            ('aggregate=99999999999', []),
            ('aggregate=neq:5', [1, 3]),
        ):
            found = self.ids(query)
            self.assertEqual([f'n-{one}' for one in wanted], found, query)

    def test_by_host(self) -> None:
        """Alone, or among others, in the effects."""
        self.insert({'host': 'h9'}, {'host': 'h8', 'after': '{}'})
        self.insert({'after': '{"name": "h9"}', 'operation': 'observed'})
        self.insert({'operation': 'observed'})
        self.insert_own()
        self.assertEqual(['n-1', 'n-4', feeds.OWN.id], self.ids('host=h9'))
        self.assertEqual([], self.ids('host=H9'))
        self.assertEqual([], self.ids('host=h%25'))

    def test_by_kind(self) -> None:
        self.insert(
            {},
            {'user_id': 'me'},
            {'operation': 'observed'},
            {'operation': 'delete_orphans'},
            {'user_id': 'nova-aggext-manage'},
        )
        self.insert_own()
        self.insert_own(
            id='r' + feeds.OWN.id[1:], kind='revert', reverts='n-1'
        )
        for query, wanted in (
            ('kind=nova', ['n-1', 'n-2']),
            ('kind=observed', ['n-3']),
            ('kind=repair', ['n-4', 'n-5']),
            ('kind=change', [feeds.OWN.id]),
            ('kind=in:revert,observed', ['n-3', 'r' + feeds.OWN.id[1:]]),
        ):
            self.assertEqual(wanted, self.ids(query), query)
        kinds = [one['kind'] for one in self.get('')['changes']]
        wanted = ['nova', 'nova', 'observed', 'repair', 'repair']
        self.assertEqual([*wanted, 'change', 'revert'], kinds)

    def test_by_manager(self) -> None:
        self.insert({})
        self.insert_own(manager='site')
        self.assertEqual([feeds.OWN.id], self.ids('manager=site'))
        self.assertEqual([], self.ids('manager=other'))

    def test_by_time(self) -> None:
        self.insert(
            {'changed_at': datetime.datetime(2026, 1, 1)},
            {'changed_at': datetime.datetime(2026, 1, 2)},
        )
        for query, wanted in (
            ('gte:2026-01-01', [1, 2]),
            ('gt:2026-01-01', [2]),
            ('lt:2026-01-02T00:00:00Z', [1]),
            ('lte:2026-01-02T00:00:00.000000Z', [1, 2]),
            ('2026-01-01T01:00:00%2B01:00', [1]),
            ('gt:2026-01-01&changed_at=lt:2026-01-02', []),
        ):
            self.assertEqual(
                [f'n-{one}' for one in wanted],
                self.ids(f'changed_at={query}'),
                query,
            )

    def test_fields(self) -> None:
        self.insert({})
        (shown,) = self.get('fields=kind,effects')['changes']
        self.assertEqual({'id', 'position', 'kind', 'effects'}, set(shown))


class NewestTest(feeds.FeedTestCase):
    """For people: the newest first."""

    QUERY = 'sort=changed_at:desc'

    def test_pages(self) -> None:
        moment = datetime.datetime(2026, 1, 1)
        minute = datetime.timedelta(minutes=1)
        for number in (3, 1, 2, 2, 5):
            self.insert({'changed_at': moment + number * minute})
        self.insert_own(changed_at=moment + 4 * minute)
        wanted = ['n-5', feeds.OWN.id, 'n-1', 'n-4', 'n-3', 'n-2']
        self.assertEqual(wanted, self.ids(self.QUERY))
        seen, query = [], f'{self.QUERY}&limit=1'
        while True:
            found = self.get(query)
            if not found['changes']:
                break
            seen += [one['id'] for one in found['changes']]
            (link,) = found['links']
            self.assertEqual('next', link['rel'])
            query = urllib.parse.urlsplit(link['href']).query
        self.assertEqual(wanted, seen)
        self.assertEqual([], found['links'])
        self.assertEqual('6', found['position'])

    def test_marker_of_another_list(self) -> None:
        self.insert({}, {})
        (link,) = self.get(f'{self.QUERY}&limit=1')['links']
        query = urllib.parse.urlsplit(link['href']).query
        self.assertEqual(['n-1'], self.ids(query))
        self.assertEqual(['n-1'], self.ids(f'{query}&fields=kind'))
        self.refused(
            400, self.send('server', f'{feeds.PATH}?{query}&user_id=a')
        )

    def test_filters(self) -> None:
        self.insert({'user_id': 'a'}, {'user_id': 'b'}, {'user_id': 'a'})
        query = f'{self.QUERY}&user_id=a'
        self.assertEqual(['n-3', 'n-1'], self.ids(query))


class ShowTest(feeds.FeedTestCase):
    """One change."""

    def show(self, one: str) -> Any:
        """Show it."""
        answer = self.send('server', f'{feeds.PATH}/{one}')
        self.assertEqual(200, answer.status_int, answer.text)
        return answer.json['change']

    def test_of_nova(self) -> None:
        self.make('gpu')
        shown = self.show('n-1')
        self.assertEqual(self.get()['changes'], [shown])

    def test_fields(self) -> None:
        self.make('gpu')
        self.assertEqual(
            {'id': 'n-1', 'position': '1', 'kind': 'nova'},
            self.show('n-1?fields=kind'),
        )
        self.refused(400, self.send('server', f'{feeds.PATH}/n-1?x=1'))

    def test_own(self) -> None:
        self.insert_own()
        self.assertEqual(
            {
                'id': feeds.OWN.id,
                'kind': 'change',
                'effects': ['told'],
                'position': '1',
                'reverted_by': None,
                'delivery': 'done',
            },
            self.show(feeds.OWN.id),
        )

    def test_as_it_was_answered(self) -> None:
        """But for what goes on after it."""
        body = {
            'change': {
                'aggregates': [
                    {'op': 'create', 'name': 'a', 'hosts': {'add': ['h1']}},
                    {'op': 'create', 'name': 'b'},
                ]
            }
        }
        answer = self.send(
            'server', feeds.PATH, roles='admin', method='POST', json=body
        )
        made = answer.json['change']
        (shown,) = self.get()['changes']
        self.assertEqual(
            {**made, 'position': '1'}, {**shown, 'delivery': made['delivery']}
        )
        self.assertEqual(shown, self.show(made['id']))
        self.assertEqual([made['id']], self.ids('host=h1&kind=change'))

    def test_without_effect(self) -> None:
        """It is shown, but not in the feed."""
        self.db.database.write(lambda s: change_sets.insert(s, feeds.OWN))
        self.assertIsNone(self.show(feeds.OWN.id)['position'])
        self.assertEqual([], self.ids())

    def test_reverted(self) -> None:
        self.insert_own()
        self.insert({})
        self.insert_own(id='r1', kind='revert', reverts=feeds.OWN.id)
        self.insert_own(id='r2', kind='revert', reverts='n-3')
        self.assertEqual('r1', self.show(feeds.OWN.id)['reverted_by'])
        self.assertEqual('r2', self.show('n-3')['reverted_by'])

    def test_delivery(self) -> None:
        self.insert_own()
        draft = outbox.Draft('lane:x', 'kind', 'm', {}, change_id=feeds.OWN.id)
        self.db.database.write(lambda s: outbox.append(s, [draft]))
        self.assertEqual('pending', self.show(feeds.OWN.id)['delivery'])
        self.db.database.write(
            lambda s: s.execute(sa.update(models.outbox).values(parked=True))
        )
        self.assertEqual('parked', self.show(feeds.OWN.id)['delivery'])

    def test_unknown(self) -> None:
        self.insert_own()
        for one in (
            'n-9',
            'n-1',
            'n-01',
            'n-',
            'x',
            feeds.OWN.id.upper(),
            'n-' + '9' * 30,
        ):
            told = self.refused(
                404, self.send('server', f'{feeds.PATH}/{one}')
            )
            self.assertEqual('host-aggregate.change.not_found', told['code'])
            self.assertEqual(one, told['change'])
