# SPDX-License-Identifier: Apache-2.0
"""What is stored of a manager, and how it is shown."""

import testscenarios

from nova_aggext.tests.functional.managers import base

load_tests = testscenarios.load_tests_apply_scenarios

DOCUMENT: base.Document = {
    'description': 'a site',
    'prune': True,
    'on_drift': 'refuse',
}


class DocumentsTest(base.ManagersTestCase):
    """The document is kept as it was sent."""

    scenarios = base.KINDS

    def test_shown_as_it_was_sent(self) -> None:
        """Without what is of one request alone."""
        entry = {'name': 'a', 'hosts': ['h[1-2]'], 'metadata': {'k': None}}
        answer = self.apply(
            'site', entry, reason='first', force=False, **DOCUMENT
        )
        self.assertEqual(201, answer.status_int, answer.text)
        found = self.send('GET', '/managers/site')
        shown = found.json['manager']
        self.assertEqual(answer.json['manager'], shown)
        self.assertEqual(
            {**DOCUMENT, 'aggregates': [entry]}, shown['document']
        )
        self.assertEqual('a site', shown['description'])
        self.assertEqual(answer.json['change']['id'], shown['change'])
        self.assertEqual(f'"{shown["etag"]}"', found.headers['ETag'])
        self.assertEqual(found.headers['ETag'], answer.headers['ETag'])
        self.assertEqual(shown['links'][0]['href'], answer.headers['Location'])
        again = self.apply('site', **shown['document'])
        self.assertEqual(200, again.status_int, again.text)
        self.assertEqual(shown, again.json['manager'])

    def test_texts_of_all_characters(self) -> None:
        """Descriptions hold them, and lines."""
        text = 'Halle \U0001f600\nzwei'
        entry = {'name': 'a', 'description': text}
        self.applied('site', entry, description=text)
        shown = self.send('GET', '/managers/site').json['manager']
        self.assertEqual(text, shown['description'])
        self.assertEqual([entry], shown['document']['aggregates'])
        self.assertEqual(text, self.named('a')['description'])
        self.settled('site', entry, description=text)

    def test_without_effect(self) -> None:
        """A new document is stored, and nothing is logged."""
        answer = self.apply('site')
        self.assertEqual(201, answer.status_int)
        self.assertIsNone(answer.json['manager']['change'])
        self.assertIsNone(answer.json['change']['id'])
        again = self.apply('site', description='now with a text')
        self.assertEqual(200, again.status_int)
        self.assertFalse(again.json['change']['changed'])
        stored = self.send('GET', '/managers/site').json['manager']
        self.assertEqual('now with a text', stored['description'])
        self.assertEqual([], self.send('GET', '/changes').json['changes'])

    def test_a_plan_stores_nothing(self) -> None:
        """It shows the manager as it would be."""
        before = self.rows()
        answer = self.apply('site', {'name': 'a'}, query='?dry_run=true')
        self.assertEqual(200, answer.status_int)
        planned = answer.json
        self.assertIsNone(planned['manager']['applied_at'])
        self.assertTrue(planned['change']['dry_run'])
        self.unchanged(before)
        digest = planned['change']['digest']
        answer = self.apply('site', {'name': 'a'}, expect_digest=digest)
        self.assertEqual(201, answer.status_int)
        self.assertEqual(
            planned['manager']['etag'], answer.json['manager']['etag']
        )
        answer = self.apply('site', {'name': 'b'}, expect_digest=digest)
        (error,) = self.refused(answer, 412, 'plan.stale')
        self.assertEqual('/manager/expect_digest', error['path'])

    def test_conditions(self) -> None:
        """Two runs of one pipeline."""
        absent = {'If-None-Match': '*'}
        for headers in ({'If-Match': '*'}, {'If-Match': '"x"'}):
            answer = self.apply('site', headers=headers)
            (error,) = self.refused(answer, 412, 'etag.mismatch')
            self.assertIsNone(error['etag'])
        first = self.apply('site', {'name': 'a'}, headers=absent)
        self.assertEqual(201, first.status_int)
        tag = first.headers['ETag']
        for headers in (
            absent,
            {'If-Match': '"x"'},
            {'If-Match': f'W/{tag}'},
            {'If-Match': tag.strip('"')},
            {'If-None-Match': f'"x", W/{tag}'},
        ):
            answer = self.apply('site', headers=headers)
            self.refused(answer, 412, 'etag.mismatch')
        for headers in (
            {'If-Match': f'"x", {tag}'},
            {'If-Match': '*'},
            {'If-None-Match': '"x"'},
        ):
            answer = self.apply('site', {'name': 'a'}, headers=headers)
            self.assertEqual(200, answer.status_int, answer.text)
        stale = {'If-Match': '"x"'}
        answer = self.apply('site', {'name': 'no\n'}, headers=stale)
        self.refused(answer, 400, 'request.invalid')

    def test_forgotten(self) -> None:
        """Aggregates stay as they are; nobody claims them any more."""
        self.applied('site', {'name': 'a', 'hosts': ['h1']})
        self.assertEqual(204, self.send('DELETE', '/managers/site').status_int)
        self.assertEqual(['h1'], self.named('a')['hosts'])
        self.assertEqual({}, self.claims('a'))
        for method in ('GET', 'DELETE'):
            answer = self.send(method, '/managers/site')
            self.refused(answer, 404, 'manager.not_found')
        self.refused(
            self.send('GET', '/managers/NO'), 404, 'manager.not_found'
        )
        self.assertEqual([], self.rows()['aggext_claims'])
        # Now it is nobody's, so that it is not pruned.
        self.applied('site', prune=True)
        self.assertEqual(['a'], self.names())

    def test_listed(self) -> None:
        """By name, in pages, without documents."""
        for name in ('b', 'a.1', 'c-2'):
            self.applied(name, description=name)
        path, names = '/managers?limit=2&with_count=true', []
        while path:
            page = self.send('GET', path).json
            self.assertEqual(3, page['count'])
            for one in page['managers']:
                self.assertNotIn('document', one)
                names.append(one['name'])
            path = ''
            for link in page['links']:
                path = link['href'].partition('/os-aggext')[2]
        self.assertEqual(['a.1', 'b', 'c-2'], names)
        turned = self.send('GET', '/managers?sort=name:desc&fields=etag').json
        self.assertEqual({'etag', 'name'}, set(turned['managers'][0]))
        self.assertEqual('c-2', turned['managers'][0]['name'])
        for query in ('name=a', 'sort=etag', 'limit=0', 'fields=document'):
            answer = self.send('GET', f'/managers?{query}')
            self.refused(answer, 400, 'query.invalid')

    def test_in_the_feed(self) -> None:
        """Applies are found by their kind and by the manager."""
        self.applied('site', {'name': 'a'}, reason='MR !318')
        self.applied('team', {'name': 'b'})
        self.create('c')
        for query, names in (
            ('kind=apply', ['site', 'team']),
            ('manager=site', ['site']),
            ('manager=nin:site', ['team', None]),
            ('kind=change', [None]),
        ):
            listed = self.send('GET', f'/changes?{query}').json['changes']
            self.assertEqual(names, [one['manager'] for one in listed])
        (one,) = self.send('GET', '/changes?manager=site').json['changes']
        self.assertEqual('MR !318', one['reason'])
        undone = self.made(self.post({'revert': one['id']}))
        self.assertEqual('revert', undone['kind'])
        self.assertEqual(['b', 'c'], self.names())

    def test_claimed_aggregates_are_found(self) -> None:
        """By the filter, and not when nothing is claimed any more."""
        self.applied('site', {'name': 'a'}, {'name': 'b'})
        self.create('c')
        for query, names in (
            ('manager=site', ['a', 'b']),
            ('manager=neq:site', ['c']),
            ('manager=glob:s*', ['a', 'b']),
            ('manager=in:team,ops', []),
        ):
            listed = self.send('GET', f'/aggregates?{query}').json
            found = [one['name'] for one in listed['aggregates']]
            self.assertEqual(names, found, query)
        number = self.named('a')['id']
        shown = self.send('GET', f'/aggregates/{number}?fields=claims').json
        self.assertEqual({'site': ['name']}, shown['aggregate']['claims'])
        self.assertNotIn('claims', self.show(number))


class LimitsTest(base.ManagersTestCase):
    """More than there may be."""

    options = (
        '[aggext]\nmanagers = 2\naggregates_per_change = 2\n'
        'memberships_per_change = 3\n'
    )

    def test_managers(self) -> None:
        """The third is refused; the others go on."""
        self.applied('a')
        self.applied('b')
        (error,) = self.refused(self.apply('c'), 400, 'limit.exceeded')
        self.assertEqual(('managers', 2), (error['limit'], error['maximum']))
        self.applied('b', description='x')
        self.send('DELETE', '/managers/a')
        self.applied('c')

    def test_of_a_document(self) -> None:
        """As those of a change."""
        entries = [{'name': name} for name in 'abc']
        (error,) = self.refused(
            self.apply('a', *entries), 400, 'limit.exceeded'
        )
        self.assertEqual('/manager/aggregates', error['path'])
        entry = {'name': 'a', 'hosts': ['h[1-4]']}
        self.refused(self.apply('a', entry), 400, 'limit.exceeded')
