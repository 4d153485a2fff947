# SPDX-License-Identifier: Apache-2.0
"""What others change of what a manager has applied."""

import sqlalchemy as sa
import testscenarios

from nova_aggext.db import database as db_database
from nova_aggext.db import models
from nova_aggext.tests.functional.managers import base

load_tests = testscenarios.load_tests_apply_scenarios

AT = '/manager/aggregates/0'


class DriftTest(base.ManagersTestCase):
    """It is told, and put back unless that is refused."""

    scenarios = base.KINDS

    def test_a_change_through_the_own_api(self) -> None:
        """The plan names the change that did it."""
        entry = {'name': 'a', 'metadata': {'hall': '1'}, 'hosts': ['h1']}
        self.applied('site', entry)
        change = self.change(
            {
                'aggregate': {'name': 'a'},
                'metadata': {'add': {'hall': '2'}},
                'hosts': {'remove': ['h1']},
            }
        )
        told = [
            (one['field'], one['expected'], one['found'], one['change'])
            for one in self.planned('site', entry)['warnings']
            if one['code'] == 'host-aggregate.drift'
        ]
        expected = [
            ('hosts/h1', True, False, change['id']),
            ('metadata/hall', '1', '2', change['id']),
        ]
        self.assertEqual(expected, told)
        refused = self.apply('site', entry, on_drift='refuse')
        self.refused(refused, 409, 'manager.drift', 'manager.drift')
        self.assertEqual(
            [
                (f'{AT}/hosts/0', *expected[0]),
                (f'{AT}/metadata/hall', *expected[1]),
            ],
            self.errors(
                refused, 'path', 'field', 'expected', 'found', 'change'
            ),
        )
        self.applied('site', entry)
        self.assertEqual({'hall': '1'}, self.named('a')['metadata'])

    def test_a_change_through_nova(self) -> None:
        """It has an id as well."""
        self.applied('site', {'name': 'a', 'availability_zone': 'z1'})
        number = self.named('a')['id']
        self.nova(
            f'/{number}/action',
            {'set_metadata': {'metadata': {'availability_zone': 'z2'}}},
        )
        wanted = {'name': 'a', 'availability_zone': 'z1'}
        (warning,) = self.applied('site', wanted)['warnings']
        self.assertEqual('availability_zone', warning['field'])
        told = self.send('GET', f'/changes/{warning["change"]}').json
        self.assertEqual('nova', told['change']['kind'])

    def test_a_change_that_nobody_recorded(self) -> None:
        """It is drift all the same."""
        self.applied('site', {'name': 'a', 'metadata': {'k': '1'}})

        def write(session: db_database.Session) -> None:
            session.execute(
                sa.update(models.aggregate_metadata).values(value='9')
            )

        self.db.database.write(write)
        wanted = {'name': 'a', 'metadata': {'k': '1'}}
        (warning,) = self.applied('site', wanted)['warnings']
        self.assertEqual(('9', None), (warning['found'], warning['change']))

    def test_what_is_wanted_by_now_is_none(self) -> None:
        """The document was changed in the same way."""
        self.applied('site', {'name': 'a', 'metadata': {'k': '1'}})
        item = {'aggregate': {'name': 'a'}, 'metadata': {'add': {'k': '2'}}}
        self.change(item)
        wanted = {'name': 'a', 'metadata': {'k': '2'}}
        change = self.applied('site', wanted, on_drift='refuse')
        self.assertEqual((False, []), (change['changed'], change['warnings']))

    def test_what_is_not_wanted_any_more(self) -> None:
        """A key that others changed goes, which is drift as well."""
        self.applied('site', {'name': 'a', 'metadata': {'k': '1'}})
        item = {'aggregate': {'name': 'a'}, 'metadata': {'add': {'k': '2'}}}
        self.change(item)
        answer = self.apply('site', {'name': 'a'}, on_drift='refuse')
        self.refused(answer, 409, 'manager.drift')
        (warning,) = self.applied('site', {'name': 'a'})['warnings']
        self.assertEqual('metadata/k', warning['field'])
        self.assertEqual({}, self.named('a')['metadata'])

    def test_a_foreign_element_in_a_collection(self) -> None:
        """It is one if the collection was claimed before."""
        entry = {'name': 'a', 'hosts': ['h1'], 'exclusive': ['hosts']}
        self.create('a', 'h2')
        self.assertEqual([], self.applied('site', entry)['warnings'])
        item = {'aggregate': {'name': 'a'}, 'hosts': {'add': ['h3']}}
        (warning,) = self.change(item)['warnings']
        self.assertEqual('hosts/h3', warning['field'])
        (drift,) = self.applied('site', entry)['warnings']
        self.assertEqual(
            ('hosts/h3', False, True),
            (drift['field'], drift['expected'], drift['found']),
        )

    def test_renamed(self) -> None:
        """The aggregate is found by what is claimed of its id."""
        self.applied('site', {'name': 'a', 'hosts': ['h1']})
        number = self.named('a')['id']
        self.change({'aggregate': {'id': number}, 'name': 'b'})
        wanted = {'name': 'a', 'hosts': ['h1']}
        answer = self.apply('site', wanted, on_drift='refuse')
        self.refused(answer, 409, 'manager.drift')
        (drift,) = self.applied('site', wanted)['warnings']
        self.assertEqual(('name', 'b'), (drift['field'], drift['found']))
        self.assertEqual(number, self.named('a')['id'])

    def test_renamed_and_the_name_taken(self) -> None:
        """The claim goes before the name."""
        self.applied('site', {'name': 'a'})
        self.change({'aggregate': {'name': 'a'}, 'name': 'b'})
        self.create('a')
        self.refused(self.apply('site', {'name': 'a'}), 409, 'name.taken')
        followed = self.applied('site', {'name': 'b'}, on_drift='refuse')
        self.assertFalse(followed['changed'])
        self.assertEqual({'site': ['name']}, self.claims('b'))

    def test_deleted(self) -> None:
        """Claims go with the aggregate; it is made anew."""
        self.applied('site', {'name': 'a'}, {'name': 'b'})
        first = self.named('a')
        self.send('DELETE', f'/{first["id"]}', root=base.NOVA)
        change = self.applied(
            'site', {'name': 'a'}, {'name': 'b'}, on_drift='refuse'
        )
        (effect,) = change['effects']
        self.assertEqual('create', effect['op'])
        held = self.rows()['aggext_claims']
        self.assertNotIn(first['id'], [one.aggregate_id for one in held])
        self.assertEqual(2, len(held))

    def test_deleted_and_undone(self) -> None:
        """Whoever makes it again does not make the claims again."""
        self.applied('site', {'name': 'a', 'metadata': {'k': '1'}})
        gone = self.change({'op': 'delete', 'aggregate': {'name': 'a'}})
        fields = sorted(one['field'] for one in gone['warnings'])
        self.assertEqual(['metadata/k', 'name'], fields)
        self.made(self.post({'revert': gone['id']}))
        self.assertEqual({}, self.claims('a'))
        wanted = {'name': 'a', 'metadata': {'k': '1'}}
        self.assertFalse(self.applied('site', wanted)['changed'])
        self.assertEqual(['metadata/k', 'name'], self.claims('a')['site'])


class SkippedTest(base.ManagersTestCase):
    """Hosts that nobody knows yet."""

    scenarios = base.KINDS

    def test_skipped_and_joined_later(self) -> None:
        """They are claimed, warned of, and never drift."""
        entry = {'name': 'a', 'hosts': ['h1', 'new1']}
        self.refused(self.apply('site', entry), 400, 'host.unknown')
        asked = {'unknown_hosts': 'skip', 'on_drift': 'refuse'}
        (warning,) = self.applied('site', entry, **asked)['warnings']
        self.assertEqual(['new1'], warning['hosts'])
        self.assertEqual(
            ['hosts/h1', 'hosts/new1', 'name'], self.claims('a')['site']
        )
        self.settled('site', entry, **asked)
        self.inventory.add_host('new1')
        change = self.applied('site', entry, **asked)
        (effect,) = change['effects']
        self.assertEqual({'add': ['new1']}, effect['hosts'])
        self.assertEqual([], change['warnings'])
        self.settled('site', entry, **asked)

    def test_a_skipped_host_that_others_add(self) -> None:
        """It is as it is wanted then."""
        entry = {'name': 'a', 'hosts': ['new2']}
        self.applied('site', entry, unknown_hosts='skip')
        self.inventory.add_host('new2')
        self.change({'aggregate': {'name': 'a'}, 'hosts': {'add': ['new2']}})
        asked = {'unknown_hosts': 'skip', 'on_drift': 'refuse'}
        change = self.applied('site', entry, **asked)
        self.assertFalse(change['changed'])
