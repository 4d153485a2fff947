# SPDX-License-Identifier: Apache-2.0
"""``openstack aggregate host`` and ``openstack aggregate move host``."""

from typing import Any

from osc_aggext.tests.functional import base

UNKNOWN = '404 host.not_found: Compute host nobody could not be found.\n'


class HostTest(base.ServerTest):
    """Two zones, and a host in none."""

    def setUp(self) -> None:
        super().setUp()
        self.created('az1', 'host1', 'host2', availability_zone='az1')
        self.created('az2', 'host3', availability_zone='az2')
        self.created('7', 'host1')

    def hosts_of(self, name: str) -> list[str]:
        """Give the hosts that an aggregate has now."""
        (found,) = self.connect().aggregates({'name': name})
        return list(found.hosts or ())

    def listed(self, *options: str) -> list[dict[str, Any]]:
        """Give what the list of hosts has."""
        command = ('aggregate', 'host', 'list', '-f', 'json')
        return list(self.run_well(*command, *options).json())

    def test_show(self) -> None:
        show = ('aggregate', 'host', 'show', 'host1')
        shown = self.run_well(*show)
        self.assertIn('az1 (by aggregate az1)', shown.out)
        self.assertEqual(
            {
                'name': 'host1',
                'known': True,
                'availability_zone': 'az1',
                'aggregates': ['az1', '7'],
                'isolation': [],
            },
            self.run_well(*show, '-f', 'json').json(),
        )

    def test_unknown(self) -> None:
        """All that the server says, and the status of a failure."""
        done = self.openstack('aggregate', 'host', 'show', 'nobody')
        self.assertEqual((1, UNKNOWN), (done.status, done.err))

    def test_list(self) -> None:
        self.assertEqual(
            ['host1', 'host2', 'host3', 'host4'],
            [one['Name'] for one in self.listed()],
        )
        (found,) = self.listed('--zone', 'az2')
        self.assertEqual(
            {
                'Name': 'host3',
                'Known': True,
                'Availability Zone': 'az2',
                'Aggregates': ['az2'],
            },
            found,
        )
        for options, names in (
            (('--unassigned',), ['host4']),
            (('--dead',), []),
            (('--limit', '1'), ['host1']),
            (('--name', 'host[2-3]'), ['host2', 'host3']),
            (('--name', '*4'), ['host4']),
            (('--aggregate', 'az1'), ['host1', 'host2']),
        ):
            shown = [one['Name'] for one in self.listed(*options)]
            self.assertEqual(names, shown, str(options))

    def test_list_of_unknown(self) -> None:
        done = self.openstack(
            'aggregate', 'host', 'list', '--aggregate', 'none'
        )
        self.assertEqual(
            (1, 'There is no aggregate none.\n'), (done.status, done.err)
        )

    def test_set(self) -> None:
        """Into what is named, out of all others, or out of all."""
        chosen = ('aggregate', 'host', 'set', 'host1')
        self.run_well(*chosen, '--aggregate', 'az2')
        self.assertEqual(['host1', 'host3'], self.hosts_of('az2'))
        self.assertEqual([], self.hosts_of('7'))
        done = self.run_well(*chosen, '--aggregate', 'az2')
        self.assertEqual('Nothing to change.\n', done.out)
        self.run_well(*chosen, '--no-aggregate')
        self.assertEqual(['host3'], self.hosts_of('az2'))
        done = self.openstack(*chosen)
        self.assertEqual(1, done.status)
        self.assertIn('--no-aggregate', done.err)

    def test_ambiguous(self) -> None:
        """What is a name and an id is not guessed."""
        ids = {one.name: one.id for one in self.connect().aggregates()}
        self.created(str(ids['az2']))
        move = ('aggregate', 'move', 'host', 'az1')
        done = self.openstack(*move, str(ids['az2']), 'host2', '--dry-run')
        self.assertEqual(1, done.status)
        self.assertIn(f'name:{ids["az2"]}', done.err)
        target = f'id:{ids["az2"]}'
        done = self.run_well(*move, target, 'host2', '--dry-run')
        self.assertIn('aggregate az2', done.out)
        done = self.run_well(*move, f'name:{ids["az2"]}', 'host2', '--dry-run')
        self.assertIn(f'aggregate {ids["az2"]}', done.out)

    def test_move(self) -> None:
        move = ('aggregate', 'move', 'host', 'az1', 'az2', 'host[1-2]')
        planned = self.run_well(*move, '--dry-run')
        self.assertEqual(['host1', 'host2'], self.hosts_of('az1'))
        self.assertIn('    ~ hosts          - host[1-2]\n', planned.out)
        self.assertIn('2 hosts change zone (0 instances)', planned.out)
        self.assertRegex(
            planned.out,
            '\nPlan: 0 to create, 2 to change, 0 to delete. '
            'Digest [0-9a-f]{32}\n$',
        )
        answered = self.run_well(*move, '-f', 'json', '--reason', 'CHG-1')
        self.assertEqual('CHG-1', answered.json()['reason'])
        self.assertEqual([], self.hosts_of('az1'))
        self.assertEqual(['host1', 'host2', 'host3'], self.hosts_of('az2'))

    def test_move_refused(self) -> None:
        """Everything that is wrong is told; nothing was changed."""
        move = ('aggregate', 'move', 'host', 'az1', 'az2', 'host[2-3]')
        done = self.openstack(*move)
        self.assertEqual(
            (
                1,
                '409 membership.unexpected: Host host3 is not in aggregate '
                'az1.\n'
                '409 membership.unexpected: Host host3 is in aggregate az2 '
                'already.\n'
                'Nothing was changed.\n',
            ),
            (done.status, done.err),
        )
        self.assertEqual(['host1', 'host2'], self.hosts_of('az1'))
