# SPDX-License-Identifier: Apache-2.0
"""Aggregates through the own API, wherever it is served."""

from typing import Any

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

    def test_who_may_not(self) -> None:
        path = f'/os-aggext/aggregates/{self.one}'
        for roles in ('', 'reader', 'member,manager'):
            told = self.refused(403, self.send('filter', path, roles=roles))
            self.assertEqual('host-aggregate.forbidden', told['code'])
            self.assertEqual('aggext:aggregates:show', told['rule'])
        self.assertEqual(
            200, self.send('filter', path, roles='admin').status_int
        )
