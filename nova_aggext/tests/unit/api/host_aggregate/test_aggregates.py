# SPDX-License-Identifier: Apache-2.0
"""Aggregates through the own API, wherever it is served."""

from typing import Any

import sqlalchemy as sa

from nova_aggext.db import records
from nova_aggext.tests import aggregates
from nova_aggext.tests.unit.api.host_aggregate import shapes


class AggregatesTest(shapes.ShapesTestCase):
    """One with hosts, zone and metadata."""

    def setUp(self) -> None:
        super().setUp()
        self.hosts.add_host('h1', 'h2')
        made = self._nova(
            '', {'aggregate': {'name': 'gpu', 'availability_zone': 'z1'}}
        )
        self.one = made['aggregate']['id']
        for host in ('h2', 'h1'):
            self._act({'add_host': {'host': host}})
        self._act({'set_metadata': {'metadata': {'ssd': 'true'}}})

    def _act(self, body: dict[str, Any]) -> None:
        self._nova(f'/{self.one}/action', body)

    def _nova(self, path: str, body: dict[str, Any]) -> Any:
        answer = self.send(
            'server',
            f'/os-aggregates{path}',
            roles='admin',
            method='POST',
            json=body,
        )
        self.assertEqual(200, answer.status_int, answer.text)
        return answer.json

    def test_show(self) -> None:
        for shape, mount, root in self.places():
            path = f'{root}/aggregates/{self.one}'
            answer = self.send(shape, path, mount)
            shown = answer.json['aggregate']
            base = f'http://nova.example{mount}{root.removeprefix("/abc")}'
            href = f'{base}/aggregates/{shown["uuid"]}'
            self.assertEqual([{'rel': 'self', 'href': href}], shown['links'])
            self.assertEqual(f'"{shown["etag"]}"', answer.headers['ETag'])
            for name, value in (
                ('name', 'gpu'),
                ('availability_zone', 'z1'),
                ('metadata', {'ssd': 'true'}),
                ('hosts', ['h1', 'h2']),
                ('host_count', 2),
                ('description', None),
                ('owner', None),
                ('protected', False),
            ):
                self.assertEqual(value, shown[name])
            self.assertTrue(shown['created_at'].endswith('Z'))
            by_uuid = f'{root}/aggregates/{shown["uuid"]}'
            self.assertEqual(
                answer.json, self.send(shape, by_uuid, mount).json
            )
            headers = {'If-None-Match': f'W/"{shown["etag"]}"'}
            known = self.send(shape, path, mount, headers=headers)
            self.assertEqual((304, b''), (known.status_int, known.body))
        self.assertEqual([], self.nova.environs)

    def test_one_that_is_not_there(self) -> None:
        shown = self.send('server', f'/os-aggext/aggregates/{self.one}').json
        uuid = shown['aggregate']['uuid']
        for one in (
            '99',
            f'0{self.one}',
            f'+{self.one}',
            f'%20{self.one}',
            '9' * 18,
            '9' * 5000,
            '-1',
            'gpu',
            uuid.upper(),
            uuid.replace('-', ''),
            f'{uuid[:-1]}%00',
            '%00',
            '%ff',
            '%D9%A3',
        ):
            answer = self.send('server', f'/os-aggext/aggregates/{one}')
            told = self.refused(404, answer)
            self.assertEqual(
                'host-aggregate.aggregate.not_found', told['code']
            )

    def test_some_fields(self) -> None:
        path = f'/os-aggext/aggregates/{self.one}'
        whole = self.send('filter', path).json['aggregate']
        answer = self.send('filter', f'{path}?fields=hosts,etag')
        self.assertEqual(
            {name: whole[name] for name in ('id', 'uuid', 'hosts', 'etag')},
            answer.json['aggregate'],
        )
        self.assertNotIn('ETag', answer.headers)
        for query in ('fields=x', 'fields=', 'fields=id&fields=id', 'limit=1'):
            told = self.refused(400, self.send('filter', f'{path}?{query}'))
            self.assertEqual('host-aggregate.query.invalid', told['code'])
            self.assertEqual(query.partition('=')[0], told['parameter'])

    def test_who_may_not(self) -> None:
        path = f'/os-aggext/aggregates/{self.one}'
        for roles in ('', 'reader', 'member,manager'):
            told = self.refused(403, self.send('filter', path, roles=roles))
            self.assertEqual('host-aggregate.forbidden', told['code'])
            self.assertEqual('aggext:aggregates:show', told['rule'])
        self.assertEqual(
            200, self.send('filter', path, roles='admin').status_int
        )


class ListTest(shapes.ShapesTestCase):
    """Five aggregates."""

    def setUp(self) -> None:
        super().setUp()
        self.db.database.write(_fill)

    def index(self, query: str = '', shape: str = 'filter') -> Any:
        """List aggregates."""
        answer = self.send(shape, f'/os-aggext/aggregates{query}')
        self.assertEqual(200, answer.status_int, answer.text)
        return answer.json

    def names(self, query: str) -> list[str]:
        """Give the names of those that are found."""
        return [one['name'] for one in self.index(query)['aggregates']]

    def test_wherever_it_is_served(self) -> None:
        for shape, mount, root in self.places():
            answer = self.send(shape, f'{root}/aggregates?limit=2', mount)
            self.assertEqual(2, len(answer.json['aggregates']))
            (link,) = answer.json['links']
            base = f'http://nova.example{mount}{root.removeprefix("/abc")}'
            self.assertEqual('next', link['rel'])
            self.assertTrue(link['href'].startswith(f'{base}/aggregates?'))
            self.assertEqual('0', answer.json['position'])
        self.assertEqual([], self.nova.environs)

    def test_the_same_as_one_by_one(self) -> None:
        for one in self.index()['aggregates']:
            path = f'/os-aggext/aggregates/{one["uuid"]}'
            self.assertEqual(
                {'aggregate': one}, self.send('filter', path).json
            )

    def test_filters(self) -> None:
        for query, names in (
            ('', 'a b c d e'),
            ('?name=a', 'a'),
            ('?name=A', ''),
            ('?name=in:a,c&id=gt:1', 'c'),
            ('?name=gt:a&name=lt:d', 'b c'),
            ('?availability_zone=null', 'c d e'),
            ('?availability_zone=neq:z1', 'b c d e'),
            ('?host=h1', 'a c'),
            ('?host=in:h1,h2', 'a b c'),
            ('?host=null', 'd e'),
            ('?metadata.ssd=true', 'a'),
            ('?metadata.ssd=neq:true', 'b c d e'),
            ('?metadata_key=ssd', 'a b'),
            ('?metadata_key=availability_zone', ''),
            ('?metadata.availability_zone=z1', ''),
            ('?name=glob:%3F&host=glob:h*', 'a b c'),
            ('?sort=name:desc', 'e d c b a'),
            ('?sort=availability_zone,id:desc', 'e d c a b'),
            ('?sort=host_count:desc,name:desc', 'c b a e d'),
        ):
            self.assertEqual(names.split(), self.names(query), query)

    def test_pages(self) -> None:
        for more in ('', '&sort=availability_zone:desc', '&id=gt:1'):
            expected = self.names(f'?limit=9{more}')
            for limit in (1, 2, 5):
                names: list[str] = []
                query = f'?limit={limit}&with_count=true{more}'
                while query:
                    page = self.index(query)
                    self.assertEqual(len(expected), page['count'])
                    names += [one['name'] for one in page['aggregates']]
                    query = ''.join(
                        '?' + link['href'].partition('?')[2]
                        for link in page['links']
                    )
                self.assertEqual(expected, names)

    def test_marker_of_another_list(self) -> None:
        (link,) = self.index('?limit=1&name=neq:x')['links']
        marker = link['href'].rpartition('marker=')[2]
        self.index(f'?limit=3&name=neq:x&fields=name&marker={marker}')
        for query in ('', '&name=neq:y', '&name=neq:x&sort=id', '&name=x'):
            answer = self.send(
                'filter', f'/os-aggext/aggregates?marker={marker}{query}'
            )
            self.assertEqual('marker', self.refused(400, answer)['parameter'])

    def test_empty_marker(self) -> None:
        answer = self.send('filter', '/os-aggext/aggregates?marker=')
        self.assertEqual('marker', self.refused(400, answer)['parameter'])

    def test_limit_is_cut(self) -> None:
        self.assertEqual(5, len(self.names('?limit=99999999999')))

    def test_tag(self) -> None:
        """It does not depend on the position of the feed."""
        path = '/os-aggext/aggregates?fields=name'
        tag = self.send('filter', path).headers['ETag']
        self.db.database.write(_change_nothing)
        for told in (tag, f'W/{tag}', f'"x", {tag}', '*'):
            headers = {'If-None-Match': told}
            answer = self.send('filter', path, headers=headers)
            self.assertEqual(304, answer.status_int)
        for query in ('&limit=1', '&name=a'):
            answer = self.send('filter', f'{path}{query}')
            self.assertNotEqual(tag, answer.headers['ETag'])

    def test_who_may_not(self) -> None:
        """A query that is wrong is told first."""
        path = '/os-aggext/aggregates'
        told = self.refused(403, self.send('filter', path, roles='reader'))
        self.assertEqual('aggext:aggregates:list', told['rule'])
        self.refused(400, self.send('filter', f'{path}?x=1', roles='reader'))


def _fill(session: sa.Connection) -> None:
    zone = records.ZONE_KEY
    for name, hosts, metadata in (
        ('a', ['h1'], {zone: 'z1', 'ssd': 'true'}),
        ('b', ['h2'], {zone: 'z2', 'ssd': 'false'}),
        ('c', ['h1', 'h3'], {}),
        ('d', [], {}),
        ('e', [], {}),
    ):
        uuid = f'0e4c1f0a-5f3e-4c52-9a41-6f1f5f9f8a1{name}'
        aggregates.make(session, name, hosts, metadata, uuid=uuid)


def _change_nothing(session: sa.Connection) -> None:
    """Give the feed another head."""
    session.execute(
        sa.text("INSERT INTO aggext_marks (name, position) VALUES ('head', 7)")
    )
