# SPDX-License-Identifier: Apache-2.0
"""Who may apply, and what that may do."""

from typing import Any

from nova_aggext.tests.functional.managers import base

APPLY = 'aggext:managers:apply'
FORCE = 'aggext:managers:force'
NOVA = 'os_compute_api:os-aggregates'


class PermissionTest(base.ManagersTestCase):
    """Rules of managers, and those of each effect."""

    def setUp(self) -> None:
        super().setUp()
        self.applied(
            'site', {'name': 'a', 'hosts': ['h1'], 'metadata': {'k': '1'}}
        )

    def forbidden(self, *aggregates: base.Document, **more: Any) -> list[str]:
        """Apply what the policy does not allow; give the rules."""
        for query in ('', '?dry_run=true'):
            before = self.rows()
            answer = self.apply(
                'team', *aggregates, query=query, roles='ops', **more
            )
            self.assertEqual(403, answer.status_int, answer.text)
            self.unchanged(before)
        return [one['rule'] for one in answer.json['errors']]

    def test_who_may_not_apply(self) -> None:
        """Learns nothing of what there is."""
        for name in ('a', 'nowhere'):
            self.assertEqual([APPLY], self.forbidden({'name': name}))
        rules = self.forbidden({'name': 'a'}, force=True)
        self.assertEqual([APPLY, FORCE], rules)

    def test_who_may_not_force(self) -> None:
        """May apply all the same."""
        self.allow({APPLY: 'role:ops', 'aggext_reader': 'role:ops'})
        self.assertEqual([FORCE], self.forbidden({'name': 'a'}, force=True))
        answer = self.apply('team', {'name': 'a'}, roles='ops')
        self.assertEqual(201, answer.status_int, answer.text)

    def test_each_effect(self) -> None:
        """Everything that is named is asked, also what is so already."""
        self.allow({APPLY: 'role:ops', 'aggext_reader': 'role:ops'})
        entry = {
            'name': 'a',
            'availability_zone': None,
            'hosts': ['h1'],
            'metadata': {'k': '1'},
        }
        rules = ('update', 'set_metadata', 'add_host')
        self.assertEqual(
            [f'{NOVA}:{rule}' for rule in rules],
            self.forbidden(entry, {'name': 'a2', 'state': 'absent'}),
        )
        exclusive = {'name': 'a', 'hosts': ['h1'], 'exclusive': ['hosts']}
        self.assertEqual(
            [f'{NOVA}:add_host', f'{NOVA}:remove_host'],
            self.forbidden(exclusive),
        )
        self.assertEqual([f'{NOVA}:create'], self.forbidden({'name': 'new'}))

    def test_what_goes(self) -> None:
        """What a document leaves out is asked as well."""
        self.allow({APPLY: 'role:ops', 'aggext_reader': 'role:ops'})
        answer = self.apply('site', {'name': 'a'}, roles='ops')
        self.assertEqual(403, answer.status_int)
        self.assertEqual(
            [(f'{NOVA}:set_metadata',), (f'{NOVA}:remove_host',)],
            self.errors(answer, 'rule'),
        )
        answer = self.apply('site', prune=True, roles='ops')
        self.assertEqual(
            [
                (f'{NOVA}:delete', '/manager/prune'),
                (f'{NOVA}:remove_host', '/manager/prune'),
            ],
            self.errors(answer, 'rule', 'path'),
        )
        # To give it up needs no more.
        answer = self.apply('site', roles='ops')
        self.assertEqual(200, answer.status_int, answer.text)

    def test_who_reads_and_forgets(self) -> None:
        """A reader may look, and nothing else."""
        role = 'host_aggregate_reader'
        for path in ('/managers', '/managers/site'):
            answer = self.send('GET', path, roles=role)
            self.assertEqual(200, answer.status_int)
            self.refused(
                self.send('GET', path, roles='reader'), 403, 'forbidden'
            )
        for name in ('site', 'nowhere'):
            answer = self.send('DELETE', f'/managers/{name}', roles=role)
            (error,) = self.refused(answer, 403, 'forbidden')
            self.assertEqual('aggext:managers:delete', error['rule'])
