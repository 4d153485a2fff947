# SPDX-License-Identifier: Apache-2.0
"""``openstack aggregate host``."""

from osc_aggext.tests.functional import base


class HostTest(base.ServerTest):
    """Hosts are shown."""

    def setUp(self) -> None:
        super().setUp()
        self.change(
            aggregates=[
                {
                    'op': 'create',
                    'name': self.id(),
                    'availability_zone': 'az1',
                    'hosts': {'add': ['host1']},
                },
            ]
        )

    def test_show(self) -> None:
        done = self.openstack('aggregate', 'host', 'show', 'host1')
        self.assertEqual((0, ''), (done.status, done.err))
        self.assertIn(f'az1 (by aggregate {self.id()})', done.out)
        done = self.openstack(
            'aggregate', 'host', 'show', 'host1', '-f', 'json'
        )
        self.assertEqual(
            {
                'name': 'host1',
                'known': True,
                'availability_zone': 'az1',
                'aggregates': [self.id()],
                'isolation': [],
            },
            done.json(),
        )

    def test_unknown(self) -> None:
        """All that the server says, and the status of a failure."""
        done = self.openstack('aggregate', 'host', 'show', 'nobody')
        self.assertEqual(1, done.status)
        self.assertEqual(
            '404 host.not_found: Compute host nobody could not be found.\n',
            done.err,
        )
