# SPDX-License-Identifier: Apache-2.0
"""``openstack aggregate search``."""

from typing import Any

from osc_aggext.tests.functional import base


class SearchTest(base.ServerTest):
    """Aggregates are found by the server, page by page."""

    @classmethod
    def options(cls) -> str:
        return '[aggext]\nmax_page = 2\n'

    def setUp(self) -> None:
        super().setUp()
        self.created('east', 'host1', 'host2', availability_zone='az1')
        self.created('ssd', 'host2', metadata={'add': {'ssd': 'true'}})
        self.created('glob:*', metadata={'add': {'ssd': 'in:a', 'k': ''}})

    def found(self, *options: str) -> list[dict[str, Any]]:
        """Give what is found."""
        command = ('aggregate', 'search', '-f', 'json')
        return list(self.run_well(*command, *options).json())

    def test_filters(self) -> None:
        for options, names in (
            ((), ['east', 'ssd', 'glob:*']),
            (('--name', '*s*'), ['east', 'ssd']),
            (('--name', 'glob:*'), ['glob:*']),
            (('--zone', 'az?'), ['east']),
            (('--no-zone',), ['ssd', 'glob:*']),
            (('--host', 'host1', '--host', 'host9'), ['east']),
            (('--host', 'host2'), ['east', 'ssd']),
            (('--property', 'ssd'), ['ssd', 'glob:*']),
            (('--property', 'ssd', '--property', 'k'), ['glob:*']),
            (('--property', 'ssd=in:a'), ['glob:*']),
            (('--property', 'k='), ['glob:*']),
            (('--property', 'k=null'), []),
            (('--sort', 'name:desc', '--limit', '2'), ['ssd', 'glob:*']),
        ):
            found = [one['Name'] for one in self.found(*options)]
            self.assertEqual(names, found, str(options))

    def test_forms(self) -> None:
        """Hosts are folded for people, and whole for programs."""
        east = self.found('--name', 'east', '--long')[0]
        self.assertEqual(['host1', 'host2'], east['Hosts'])
        self.assertEqual({}, east['Properties'])
        self.assertIs(False, east['Protected'])
        table = self.run_well('aggregate', 'search', '--long').out
        self.assertIn(' host[1-2] ', table)
        self.assertIn(" ssd='true' ", table)
        for form in ('yaml', 'value', 'csv'):
            done = self.run_well('aggregate', 'search', '-f', form)
            self.assertIn('host1', done.out)
            self.assertIn('host2', done.out)

    def test_columns(self) -> None:
        done = self.run_well(
            *('aggregate', 'search', '-f', 'value', '-c', 'Name'),
            *('--sort-column', 'Name'),
        )
        self.assertEqual('east\nglob:*\nssd\n', done.out)

    def test_refused(self) -> None:
        done = self.openstack('aggregate', 'search', '--sort', 'size')
        self.assertEqual(1, done.status)
        self.assertIn('400 query.invalid: The parameter sort', done.err)
