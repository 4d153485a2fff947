# SPDX-License-Identifier: Apache-2.0
"""What a request may look like."""

import json
from typing import Any

from nova_aggext.tests.functional.changes import base

UUID = '0f1c6f3e-6a5f-4ed0-8a4e-0a2c0d3f6b01'
TAG = '0' * 32
REF = {'name': 'one'}
AT = '/change/aggregates/0'


class FormsTest(base.ChangesTestCase):
    """What cannot be understood is refused, whatever the state is."""

    options = """
[aggext]
aggregates_per_change = 3
memberships_per_change = 20
hosts_per_pattern = 12
"""

    def setUp(self) -> None:
        super().setUp()
        self.one = self.create('one')
        self.before = self.rows()

    def invalid(
        self,
        change: Any,
        *paths: str,
        code: str = 'request.invalid',
        roles: str = 'nobody',
    ) -> list[base.Document]:
        """Check that it is refused, also to who may do nothing."""
        codes = [code] * len(paths)
        told = self.refused(self.post(change, roles=roles), 400, *codes)
        self.assertEqual([*paths], [one['path'] for one in told])
        self.unchanged(self.before)
        return told

    def item(self, item: Any, *paths: str, **more: Any) -> None:
        """Check that an item is refused."""
        where = [f'{AT}{path}' for path in paths]
        self.invalid({'aggregates': [item]}, *where, **more)

    def test_bodies(self) -> None:
        for body in (
            b'',
            b'[]',
            b'{}',
            b'null',
            b'{"change": {}}',
            b'{"change": []}',
            b'{"change": {"aggregates": [], "aggregates": []}}',
            b'{"change": NaN}',
            b'{"change": "\xff"}',
            b'{"change": ' + b'[' * 3000 + b']' * 3000 + b'}',
            b'{"change": ' + b'{"a":' * 900 + b'1' + b'}' * 900 + b'}',
            b'{"change": ' + b'9' * 5000 + b'}',
            b'{"changes": {}, "change": {"revert": "n-1"}}',
        ):
            for method, path in (
                ('POST', '/changes'),
                ('PUT', f'/changes/{UUID}'),
            ):
                answer = self.send(method, path, body)
                self.assertEqual(400, answer.status_int, answer.text)
                for one in answer.json['errors']:
                    self.assertEqual(
                        'host-aggregate.request.invalid', one['code']
                    )
        self.unchanged(self.before)

    def test_one_of_both(self) -> None:
        change: dict[str, Any]
        value: Any
        number = base.new_id()
        for change in (
            {'reason': 'r'},
            {'aggregates': []},
            {'hosts': []},
            {'aggregates': [], 'hosts': []},
            {'revert': number, 'hosts': []},
            {'revert': number, 'aggregates': [{'aggregate': REF}]},
        ):
            self.invalid(change, '/change')
        self.invalid({'revert': number, 'strict': False}, '/change/strict')
        for value in (None, 7, '', 'x', 'n-', 'n-x', UUID.upper(), '\0', []):
            self.invalid({'revert': value}, '/change/revert')

    def test_members_of_a_change(self) -> None:
        values: tuple[Any, ...]
        items = [{'aggregate': REF}]
        for name, values in {
            'strict': (None, 'true', 1),
            'unknown_hosts': (None, 'ignore', True),
            'expect_digest': ('', 'x', TAG.upper() + 'G', TAG + '\n', 7),
            'reason': ('a\nb', 'x' * 256, 7, '\0', '\U0001f600'),
            'owner~/x': (1,),
        }.items():
            pointer = name.replace('~', '~0').replace('/', '~1')
            for value in values:
                self.invalid(
                    {'aggregates': items, name: value}, f'/change/{pointer}'
                )
        for name in ('reason', 'expect_digest'):
            self.plan({'aggregates': items, name: None})

    def test_references(self) -> None:
        value: Any
        values: tuple[Any, ...]
        for value in (None, [], 'one', 1):
            self.item({'aggregate': value}, '/aggregate')
        self.item({'aggregate': {}}, '/aggregate')
        self.item({'aggregate': {'host': 'x'}}, '/aggregate/host')
        for name, values in {
            'id': (0, -1, 1.5, '1', True, None),
            'uuid': (UUID.upper(), UUID.replace('-', ''), f'{UUID}\n', 1),
            'name': (1, None, '\0', '\U0001f600'),
        }.items():
            for value in values:
                self.item({'aggregate': {name: value}}, f'/aggregate/{name}')

    def test_updates(self) -> None:
        more: dict[str, Any]
        for more, *paths in (
            ({'op': 'remove'}, '/op'),
            ({'op': None}, '/op'),
            ({'op': []}, '/op'),
            ({'uuid': UUID}, '/uuid'),
            ({'if_match': f'"{TAG}"'}, '/if_match'),
            ({'if_match': '*'}, '/if_match'),
            ({'if_match': None}, '/if_match'),
            ({'if_match': [TAG]}, '/if_match'),
            ({'name': None}, '/name'),
            ({'name': ''}, '/name'),
            ({'name': ' a'}, '/name'),
            ({'name': 'x' * 256}, '/name'),
            ({'availability_zone': 'a:b'}, '/availability_zone'),
            ({'availability_zone': ''}, '/availability_zone'),
            ({'tenant': 'me'}, '/tenant'),
            ({'hosts': None}, '/hosts'),
            ({'hosts': ['h1']}, '/hosts'),
            ({'hosts': {'add': 'h1'}}, '/hosts/add'),
            ({'hosts': {'add': [7]}}, '/hosts/add/0'),
            ({'hosts': {'set': [], 'add': []}}, '/hosts'),
            ({'metadata': {'set': {}, 'remove': []}}, '/metadata'),
            ({'metadata': {'add': []}}, '/metadata/add'),
            ({'metadata': {'add': {'k': None}}}, '/metadata/add/k'),
            ({'metadata': {'add': {'k': 'x' * 256}}}, '/metadata/add/k'),
            ({'metadata': {'add': {'k': '\0'}}}, '/metadata/add/k'),
            ({'metadata': {'add': {'': 'v'}}}, '/metadata/add/'),
            ({'metadata': {'add': {'a/b': 'v'}}}, '/metadata/add/a~1b'),
            ({'metadata': {'remove': ['']}}, '/metadata/remove/0'),
        ):
            self.item({'aggregate': REF, **more}, *paths)

    def test_annotations(self) -> None:
        value: Any
        values: tuple[Any, ...]
        create = {'op': 'create', 'name': 'new'}
        delete = {'op': 'delete', 'aggregate': REF}
        for name, values in {
            'description': (7, True, [], '\0', 'a\x1bb', '\x85'),
            'owner': (7, '', 'x' * 256, 'a\nb', '\0', '\u2028', {}),
            'protected': (None, 'true', 1, 0, [], {}),
        }.items():
            for value in values:
                for item in ({'aggregate': REF}, create):
                    self.item({**item, name: value}, f'/{name}')
            self.item({**delete, name: True}, f'/{name}')

    def test_annotations_that_are_good(self) -> None:
        values: tuple[Any, ...]
        for name, values in {
            'description': (None, '', ' ', 'a\r\n\tb\u200d\u2028\U0001f600'),
            'owner': (None, 'x' * 255, ' a b ', '\U0001f600', 'null'),
            'protected': (True, False),
        }.items():
            for value in values:
                self.plan({'aggregates': [{'aggregate': REF, name: value}]})

    def test_descriptions_that_are_too_long(self) -> None:
        longest = '\U0001f600' * 1024
        item = {'aggregate': REF, 'description': longest}
        self.plan({'aggregates': [item]})
        item['description'] = f'{longest}x'
        (told,) = self.refused(
            self.post({'aggregates': [item]}), 400, 'limit.exceeded'
        )
        self.assertEqual(
            ('description', 1024, '/change/aggregates/0/description'),
            (told['limit'], told['maximum'], told['path']),
        )

    def test_the_zone_is_no_metadata(self) -> None:
        for key in (
            'availability_zone',
            'AVAILABILITY_zone',
            'availability_zone ',
        ):
            for way in ('add', 'set'):
                self.item(
                    {'aggregate': REF, 'metadata': {way: {key: 'z'}}},
                    f'/metadata/{way}/{key}',
                )
            self.item(
                {'aggregate': REF, 'metadata': {'remove': [key]}},
                '/metadata/remove/0',
            )

    def test_creates(self) -> None:
        more: dict[str, Any]
        create = {'op': 'create', 'name': 'new'}
        self.item({'op': 'create'}, '')
        for more, *paths in (
            ({'aggregate': REF}, '/aggregate'),
            ({'if_match': TAG}, '/if_match'),
            ({'hosts': {'remove': ['h1']}}, '/hosts/remove'),
            ({'metadata': {'remove': ['k']}}, '/metadata/remove'),
            ({'uuid': UUID.upper()}, '/uuid'),
            ({'uuid': None}, '/uuid'),
        ):
            self.item({**create, **more}, *paths)
        self.plan({'aggregates': [{**create, 'hosts': {'set': ['h1']}}]})

    def test_deletes(self) -> None:
        more: dict[str, Any]
        delete = {'op': 'delete', 'aggregate': REF}
        self.item({'op': 'delete'}, '')
        for more, *paths in (
            ({'name': 'x'}, '/name'),
            ({'availability_zone': None}, '/availability_zone'),
            ({'metadata': {'set': {}}}, '/metadata'),
            ({'hosts': {'add': ['h1']}}, '/hosts'),
            ({'hosts': {'set': ['h1']}}, '/hosts'),
        ):
            self.item({**delete, **more}, *paths)
        for more in (
            {'hosts': {'set': []}},
            {'hosts': {'remove': ['h1']}},
            {'if_match': self.one['etag']},
        ):
            self.plan({'aggregates': [{**delete, **more}]})

    def test_host_items(self) -> None:
        item: dict[str, Any]
        at = '/change/hosts/0'
        whole: dict[str, Any] = {'set': []}
        for item, *paths in (
            ({'aggregates': whole}, at),
            ({'host': 'h1'}, at),
            ({'host': 'h[1-2]', 'aggregates': whole}, f'{at}/host'),
            ({'host': '', 'aggregates': whole}, f'{at}/host'),
            ({'host': 7, 'aggregates': whole}, f'{at}/host'),
            ({'host': 'h1', 'aggregates': []}, f'{at}/aggregates'),
            (
                {'host': 'h1', 'aggregates': {'set': [], 'add': []}},
                f'{at}/aggregates',
            ),
            (
                {'host': 'h1', 'aggregates': {'add': ['one']}},
                f'{at}/aggregates/add/0',
            ),
            (
                {'host': 'h1', 'aggregates': whole, 'if_match': 'x'},
                f'{at}/if_match',
            ),
        ):
            self.invalid({'hosts': [item]}, *paths)

    def test_patterns(self) -> None:
        for text in (
            '',
            'a b',
            'a/b',
            'h[',
            'h]',
            'h[]',
            'h[1-]',
            'h[-1]',
            'h[1,]',
            'h[2-1]',
            'h[001-01]',
            'h[01-100]',
            'h[[1]]',
            'h[1-2',
            'h[a-b]',
            'h[\u0661-\u0663]',
            'h,i',
            'h[1]\n',
            'x' * 300,
            f'{"x" * 300}[1-2]',
        ):
            item = {'aggregate': REF, 'hosts': {'add': [text]}}
            self.item(item, '/hosts/add/0', code='pattern.invalid')

    def test_what_patterns_stand_for(self) -> None:
        self.inventory.add_host('r1-n09', 'r1-n10', 'r2-n09', 'r2-n10', 'x5')
        texts = ['r[1-2]-n[09-10]', 'x[5]', 'h[1,3-4]', 'x[4-4,5]']
        item = {'aggregate': REF, 'hosts': {'add': texts}}
        made = self.made(
            self.post({'aggregates': [item], 'unknown_hosts': 'skip'})
        )
        self.assertEqual(
            ['h1', 'h3', 'h4', 'r1-n09', 'r1-n10', 'r2-n09', 'r2-n10', 'x5'],
            made['effects'][0]['hosts']['add'],
        )
        self.assertEqual(['x4'], made['warnings'][0]['hosts'])

    def limited(self, change: Any, path: str, name: str, most: int) -> None:
        (told,) = self.invalid(change, path, code='limit.exceeded')
        self.assertEqual((name, most), (told['limit'], told['maximum']))

    def test_limits(self) -> None:
        for text in ('h[1-13]', 'a[0-9][0-9][0-9][0-9]', 'h[1-999999999999]'):
            item = {'aggregate': REF, 'hosts': {'add': [text]}}
            where = f'{AT}/hosts/add/0'
            self.limited(
                {'aggregates': [item]}, where, 'hosts_per_pattern', 12
            )
        item = {'aggregate': REF, 'hosts': {'remove': ['h[1-11]', 'i[1-10]']}}
        self.limited(
            {'aggregates': [item]},
            f'{AT}/hosts/remove/1',
            'memberships_per_change',
            20,
        )
        # Those that are there, too.
        item['hosts'] = {'remove': ['h[1-11]', 'i[1-9]']}
        self.plan({'aggregates': [item]})

    def test_limit_of_aggregates(self) -> None:
        """Items count, and what is touched from the side of hosts."""
        items = [{'op': 'create', 'name': f'n{one}'} for one in range(4)]
        name = 'aggregates_per_change'
        answer = self.post({'aggregates': items})
        (told,) = self.refused(answer, 400, 'limit.exceeded')
        self.assertEqual((name, 3), (told['limit'], told['maximum']))
        self.plan({'aggregates': items[:3]})
        host = {'host': 'h1', 'aggregates': {'add': [REF]}}
        self.plan({'aggregates': items[:2], 'hosts': [host]})
        answer = self.post({'aggregates': items[:3], 'hosts': [host]})
        self.refused(answer, 400, 'limit.exceeded')

    def test_limit_of_what_a_host_leaves(self) -> None:
        for number in range(4):
            self.create(f'n{number}', 'h1')
        host = {'host': 'h1', 'aggregates': {'set': []}}
        answer = self.post({'hosts': [host]})
        self.refused(answer, 400, 'limit.exceeded')

    def test_more_than_a_hundred(self) -> None:
        """The first of them are told, in the order of the request."""
        ways = {f'x{number}': 1 for number in range(130)}
        item = {'aggregate': REF, 'hosts': ways}
        answer = self.post({'aggregates': [item]})
        told = self.refused(answer, 400, *['request.invalid'] * 100)
        self.assertEqual(30, answer.json['more'])
        self.assertEqual(
            [f'{AT}/hosts/x{number}' for number in range(100)],
            [one['path'] for one in told],
        )

    def test_paths(self) -> None:
        change = {'aggregates': [{'aggregate': REF}]}
        for one in ('7', 'x', UUID.upper(), UUID.replace('-', ''), '%00'):
            answer = self.put(one, change)
            self.assertEqual(400, answer.status_int, answer.text)
            (told,) = answer.json['errors']
            self.assertEqual('host-aggregate.request.invalid', told['code'])

    def test_queries(self) -> None:
        change = {'aggregates': [{'aggregate': REF}]}
        for query in (
            '?dry_run=1',
            '?dry_run=True',
            '?dry_run=',
            '?dry_run=true&dry_run=false',
            '?dryrun=true',
            '?dry_run=true&x=1',
        ):
            answer = self.post(change, query)
            (told,) = self.refused(answer, 400, 'query.invalid')
            self.assertIn('parameter', told)
        self.unchanged(self.before)

    def test_content_type(self) -> None:
        body = json.dumps({'change': {'aggregates': [{'aggregate': REF}]}})
        for kind in ('text/plain', 'application/xml'):
            answer = self.send(
                'POST', '/changes', body.encode(), content_type=kind
            )
            self.refused(answer, 415, 'media_type')
