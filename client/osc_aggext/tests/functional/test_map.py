# SPDX-License-Identifier: Apache-2.0
"""``openstack aggregate map``."""

import json
import os
import pathlib
import subprocess
import sys
from xml.etree import ElementTree

import fixtures

from osc_aggext.tests.functional import base

TENANT = '5a9c0f4b2d5e4d0f8c1b7a6e3d2c1b0a'


class MapTest(base.ServerTest):
    """What a server has is drawn in each format."""

    def setUp(self) -> None:
        super().setUp()
        self.name = f'<{self.id().rpartition(".")[2]}>'
        self.change(
            aggregates=[
                {
                    'op': 'create',
                    'name': self.name,
                    'hosts': {'add': ['host1', 'host2']},
                    'metadata': {'add': {'filter_tenant_id': TENANT}},
                },
                {'op': 'create', 'name': f'{self.name} empty'},
            ]
        )
        self.addCleanup(self._remove)
        self.folder = pathlib.Path(self.useFixture(fixtures.TempDir()).path)

    def _remove(self) -> None:
        names = [one.name for one in self.connect().aggregates()]
        self.change(
            aggregates=[
                {
                    'op': 'delete',
                    'aggregate': {'name': name},
                    'hosts': {'set': []},
                }
                for name in names
            ]
        )

    def draw(self, *arguments: str) -> str:
        """Run the command, which is to succeed; give what it drew."""
        done = self.openstack('aggregate', 'map', *arguments)
        self.assertEqual((0, ''), (done.status, done.err))
        return done.out

    def test_text(self) -> None:
        """Without a terminal there are no colours, and one line for each."""
        self.assertEqual(
            '4 hosts in 1 zone, 2 aggregates, 2 in no aggregate, '
            '2 kept for projects\n'
            '\n'
            f'-  [{self.name}       2] ████████████············  '
            'host[1-2] tenant 5a9c0f4b…\n'
            f'   [{self.name} empty 0] ························  no hosts\n'
            '   in no aggregate: host[3-4]\n',
            self.draw(),
        )

    def test_svg(self) -> None:
        root = ElementTree.fromstring(self.draw('-f', 'svg'))
        self.assertIn(self.name, list(root.itertext()))

    def test_html_file(self) -> None:
        """It is written to a file, with the server and the time."""
        file = self.folder / 'map.html'
        self.assertEqual('', self.draw('-f', 'html', '-o', str(file)))
        written = file.read_text('utf-8')
        self.assertIn(self.name.replace('<', '&lt;')[:-1], written)
        self.assertNotIn(self.name, written)
        self.assertRegex(written, r'127\.0\.0\.1:\d+, \d{4}-\d\d-\d\d .* UTC')

    def test_encodings(self) -> None:
        """Text is of what the reader has; documents are what they say."""
        printed = [
            subprocess.run(
                [
                    *(sys.executable, '-m', 'openstackclient.shell'),
                    *('--os-auth-type', 'none'),
                    *('--os-endpoint', self.endpoint),
                    *('aggregate', 'map', '-f', format),
                ],
                env={**os.environ, 'PYTHONIOENCODING': 'latin-1'},
                stdout=subprocess.PIPE,
                check=True,
                timeout=120,
            ).stdout
            for format in ('text', 'mermaid')
        ]
        self.assertTrue(printed[0].isascii())
        self.assertIn('…', printed[1].decode('utf-8'))

    def test_sources(self) -> None:
        self.assertTrue(
            self.draw('-f', 'mermaid').startswith('flowchart LR\n')
        )
        self.assertTrue(self.draw('-f', 'dot').startswith('graph aggregates'))

    def test_plan(self) -> None:
        """What a dry run answers is drawn, and nothing is changed."""
        answer = self.connect().call(
            'POST',
            '/changes',
            query={'dry_run': 'true'},
            body={
                'change': {
                    'aggregates': [
                        {
                            'aggregate': {'name': self.name},
                            'hosts': {'remove': ['host2']},
                            'availability_zone': 'az1',
                        },
                        {
                            'op': 'create',
                            'name': 'pool',
                            'availability_zone': 'az2',
                            'hosts': {'add': ['host3']},
                        },
                    ]
                }
            },
        )
        file = self.folder / 'plan.json'
        file.write_text(json.dumps(answer.body))
        before = self.draw()
        drawn = self.draw('--plan', str(file))
        self.assertIn('−host2', drawn)
        self.assertIn('(zone none → az1)', drawn)
        self.assertRegex(drawn, r'az2.*\[pool +0\] \++  \+host3 \(new\)')
        for kind in ('svg', 'html', 'mermaid', 'dot'):
            self.assertIn('pool', self.draw('-f', kind, '--plan', str(file)))
        self.assertEqual(before, self.draw())

    def test_kept_plan(self) -> None:
        """What plan --out keeps is drawn, as long as it holds."""
        site = self.folder / 'site.yaml'
        site.write_text(
            f'version: 1\naggregates:\n  "{self.name}":\n    hosts: [host3]\n'
        )
        plan = self.folder / 'site.plan'
        self.openstack(
            *('aggregate', 'plan', '-f', str(site), '--manager', 'site'),
            *('--out', str(plan)),
        )
        self.assertIn('+host3', self.draw('--plan', str(plan)))
        self.change(
            aggregates=[
                {
                    'aggregate': {'name': self.name},
                    'hosts': {'add': ['host3']},
                }
            ]
        )
        done = self.openstack('aggregate', 'map', '--plan', str(plan))
        self.assertEqual(1, done.status)
        self.assertIn('412 plan.stale', done.err)

    def test_no_plan(self) -> None:
        """Files that are no plan are told of, and what is wrong."""
        for content, why in (
            ('', 'it is no JSON: Expecting value'),
            ('[]', 'it has no effects'),
            ('{"aggregates": []}', 'it has no effects'),
        ):
            file = self.folder / 'plan.json'
            file.write_text(content)
            done = self.openstack('aggregate', 'map', '--plan', str(file))
            self.assertEqual((1, ''), (done.status, done.out))
            self.assertIn(f'plan.json: {why}', done.err)

    def test_no_file(self) -> None:
        file = self.folder / 'none' / 'map.svg'
        done = self.openstack('aggregate', 'map', '-o', str(file))
        self.assertEqual(
            (1, f'{file}: No such file or directory\n'),
            (done.status, done.err),
        )
