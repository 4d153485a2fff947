# SPDX-License-Identifier: Apache-2.0
"""The committed samples are what the generators write."""

import difflib
import os
import pathlib
import subprocess
import sys

import fixtures

from nova_aggext.tests import base

TOP = pathlib.Path(__file__).parents[3]
FOLDER = TOP / 'etc/nova-aggext'
BIN = pathlib.Path(sys.executable).parent


class SamplesTest(base.TestCase):
    """``tox -e genconfig,genpolicy`` writes them anew."""

    def _check(self, generator: str, settings: str, sample: str) -> None:
        folder = self.useFixture(fixtures.TempDir()).path
        written = pathlib.Path(folder) / sample
        subprocess.run(
            [
                os.fspath(BIN / generator),
                f'--config-file={FOLDER / settings}',
                f'--output-file={written}',
            ],
            check=True,
            cwd=TOP,
        )
        difference = difflib.unified_diff(
            (FOLDER / sample).read_text().splitlines(),
            written.read_text().splitlines(),
            fromfile=sample,
            tofile='generated',
            lineterm='',
        )
        self.assertEqual('', '\n'.join(difference))

    def test_configuration(self) -> None:
        """The sample of the options is up to date."""
        self._check(
            'oslo-config-generator',
            'config-generator.conf',
            'nova-aggext.conf.sample',
        )

    def test_policy(self) -> None:
        """The sample of the policies is up to date."""
        self._check(
            'oslopolicy-sample-generator',
            'policy-generator.conf',
            'policy.yaml.sample',
        )
