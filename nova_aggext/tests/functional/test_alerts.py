# SPDX-License-Identifier: Apache-2.0
"""Prometheus' own tool reads alerts and queries, and runs their tests."""

import json
import pathlib
import shutil
import subprocess

import fixtures

from nova_aggext.tests import base
from nova_aggext.tests.unit.metrics import shipped

PATIENCE = 120


class PromtoolTest(base.TestCase):
    """What is shipped is valid."""

    def setUp(self) -> None:
        super().setUp()
        if shutil.which('promtool') is None:
            base.missing('promtool', 'it is not installed')

    def run_tool(self, *arguments: str) -> None:
        """Run it; fail with what it says."""
        ended = subprocess.run(
            ['promtool', *arguments],
            capture_output=True,
            text=True,
            timeout=PATIENCE,
            cwd=shipped.ALERTS.parent,
        )
        self.assertEqual(0, ended.returncode, ended.stdout + ended.stderr)

    def test_alerts(self) -> None:
        """The rules are valid, and do what their tests say."""
        self.run_tool('check', 'rules', shipped.ALERTS.name)
        self.run_tool('test', 'rules', 'alerts.test.yaml')

    def test_queries(self) -> None:
        """The queries of the dashboard are valid."""
        queries = [
            one.replace('$__rate_interval', '5m')
            for one in shipped.queries(shipped.dashboard())
        ]
        rules = [
            {'record': f'query{number}', 'expr': query}
            for number, query in enumerate(queries)
        ]
        folder = self.useFixture(fixtures.TempDir()).path
        path = pathlib.Path(folder) / 'queries.yaml'
        groups = {'groups': [{'name': 'queries', 'rules': rules}]}
        # JSON is YAML.
        path.write_text(json.dumps(groups))
        self.run_tool('check', 'rules', str(path))
