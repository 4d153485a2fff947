# SPDX-License-Identifier: Apache-2.0
"""Hosts through the own API, wherever it is served."""

from typing import Any

import sqlalchemy as sa

from nova_aggext.db import records
from nova_aggext.tests import aggregates
from nova_aggext.tests.unit.api.host_aggregate import shapes

ZONE = records.ZONE_KEY
UUID = '0e4c1f0a-5f3e-4c52-9a41-6f1f5f9f8a1%d'


class HostsTest(shapes.ShapesTestCase):
    """Hosts in zones and in none, in no aggregate, and gone."""

    def setUp(self) -> None:
        super().setUp()
        self.hosts.add_host('a1', 'a2', 'b1', 'c1')
        self.hosts.add_host('a10', instances=3)
        self.ids = self.db.database.write(_fill)

    def names(self, query: str) -> str:
        """Give the names of the hosts that are found."""
        answer = self.send('filter', f'/os-aggext/hosts{query}')
        self.assertEqual(200, answer.status_int, answer.text)
        return ' '.join(one['name'] for one in answer.json['hosts'])

    def show(self, name: str, query: str = '') -> Any:
        """Show a host."""
        answer = self.send('filter', f'/os-aggext/hosts/{name}{query}')
        self.assertEqual(200, answer.status_int, answer.text)
        return answer.json['host']

    def test_show(self) -> None:
        for shape, mount, root in self.places():
            answer = self.send(shape, f'{root}/hosts/a1', mount)
            shown = answer.json['host']
            tag = shown.pop('etag')
            self.assertEqual(f'"{tag}"', answer.headers['ETag'])
            base = f'http://nova.example{mount}{root.removeprefix("/abc")}'
            self.assertEqual(
                {
                    'name': 'a1',
                    'known': True,
                    'availability_zone': 'z1',
                    'default_zone': False,
                    'aggregates': [
                        {
                            'id': self.ids[0],
                            'uuid': UUID % 0,
                            'name': 'az1',
                            'availability_zone': 'z1',
                        },
                        {
                            'id': self.ids[1],
                            'uuid': UUID % 1,
                            'name': 'own',
                            'availability_zone': None,
                        },
                    ],
                    'isolation': [
                        'filter_tenant_id=p1',
                        'filter_tenant_id_2=p2',
                    ],
                    'links': [{'rel': 'self', 'href': f'{base}/hosts/a1'}],
                },
                shown,
            )
            known = self.send(
                shape,
                f'{root}/hosts/a1',
                mount,
                headers={'If-None-Match': f'"{tag}"'},
            )
            self.assertEqual(304, known.status_int)
        self.assertEqual([], self.nova.environs)

    def test_in_no_aggregate(self) -> None:
        shown = self.show('c1')
        self.assertEqual([], shown['aggregates'])
        self.assertEqual('nova', shown['availability_zone'])
        self.assertTrue(shown['default_zone'])
        self.assertEqual([], shown['isolation'])

    def test_in_a_zone_of_the_name_of_the_default(self) -> None:
        shown = self.show('b1')
        self.assertEqual('nova', shown['availability_zone'])
        self.assertFalse(shown['default_zone'])

    def test_gone(self) -> None:
        shown = self.show('dead')
        self.assertIs(False, shown['known'])
        self.assertEqual('z1', shown['availability_zone'])

    def test_fields(self) -> None:
        path = '/os-aggext/hosts/a10?fields=instances,known'
        answer = self.send('filter', path)
        self.assertEqual(
            {'name': 'a10', 'known': True, 'instances': 3},
            answer.json['host'],
        )
        self.assertNotIn('ETag', answer.headers)
        listed = self.send('filter', '/os-aggext/hosts?fields=instances').json
        self.assertEqual(
            [('a1', 0), ('a10', 3), ('a2', 0), ('b1', 0), ('c1', 0)],
            [
                (one['name'], one['instances'])
                for one in listed['hosts']
                if one['name'] != 'dead'
            ],
        )

    def test_one_that_is_not_there(self) -> None:
        for name in ('x', 'A1', 'a1%20', '%00', '%FF', 'h%C3%A4', 'a' * 999):
            answer = self.send('filter', f'/os-aggext/hosts/{name}')
            told = self.refused(404, answer)
            self.assertEqual('host-aggregate.host.not_found', told['code'])

    def test_list_is_the_same_as_one_by_one(self) -> None:
        listed = self.send('filter', '/os-aggext/hosts').json
        self.assertEqual(6, len(listed['hosts']))
        for one in listed['hosts']:
            self.assertEqual(one, self.show(one['name']))

    def test_filters(self) -> None:
        own, dead_one = self.ids[1], UUID % 0
        for query, names in (
            ('', 'a1 a10 a2 b1 c1 dead'),
            ('?name=a1', 'a1'),
            ('?name=A1', ''),
            ('?name=in:a1,c1,x', 'a1 c1'),
            ('?name=neq:a1', 'a10 a2 b1 c1 dead'),
            ('?name=glob:a*', 'a1 a10 a2'),
            ('?name=glob:a%3F', 'a1 a2'),
            ('?name=gt:a2', 'b1 c1 dead'),
            ('?name=a[1-12]', 'a1 a10 a2'),
            ('?name=in:a[1,10],c1', 'a1 a10 c1'),
            ('?name=nin:a[1-12],c1', 'b1 dead'),
            ('?name="a[1-12]"', ''),
            ('?availability_zone=z1', 'a1 a2 dead'),
            ('?availability_zone=nova', 'a10 b1 c1'),
            ('?availability_zone=neq:nova', 'a1 a2 dead'),
            ('?availability_zone=glob:z*', 'a1 a2 dead'),
            (f'?aggregate={own}', 'a1 a10'),
            (f'?aggregate={UUID % 1}', 'a1 a10'),
            (f'?aggregate=in:{own},{dead_one}', 'a1 a10 a2 dead'),
            (f'?aggregate=neq:{own}', 'a2 b1 c1 dead'),
            ('?aggregate=null', 'c1'),
            ('?aggregate=neq:null', 'a1 a10 a2 b1 dead'),
            ('?aggregate=99', ''),
            (f'?aggregate={UUID % 9}', ''),
            ('?aggregate=9999999999999', ''),
            ('?known=false', 'dead'),
            ('?known=true&aggregate=null', 'c1'),
            ('?known=null', ''),
            ('?sort=name:desc', 'dead c1 b1 a2 a10 a1'),
        ):
            self.assertEqual(names, self.names(query), query)

    def test_queries_that_are_refused(self) -> None:
        for query, code in (
            ('name=a[', 'pattern.invalid'),
            ('name=a[9-1]', 'pattern.invalid'),
            ('name=in:a[1,b', 'pattern.invalid'),
            ('name=a[0-9][0-9][0-9][0-9][0-9]', 'limit.exceeded'),
            ('aggregate=az1', 'query.invalid'),
            ('aggregate=007', 'query.invalid'),
            ('aggregate=gt:1', 'query.invalid'),
            ('known=maybe', 'query.invalid'),
            ('known=gt:true', 'query.invalid'),
            ('fields=__class__', 'query.invalid'),
            ('marker=x', 'query.invalid'),
            ('limit=0', 'query.invalid'),
            ('sort=id', 'query.invalid'),
            ('x=1', 'query.invalid'),
        ):
            answer = self.send('filter', f'/os-aggext/hosts?{query}')
            told = self.refused(400, answer)
            self.assertEqual(f'host-aggregate.{code}', told['code'])
            self.assertEqual(query.partition('=')[0], told['parameter'])

    def test_pages(self) -> None:
        for more in ('', '&sort=name:desc', '&name=glob:a*'):
            expected = self.names(f'?limit=9{more}')
            for limit in (1, 2, 6):
                names: list[str] = []
                query = f'?limit={limit}&with_count=true{more}'
                while query:
                    answer = self.send('filter', f'/os-aggext/hosts{query}')
                    page = answer.json
                    self.assertEqual(len(expected.split()), page['count'])
                    names += [one['name'] for one in page['hosts']]
                    query = ''.join(
                        '?' + link['href'].partition('?')[2]
                        for link in page['links']
                    )
                self.assertEqual(expected, ' '.join(names))

    def test_tag_of_the_list(self) -> None:
        path = '/os-aggext/hosts'
        tag = self.send('filter', path).headers['ETag']
        headers = {'If-None-Match': tag}
        self.assertEqual(
            304, self.send('filter', path, headers=headers).status_int
        )
        self.hosts.remove_host('c1')
        answer = self.send('filter', path, headers=headers)
        self.assertEqual(200, answer.status_int)

    def test_who_may_not(self) -> None:
        for path, rule in (
            ('/os-aggext/hosts', 'aggext:hosts:list'),
            ('/os-aggext/hosts/a1', 'aggext:hosts:show'),
            ('/os-aggext/hosts/x', 'aggext:hosts:show'),
        ):
            told = self.refused(403, self.send('filter', path, roles='reader'))
            self.assertEqual(rule, told['rule'])


def _fill(session: sa.Connection) -> list[int]:
    made = [
        aggregates.make(session, name, hosts, metadata, uuid=UUID % number).id
        for number, (name, hosts, metadata) in enumerate(
            (
                ('az1', ['a2', 'a1', 'dead'], {ZONE: 'z1'}),
                (
                    'own',
                    ['a1', 'a10'],
                    {'filter_tenant_id': 'p1', 'filter_tenant_id_2': 'p2'},
                ),
                ('default', ['b1'], {ZONE: 'nova', 'ssd': 'true'}),
            )
        )
    ]
    return made
