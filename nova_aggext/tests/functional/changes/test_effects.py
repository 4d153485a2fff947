# SPDX-License-Identifier: Apache-2.0
"""What a change names, what it did, and the digest of that."""

from typing import Any

import testscenarios

from nova_aggext.tests.functional.changes import base

load_tests = testscenarios.load_tests_apply_scenarios

UUID = '0f1c6f3e-6a5f-4ed0-8a4e-0a2c0d3f6b01'


class ReferencesTest(base.ChangesTestCase):
    """Which aggregate is meant."""

    scenarios = base.KINDS

    def setUp(self) -> None:
        super().setUp()
        self.one = self.create('one')
        self.two = self.create('two')

    def added(self, reference: base.Document) -> Any:
        """Add a host to what is meant; give its aggregate."""
        item = {'aggregate': reference, 'hosts': {'add': ['h1']}}
        (effect,) = self.change(item)['effects']
        return effect['aggregate']['id']

    def unknown(self, *references: base.Document) -> None:
        """Check that none is meant."""
        before = self.rows()
        for reference in references:
            change = {'aggregates': [{'aggregate': reference}]}
            (told,) = self.refused(self.post(change), 400, 'aggregate.unknown')
            self.assertEqual('/change/aggregates/0/aggregate', told['path'])
        self.unchanged(before)

    def test_all_names_are_of_one(self) -> None:
        names = ('id', 'uuid', 'name')
        whole = {name: self.one[name] for name in names}
        self.assertEqual(self.one['id'], self.added(whole))
        for name in names:
            self.unknown({**whole, name: self.two[name]})
            other = 7777 if name == 'id' else UUID
            self.unknown({name: other}, {**whole, name: other})

    def test_uuid(self) -> None:
        found = self.added({'uuid': self.two['uuid']})
        self.assertEqual(self.two['id'], found)

    def test_names_are_exact(self) -> None:
        self.unknown(
            {'name': 'One'}, {'name': 'one '}, {'name': 'öne'}, {'name': ''}
        )

    def test_no_such_id(self) -> None:
        self.unknown({'id': 2**31 - 1}, {'id': 2**31}, {'id': 10**30})

    def test_name_like_an_id_or_a_uuid(self) -> None:
        self.create(str(self.one['id']))
        self.create(self.one['uuid'])
        by_id = self.added({'name': str(self.one['id'])})
        by_uuid = self.added({'name': self.one['uuid']})
        self.assertNotIn(by_id, (self.one['id'], by_uuid))
        self.assertEqual(self.one['id'], self.added({'id': self.one['id']}))

    def test_what_is_made_cannot_be_named(self) -> None:
        items = [
            {'op': 'create', 'name': 'new', 'uuid': UUID},
            {'aggregate': {'name': 'new'}, 'hosts': {'add': ['h1']}},
            {'aggregate': {'uuid': UUID}, 'hosts': {'add': ['h1']}},
        ]
        self.refused(
            self.post({'aggregates': items}), 400, *['aggregate.unknown'] * 2
        )

    def test_what_is_renamed_has_the_name_before(self) -> None:
        items = [
            base.of(self.one, name='three'),
            {'aggregate': {'name': 'three'}, 'hosts': {'add': ['h1']}},
        ]
        self.refused(
            self.post({'aggregates': items}), 400, 'aggregate.unknown'
        )

    def test_name_that_becomes_free(self) -> None:
        self.change(
            base.of(self.one, name='three'), {'op': 'create', 'name': 'one'}
        )
        self.change(
            {'op': 'delete', 'aggregate': {'name': 'two'}},
            {'op': 'create', 'name': 'two'},
        )

    def test_names_are_swapped(self) -> None:
        self.change(
            base.of(self.one, name='two'), base.of(self.two, name='one')
        )
        self.assertEqual('two', self.show(self.one['id'])['name'])
        self.assertEqual('one', self.show(self.two['id'])['name'])

    def test_names_that_compare_equal(self) -> None:
        for name in ('Two', 'TWÖ', 'two'):
            for item in (
                base.of(self.one, name=name),
                {'op': 'create', 'name': name},
            ):
                answer = self.post({'aggregates': [item]})
                (told,) = self.refused(answer, 409, 'name.taken')
                self.assertEqual('/change/aggregates/0', told['path'])
        items = [{'op': 'create', 'name': name} for name in ('new', 'New')]
        answer = self.post({'aggregates': items})
        self.refused(answer, 409, 'name.taken')

    def test_case_of_its_own_name(self) -> None:
        (effect,) = self.change(base.of(self.one, name='ÖNE'))['effects']
        self.assertEqual('ÖNE', effect['name'])
        self.assertEqual('ÖNE', self.show(self.one['id'])['name'])

    def test_uuid_taken(self) -> None:
        item = {'op': 'create', 'name': 'new', 'uuid': self.one['uuid']}
        answer = self.post({'aggregates': [item]})
        (told,) = self.refused(answer, 409, 'uuid.taken')
        self.assertEqual('/change/aggregates/0/uuid', told['path'])

    def test_uuid_given_twice(self) -> None:
        items = [{'op': 'create', 'name': name, 'uuid': UUID} for name in 'xy']
        answer = self.post({'aggregates': items})
        (told,) = self.refused(answer, 400, 'change.contradictory')
        self.assertEqual('/change/aggregates/1', told['path'])


class EffectsTest(base.ChangesTestCase):
    """What is answered of each aggregate."""

    scenarios = base.KINDS

    def setUp(self) -> None:
        super().setUp()
        self.maxDiff = None
        self.one = self.create(
            'one',
            'h1',
            'h2',
            availability_zone='z1',
            metadata={'add': {'a': '1', 'b': '2', 'c': '3'}},
        )
        self.two = self.create('two', 'h3')
        self.gone = self.create(
            'gone', 'h2', availability_zone='z1', metadata={'add': {'k': 'v'}}
        )
        self.asked: list[base.Document] = [
            {'op': 'create', 'name': 'zz', 'hosts': {'add': ['h4', 'h3']}},
            {'op': 'create', 'name': 'aa', 'uuid': UUID},
            {
                'op': 'delete',
                'aggregate': {'name': 'gone'},
                'hosts': {'set': []},
            },
            base.of(
                self.one,
                name='uno',
                availability_zone=None,
                metadata={'add': {'a': '9', 'b': '2', 'd': '4'}},
                hosts={'set': ['h2', 'h4', 'h3']},
            ),
            base.of(self.two, metadata={'remove': ['none']}),
        ]

    def named(self, one: base.Document) -> base.Document:
        return {name: one[name] for name in ('id', 'uuid', 'name')}

    def test_new_ones(self) -> None:
        made = self.change(*self.asked)
        aa, zz = (
            self.show(made['effects'][at]['aggregate']['uuid'])
            for at in (2, 3)
        )
        self.assertEqual(UUID, aa['uuid'])
        new = [
            {
                'op': 'create',
                'aggregate': self.named(aa),
                'name': 'aa',
                'uuid': UUID,
                'etag': aa['etag'],
                'etag_before': None,
            },
            {
                'op': 'create',
                'aggregate': self.named(zz),
                'name': 'zz',
                'hosts': {'add': ['h3', 'h4']},
                'etag': zz['etag'],
                'etag_before': None,
            },
        ]
        self.assertEqual(new, made['effects'][2:])

    def test_old_ones(self) -> None:
        made = self.change(*self.asked)
        one = self.show(self.one['id'])
        old = [
            {
                'op': 'update',
                'aggregate': self.named(self.one),
                'name': 'uno',
                'availability_zone': None,
                'metadata': {'add': {'a': '9', 'd': '4'}},
                'hosts': {'add': ['h3', 'h4'], 'remove': ['h1']},
                'before': {
                    'name': 'one',
                    'availability_zone': 'z1',
                    'metadata': {'a': '1'},
                },
                'etag': one['etag'],
                'etag_before': self.one['etag'],
            },
            {
                'op': 'delete',
                'aggregate': self.named(self.gone),
                'hosts': {'remove': ['h2']},
                'before': {
                    'name': 'gone',
                    'availability_zone': 'z1',
                    'metadata': {'k': 'v'},
                },
                'etag': None,
                'etag_before': self.gone['etag'],
            },
        ]
        self.assertEqual(old, made['effects'][:2])

    def test_of_a_plan(self) -> None:
        """They are those of the change, but for what the server chooses."""
        planned = self.plan({'aggregates': self.asked})
        made = self.change(*self.asked)
        for effect in planned['effects'], made['effects']:
            self.assertIsNone(effect[2]['etag_before'])
            for at in (2, 3):
                del effect[at]['etag']
        for at in (2, 3):
            self.assertIsNone(planned['effects'][at]['aggregate'].pop('id'))
            made['effects'][at]['aggregate'].pop('id')
        self.assertIsNone(planned['effects'][3]['aggregate'].pop('uuid'))
        made['effects'][3]['aggregate'].pop('uuid')
        self.assertEqual(planned['effects'], made['effects'])
        self.assertEqual(planned['digest'], made['digest'])
        self.assertEqual(planned['impact'], made['impact'])
        self.assertEqual(planned['warnings'], made['warnings'])

    def test_sent_again_on_the_state_before(self) -> None:
        planned = self.plan({'aggregates': self.asked})
        made = self.change(*base.again(planned)['aggregates'])
        self.assertEqual(planned['digest'], made['digest'])
        self.assertEqual('uno', self.show(self.one['id'])['name'])

    def test_an_update_sent_on_the_state_after(self) -> None:
        made = self.change(self.asked[3])
        answer = self.made(self.post(base.again(made)), 200)
        self.assertEqual((False, []), (answer['changed'], answer['effects']))

    def test_a_create_sent_on_the_state_after(self) -> None:
        for at, status, code in (
            (0, 409, 'name.taken'),
            (2, 400, 'aggregate.unknown'),
        ):
            made = self.change(self.asked[at])
            self.refused(self.post(base.again(made)), status, code)

    def test_nothing_before(self) -> None:
        """Of new keys, and of hosts, nothing is told."""
        made = self.change(
            base.of(
                self.two, metadata={'add': {'n': '1'}}, hosts={'add': ['h4']}
            )
        )
        self.assertNotIn('before', made['effects'][0])

    def test_metadata_set(self) -> None:
        """What is not named goes, but for the zone."""
        item = base.of(self.one, metadata={'set': {'a': '1', 'b': '9'}})
        (effect,) = self.change(item)['effects']
        self.assertEqual(
            {'add': {'b': '9'}, 'remove': ['c']}, effect['metadata']
        )
        self.assertEqual({'metadata': {'b': '2', 'c': '3'}}, effect['before'])
        self.assertEqual('z1', self.show(self.one['id'])['availability_zone'])

    def test_from_the_side_of_a_host(self) -> None:
        references = [{'id': self.two['id']}, {'id': self.one['id']}]
        item = {'host': 'h4', 'aggregates': {'set': references}}
        made = self.made(self.post({'hosts': [item]}))
        told = [
            (one['aggregate']['id'], one['hosts']) for one in made['effects']
        ]
        added = {'add': ['h4']}
        self.assertEqual(
            [(self.one['id'], added), (self.two['id'], added)], told
        )
        item = {'host': 'h4', 'aggregates': {'set': []}}
        made = self.made(self.post({'hosts': [item]}))
        self.assertEqual(2, len(made['effects']))
        self.assertEqual(['h3'], self.show(self.two['id'])['hosts'])


class DigestTest(base.ChangesTestCase):
    """What a plan is worth."""

    scenarios = base.KINDS

    def setUp(self) -> None:
        super().setUp()
        self.one = self.create('one', metadata={'add': {'k': '1'}})
        self.two = self.create('two')

    def stale(self, asked: base.Document, digest: str) -> base.Document:
        answer = self.post({**asked, 'expect_digest': digest})
        (told,) = self.refused(answer, 412, 'plan.stale')
        self.assertEqual('/change/expect_digest', told['path'])
        return told

    def test_unrelated_write(self) -> None:
        """Though the etag differs, what would happen does not."""
        asked = {'aggregates': [base.of(self.one, hosts={'add': ['h1']})]}
        planned = self.plan(asked)
        self.change(base.of(self.one, metadata={'add': {'other': '1'}}))
        self.change(base.of(self.two, hosts={'add': ['h1']}))
        made = self.made(
            self.post({**asked, 'expect_digest': planned['digest']})
        )
        self.assertEqual(planned['digest'], made['digest'])

    def test_what_was_before_counts(self) -> None:
        asked = {
            'aggregates': [base.of(self.one, metadata={'add': {'k': '9'}})]
        }
        planned = self.plan(asked)
        self.change(base.of(self.one, metadata={'add': {'k': '2'}}))
        before = self.rows()
        told = self.stale(asked, planned['digest'])
        self.unchanged(before)
        self.made(self.post({**asked, 'expect_digest': told['digest']}))

    def test_less_to_do(self) -> None:
        asked = {
            'aggregates': [base.of(self.one, hosts={'add': ['h1', 'h2']})]
        }
        planned = self.plan(asked)
        self.change(base.of(self.one, hosts={'add': ['h1']}))
        self.stale(asked, planned['digest'])

    def test_what_the_server_chooses(self) -> None:
        asked = {'aggregates': [{'op': 'create', 'name': 'new'}]}
        planned = self.plan(asked)
        made = self.made(
            self.post({**asked, 'expect_digest': planned['digest']})
        )
        self.assertEqual(planned['digest'], made['digest'])

    def test_what_the_caller_chooses(self) -> None:
        digests = {
            self.plan({'aggregates': [{'op': 'create', 'name': 'n', **more}]})[
                'digest'
            ]
            for more in ({}, {'uuid': UUID}, {'hosts': {'add': ['h1']}})
        }
        self.assertEqual(3, len(digests))

    def test_plan_is_told_as_well(self) -> None:
        """A plan that expects other effects is refused as the change is."""
        asked = {
            'aggregates': [base.of(self.one, hosts={'add': ['h1']})],
            'expect_digest': '0' * 32,
        }
        answer = self.post(asked, '?dry_run=true')
        self.refused(answer, 412, 'plan.stale')

    def test_no_effect(self) -> None:
        """All that does nothing has one digest."""
        digests = {
            self.plan({'aggregates': [base.of(one)]})['digest']
            for one in (self.one, self.two)
        }
        self.assertEqual(1, len(digests))
