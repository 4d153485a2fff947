# SPDX-License-Identifier: Apache-2.0
"""Documents that are none; all that is wrong is told at once."""

import os
import random
from typing import Any

import testscenarios

from nova_aggext.tests.functional.managers import base

load_tests = testscenarios.load_tests_apply_scenarios

AT = '/manager/aggregates/0'
BODIES = int(os.environ.get('AGGEXT_FUZZ_DOCUMENTS', '400'))


class FormsTest(base.ManagersTestCase):
    """Nothing of it is applied."""

    def test_an_entry(self) -> None:
        entries: list[tuple[Any, str | None]] = [
            ({}, AT),
            ('a', AT),
            ({'name': ''}, f'{AT}/name'),
            ({'name': None}, f'{AT}/name'),
            ({'name': 'a', 'id': 1}, f'{AT}/id'),
            ({'name': 'a', 'state': 'gone'}, f'{AT}/state'),
            ({'name': 'a', 'state': 'absent', 'hosts': []}, f'{AT}/hosts'),
            ({'name': 'a', 'hosts': {'add': []}}, f'{AT}/hosts'),
            ({'name': 'a', 'hosts': [1]}, f'{AT}/hosts/0'),
            ({'name': 'a', 'hosts': None}, f'{AT}/hosts'),
            ({'name': 'a', 'metadata': []}, f'{AT}/metadata'),
            ({'name': 'a', 'metadata': {'k': 1}}, f'{AT}/metadata/k'),
            ({'name': 'a', 'metadata': {'ä': None}}, f'{AT}/metadata/ä'),
            (
                {'name': 'a', 'metadata': {'Availability_Zone': None}},
                f'{AT}/metadata/Availability_Zone',
            ),
            ({'name': 'a', 'exclusive': 'hosts'}, f'{AT}/exclusive'),
            ({'name': 'a', 'exclusive': ['name']}, f'{AT}/exclusive/0'),
            ({'name': 'a', 'protected': None}, f'{AT}/protected'),
            ({'name': 'a', 'protected': 1}, f'{AT}/protected'),
            ({'name': 'a', 'owner': ''}, f'{AT}/owner'),
            ({'name': 'a', 'description': '\0'}, f'{AT}/description'),
            ({'name': 'a', 'availability_zone': 'a:b'}, None),
        ]
        for entry, path in entries:
            answer = self.apply('site', entry)
            (error,) = self.refused(answer, 400, 'request.invalid')
            wanted = path or f'{AT}/availability_zone'
            self.assertEqual(wanted, error['path'], str(entry))

    def test_beside_the_entries(self) -> None:
        for name, value in (
            ('prune', 'yes'),
            ('force', 1),
            ('on_drift', 'ignore'),
            ('unknown_hosts', None),
            ('expect_digest', 'x'),
            ('reason', 'a\nb'),
            ('description', 7),
            ('strict', True),
            ('aggregates', {}),
        ):
            body: Any = {'manager': {'aggregates': [], name: value}}
            answer = self.send('PUT', '/managers/site', body)
            (error,) = self.refused(answer, 400, 'request.invalid')
            self.assertEqual(f'/manager/{name}', error['path'])
        others: list[tuple[Any, str]] = [
            ({'manager': {}}, '/manager'),
            ([], ''),
        ]
        for body, path in others:
            answer = self.send('PUT', '/managers/site', body)
            (error,) = self.refused(answer, 400, 'request.invalid')
            self.assertEqual(path, error['path'])

    def test_one_name_twice(self) -> None:
        answer = self.apply('site', {'name': 'a'}, {'name': 'a'})
        (error,) = self.refused(answer, 400, 'change.contradictory')
        self.assertEqual('/manager/aggregates/1/name', error['path'])
        self.assertEqual(AT, error['other'])

    def test_patterns(self) -> None:
        entry = {'name': 'a', 'hosts': ['h1', 'h[9-1]', 'h[1-2]', 'h[2-3]']}
        (error,) = self.refused(
            self.apply('site', entry), 400, 'pattern.invalid'
        )
        self.assertEqual(f'{AT}/hosts/1', error['path'])

    def test_all_at_once(self) -> None:
        entries: list[Any] = [{'name': 'a', 'x': 1}, {'hosts': ['[']}]
        answer = self.apply('site', *entries, prune=0)
        self.assertEqual(400, answer.status_int)
        self.assertEqual(4, len(answer.json['errors']))

    def test_names_of_managers(self) -> None:
        for name in ('A', '-a', 'a%20b', '%C3%A4', 'a' * 64, '.', 'a%2Fb'):
            answer = self.apply(name)
            self.assertIn(answer.status_int, (400, 404), name)
        for name in ('a', '0', 'a.b_c-d', 'a' * 63):
            self.assertEqual(201, self.apply(name).status_int, name)

    def test_queries_and_methods(self) -> None:
        answer = self.apply('site', query='?dry_run=yes')
        self.refused(answer, 400, 'query.invalid')
        answer = self.apply('site', query='?force=true')
        self.refused(answer, 400, 'query.invalid')
        answer = self.send('POST', '/managers', {})
        self.refused(answer, 405, 'method.not_allowed')
        answer = self.send('PATCH', '/managers/site', {})
        self.refused(answer, 405, 'method.not_allowed')
        head = self.send('HEAD', '/managers')
        self.assertEqual(200, head.status_int)


class FuzzTest(base.ManagersTestCase):
    """Whatever is sent, no answer is an internal error."""

    scenarios = base.KINDS

    def test_bodies(self) -> None:
        chance = random.Random(4)
        seen: set[int] = set()
        for _ in range(BODIES // len(base.KINDS)):
            body = {'manager': _mangled(chance, _document(chance))}
            before = self.rows()
            path = f'/managers/{chance.choice(("site", "team"))}'
            answer = self.send('PUT', path, body)
            self.assertLess(answer.status_int, 500, body)
            if answer.status_int >= 400:
                self.unchanged(before)
            seen.add(answer.status_int)
        self.assertLessEqual({200, 400, 409}, seen)


_SCALARS: tuple[Any, ...] = (
    None,
    True,
    0,
    -1,
    1.5,
    '',
    'a',
    'h1',
    'h[1-3]',
    'skip',
    'refuse',
    'absent',
    '\0',
    '\ud800',
    '😀',
    'x' * 300,
    [],
    {},
)


def _document(chance: random.Random) -> dict[str, Any]:
    return {
        'description': chance.choice(('d', '😀', 'é\n')),
        'prune': chance.random() < 0.5,
        'unknown_hosts': 'skip',
        'aggregates': [
            {
                'name': name,
                'description': chance.choice(('d', '😀', None)),
                'availability_zone': chance.choice(('z1', None)),
                'hosts': chance.sample(['h1', 'h2', 'nobody', 'h[3-4]'], 2),
                'metadata': {'k': chance.choice(('1', '2', None))},
                'exclusive': chance.choice(([], ['hosts'], ['metadata'])),
            }
            for name in chance.sample(['a', 'A', 'b', 'é', 'e'], 2)
        ],
    }


def _mangled(chance: random.Random, value: Any) -> Any:
    """Put something else in a few places."""
    if chance.random() < 0.02:
        return chance.choice(_SCALARS)
    if isinstance(value, dict):
        found = {key: _mangled(chance, one) for key, one in value.items()}
        if chance.random() < 0.03:
            found[chance.choice(('name', 'state', 'x', 'owner'))] = 'a'
        return found
    if isinstance(value, list):
        return [_mangled(chance, one) for one in value]
    return value
