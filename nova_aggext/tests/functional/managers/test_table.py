# SPDX-License-Identifier: Apache-2.0
"""What it means that a manager claims something, case by case."""

import testscenarios

from nova_aggext.tests.functional.managers import base

load_tests = testscenarios.load_tests_apply_scenarios


class ClaimsTest(base.ManagersTestCase):
    """One manager alone."""

    scenarios = base.KINDS

    def test_what_is_given_is_made_and_claimed(self) -> None:
        """Scalars, each key, each host; null claims absence."""
        self.create('az1', metadata={'add': {'hdd': 'yes', 'other': '1'}})
        entry = {
            'name': 'az1',
            'availability_zone': 'z1',
            'description': 'Hall 1',
            'owner': None,
            'protected': False,
            'hosts': ['h[1-2]'],
            'metadata': {'ssd': 'true', 'hdd': None},
        }
        planned = self.planned('site', entry)
        change = self.applied('site', entry)
        self.assertEqual(planned['digest'], change['digest'])
        self.assertEqual(
            ('apply', 'site'), (change['kind'], change['manager'])
        )
        shown = self.named('az1')
        self.assertEqual({'ssd': 'true', 'other': '1'}, shown['metadata'])
        self.assertEqual(['h1', 'h2'], shown['hosts'])
        self.assertEqual('z1', shown['availability_zone'])
        self.assertEqual('Hall 1', shown['description'])
        self.assertEqual(
            {
                'site': [
                    'availability_zone',
                    'description',
                    'hosts/h1',
                    'hosts/h2',
                    'metadata/hdd',
                    'metadata/ssd',
                    'name',
                    'owner',
                    'protected',
                ]
            },
            self.claims('az1'),
        )
        self.settled('site', entry)

    def test_what_is_not_given_is_anybody_s(self) -> None:
        """Others may change it, and it is no drift."""
        entry = {'name': 'az1', 'hosts': ['h1'], 'metadata': {'a': '1'}}
        self.applied('site', entry)
        one = self.named('az1')
        item = {
            'aggregate': {'id': one['id']},
            'availability_zone': 'z1',
            'hosts': {'add': ['h2']},
            'metadata': {'add': {'b': '2'}},
        }
        self.change(item)
        change = self.applied('site', entry, on_drift='refuse')
        self.assertFalse(change['changed'])
        self.assertEqual(['h1', 'h2'], self.named('az1')['hosts'])

    def test_what_is_made_is_made_at_once(self) -> None:
        """Hosts move between two aggregates with zones."""
        first = {'name': 'a', 'availability_zone': 'z1', 'hosts': ['h1']}
        second = {'name': 'b', 'availability_zone': 'z2', 'hosts': ['h2']}
        self.applied('site', first, second)
        swapped = [{**first, 'hosts': ['h2']}, {**second, 'hosts': ['h1']}]
        change = self.applied('site', *swapped)
        self.assertEqual(2, len(change['effects']))
        self.assertEqual(1, change['impact']['scheduler_casts'])
        self.assertEqual(['h2'], self.named('a')['hosts'])
        self.settled('site', *swapped)

    def test_exclusive(self) -> None:
        """Whatever else is in the collection goes."""
        self.create('az1', 'h1', 'h3', metadata={'add': {'x': '1'}})
        entry = {
            'name': 'az1',
            'hosts': ['h[1-2]'],
            'metadata': {'hall': '1'},
            'exclusive': ['hosts', 'metadata'],
        }
        change = self.applied('site', entry)
        (effect,) = change['effects']
        self.assertEqual({'add': ['h2'], 'remove': ['h3']}, effect['hosts'])
        self.assertEqual(
            {'add': {'hall': '1'}, 'remove': ['x']}, effect['metadata']
        )
        self.assertEqual(
            ['hosts', 'hosts/h1', 'hosts/h2'], self.claims('az1')['site'][:3]
        )
        self.settled('site', entry)

    def test_elements_that_are_not_given_any_more_go(self) -> None:
        """A host or a key is removed, unless another manager claims it."""
        first = {
            'name': 'az1',
            'hosts': ['h[1-3]'],
            'metadata': {'a': '1', 'b': '2', 'c': None},
        }
        self.applied('site', first)
        shared = {'name': 'az1', 'hosts': ['h2'], 'metadata': {'b': '2'}}
        self.applied('team', shared)
        self.applied('site', {'name': 'az1', 'hosts': ['h1']})
        shown = self.named('az1')
        self.assertEqual(['h1', 'h2'], shown['hosts'])
        self.assertEqual({'b': '2'}, shown['metadata'])
        self.assertEqual(['hosts/h1', 'name'], self.claims('az1')['site'])
        self.settled('team', shared)

    def test_scalars_that_are_not_given_any_more_stay(self) -> None:
        """They are released; null takes them away."""
        self.applied(
            'site', {'name': 'a', 'availability_zone': 'z', 'description': 'd'}
        )
        self.applied('site', {'name': 'a', 'description': None})
        shown = self.named('a')
        self.assertEqual('z', shown['availability_zone'])
        self.assertIsNone(shown['description'])
        self.assertEqual(['description', 'name'], self.claims('a')['site'])

    def test_aggregates_that_are_not_given_any_more_stay(self) -> None:
        """Without prune nothing changes but the claims."""
        self.applied('site', {'name': 'a', 'hosts': ['h1']}, {'name': 'b'})
        change = self.applied('site', {'name': 'b'})
        self.assertFalse(change['changed'])
        self.assertEqual(['h1'], self.named('a')['hosts'])
        self.assertEqual({}, self.claims('a'))


class PruneTest(base.ManagersTestCase):
    """What a manager made is undone where it is not given any more."""

    scenarios = base.KINDS

    def test_what_the_manager_made_is_deleted(self) -> None:
        """The aggregate was made by it and has nothing of others."""
        self.applied('site', {'name': 'a', 'hosts': ['h[1-2]']}, {'name': 'b'})
        change = self.applied('site', {'name': 'b'}, prune=True)
        (effect,) = change['effects']
        self.assertEqual('delete', effect['op'])
        self.assertEqual(['b'], self.names())
        self.settled('site', {'name': 'b'}, prune=True)

    def test_what_others_made_stays(self) -> None:
        """Its hosts and keys of this manager go."""
        self.create('a', 'h3', metadata={'add': {'x': '1'}})
        entry = {'name': 'a', 'hosts': ['h1'], 'metadata': {'k': '1'}}
        self.applied('site', entry)
        self.applied('site', prune=True)
        shown = self.named('a')
        self.assertEqual(['h3'], shown['hosts'])
        self.assertEqual({'x': '1'}, shown['metadata'])

    def test_a_foreign_host_keeps_an_aggregate(self) -> None:
        """It is not empty without the hosts of the manager."""
        self.applied('site', {'name': 'a', 'hosts': ['h1']})
        one = self.named('a')
        self.nova(f'/{one["id"]}/action', {'add_host': {'host': 'h2'}})
        self.applied('site', prune=True)
        self.assertEqual(['h2'], self.named('a')['hosts'])

    def test_what_another_manager_claims_stays(self) -> None:
        """The aggregate, its hosts and keys."""
        self.applied('site', {'name': 'a', 'hosts': ['h[1-2]']})
        self.applied('team', {'name': 'a', 'hosts': ['h2']})
        self.applied('site', prune=True)
        self.assertEqual(['h2'], self.named('a')['hosts'])
        self.assertEqual({'team': ['hosts/h2', 'name']}, self.claims('a'))

    def test_a_protected_aggregate_stays(self) -> None:
        """Hosts may go; keys may not, and refuse all of it."""
        entry = {'name': 'a', 'hosts': ['h1'], 'protected': True}
        self.applied('site', entry)
        self.applied('site', prune=True)
        self.assertEqual([], self.named('a')['hosts'])
        entry = {'name': 'b', 'metadata': {'k': '1'}, 'protected': True}
        self.applied('site', entry)
        answer = self.apply('site', prune=True)
        self.refused(answer, 403, 'aggregate.protected')
        self.assertEqual({'k': '1'}, self.named('b')['metadata'])

    def test_a_protected_aggregate_is_unprotected_alone(self) -> None:
        """What is frozen can be applied to after that, not with it."""
        entry: base.Document = {
            'name': 'a',
            'metadata': {'k': '1'},
            'protected': True,
        }
        self.applied('site', entry)
        self.settled('site', entry)
        self.applied('site', {**entry, 'hosts': ['h1'], 'description': 'x'})
        changed = {**entry, 'metadata': {'k': '2'}, 'protected': False}
        answer = self.apply('site', changed)
        self.refused(answer, 403, 'aggregate.protected')
        self.applied('site', {**entry, 'protected': False})
        self.applied('site', changed)
        self.assertEqual({'k': '2'}, self.named('a')['metadata'])

    def test_one_that_shall_be_absent(self) -> None:
        """It is pruned by itself, if it is held."""
        self.applied('site', {'name': 'a', 'hosts': ['h1']}, {'name': 'b'})
        self.create('foreign')
        gone = [
            {'name': 'a', 'state': 'absent'},
            {'name': 'foreign', 'state': 'absent'},
            {'name': 'nowhere', 'state': 'absent'},
        ]
        self.applied('site', *gone)
        self.assertEqual(['b', 'foreign'], sorted(self.names()))
        self.settled('site', *gone)

    def test_one_of_others_that_shall_be_absent(self) -> None:
        """Only force deletes what the manager has not made."""
        self.create('a')
        self.applied('site', {'name': 'a', 'hosts': ['h1']})
        absent = {'name': 'a', 'state': 'absent'}
        self.planned('site', absent, force=True)
        self.applied('site', absent)
        self.assertEqual([], self.named('a')['hosts'])
        self.applied('site', {'name': 'a', 'hosts': ['h1']})
        self.applied('site', absent, force=True)
        self.assertEqual([], self.names())


class ConflictsTest(base.ManagersTestCase):
    """Two managers that want something of one aggregate."""

    scenarios = base.KINDS

    def test_the_same_value_is_shared(self) -> None:
        """Both claim it; it goes with the last of them."""
        entry = {'name': 'a', 'hosts': ['h1'], 'metadata': {'k': '1'}}
        self.applied('site', entry)
        self.assertFalse(self.applied('team', entry)['changed'])
        self.assertEqual(['site', 'team'], sorted(self.claims('a')))
        self.assertFalse(self.applied('site', {'name': 'a'})['changed'])
        self.applied('team', {'name': 'a'})
        shown = self.named('a')
        self.assertEqual(([], {}), (shown['hosts'], shown['metadata']))

    def test_all_conflicts_are_told_at_once(self) -> None:
        """Each with the manager, the field, and both values."""
        entry = {
            'name': 'a',
            'availability_zone': 'z1',
            'hosts': ['h1'],
            'metadata': {'k': '1', 'gone': None},
            'exclusive': ['hosts'],
        }
        self.applied('site', entry)
        before = self.rows()
        wanted = {
            'name': 'a',
            'availability_zone': None,
            'hosts': ['h[1-2]'],
            'metadata': {'k': None, 'gone': '1'},
        }
        for query in ('', '?dry_run=true'):
            answer = self.apply('team', wanted, query=query)
            self.refused(answer, 409, *['manager.conflict'] * 4)
            at = '/manager/aggregates/0'
            self.assertEqual(
                [
                    (f'{at}/availability_zone', 'site', 'z1', None),
                    (f'{at}/hosts/0', 'site', False, True),
                    (f'{at}/metadata/gone', 'site', None, '1'),
                    (f'{at}/metadata/k', 'site', '1', None),
                ],
                self.errors(answer, 'path', 'manager', 'theirs', 'yours'),
            )
            self.unchanged(before)

    def test_an_exclusive_claim_against_an_element(self) -> None:
        """Also where the element is there, and where it is not."""
        self.applied('site', {'name': 'a', 'hosts': ['h[1-2]']})
        wanted = {'name': 'a', 'hosts': ['h1'], 'exclusive': ['hosts']}
        answer = self.apply('team', wanted)
        self.refused(answer, 409, 'manager.conflict')
        self.assertEqual(
            [('/manager/aggregates/0/exclusive', 'hosts/h2', True, False)],
            self.errors(answer, 'path', 'field', 'theirs', 'yours'),
        )
        equal = {**wanted, 'hosts': ['h[1-2]']}
        self.applied('team', equal)
        self.applied('site', equal)
        self.applied('ops', {'name': 'a', 'hosts': ['h1']})

    def test_force_and_force_back(self) -> None:
        """What is taken is not claimed any more; then it is a conflict."""
        mine = {'name': 'a', 'metadata': {'k': '1'}, 'description': 'x'}
        other = {'name': 'a', 'metadata': {'k': '2'}}
        self.applied('site', mine)
        self.refused(self.apply('team', other), 409, 'manager.conflict')
        self.applied('team', other, force=True)
        self.assertEqual({'k': '2'}, self.named('a')['metadata'])
        self.assertEqual(
            {
                'site': ['description', 'name'],
                'team': ['metadata/k', 'name'],
            },
            self.claims('a'),
        )
        answer = self.apply('site', mine)
        self.refused(answer, 409, 'manager.conflict')
        self.assertEqual([('team',)], self.errors(answer, 'manager'))
        self.applied('site', mine, force=True)
        self.assertEqual({'k': '1'}, self.named('a')['metadata'])
        self.refused(self.apply('team', other), 409, 'manager.conflict')
        self.settled('site', mine)

    def test_force_against_a_collection(self) -> None:
        """The claim on the collection is taken, not those on elements."""
        mine = {'name': 'a', 'hosts': ['h1'], 'exclusive': ['hosts']}
        self.applied('site', mine)
        self.applied('team', {'name': 'a', 'hosts': ['h2']}, force=True)
        self.assertEqual(['h1', 'h2'], self.named('a')['hosts'])
        self.assertEqual(['hosts/h1', 'name'], self.claims('a')['site'])
        self.refused(self.apply('site', mine), 409, 'manager.conflict')
        self.applied('site', mine, force=True)
        self.assertEqual(['h1'], self.named('a')['hosts'])
        self.assertEqual(['name'], self.claims('a')['team'])

    def test_conflicts_beside_broken_rules(self) -> None:
        """All that is wrong is told, of whatever kind."""
        self.applied('site', {'name': 'a', 'metadata': {'k': '1'}})
        self.create('busy', base.BUSY)
        wanted: list[base.Document] = [
            {'name': 'a', 'metadata': {'k': '2'}},
            {'name': 'busy', 'availability_zone': 'z2'},
        ]
        self.refused(
            self.apply('team', *wanted),
            409,
            'manager.conflict',
            'zone.instances',
        )
