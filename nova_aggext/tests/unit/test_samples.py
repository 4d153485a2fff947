# SPDX-License-Identifier: Apache-2.0
"""The committed samples are what the generators write."""

import configparser
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

    def test_completion(self) -> None:
        """``tox -e gencomplete`` writes what bash completes."""
        folder = pathlib.Path(self.useFixture(fixtures.TempDir()).path)
        subprocess.run(
            [sys.executable, TOP / 'tools/completion.py', folder],
            check=True,
            cwd=TOP,
        )
        self.assertEqual(_texts(folder), _texts(TOP / 'etc/bash-completion'))

    def test_man_pages(self) -> None:
        """Each command has a page, and what bash completes."""
        setup = configparser.ConfigParser()
        setup.read(TOP / 'setup.cfg')
        scripts = setup['entry_points']['console_scripts'].split('\n')
        names = {line.partition(' =')[0] for line in scripts if line}
        pages = (TOP / 'doc/source/cli').glob('nova-*.rst')
        self.assertEqual(names, {page.stem for page in pages})
        self.assertEqual(names, set(_texts(TOP / 'etc/bash-completion')))
        conf = (TOP / 'doc/source/conf.py').read_text()
        for name in names:
            self.assertIn(f"'{name}':", conf)

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


def _texts(folder: pathlib.Path) -> dict[str, str]:
    """Read all files of a folder."""
    return {path.name: path.read_text() for path in folder.iterdir()}
