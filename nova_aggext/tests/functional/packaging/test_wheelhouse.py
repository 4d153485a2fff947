# SPDX-License-Identifier: Apache-2.0
"""The folder of wheels: what the page says, done in a clone."""

import os
import pathlib
import re
import subprocess

import fixtures

from nova_aggext.tests import base
from nova_aggext.tests.functional.packaging import samples

PAGE = samples.TOP / 'doc/source/install/wheels.rst'
SECONDS = 600


class WheelhouseTest(base.TestCase):
    """With PyPI for the first half, and no index for the second."""

    def setUp(self) -> None:
        super().setUp()
        self.folder = pathlib.Path(self.useFixture(fixtures.TempDir()).path)

    def run_command(self, command: str) -> subprocess.CompletedProcess[str]:
        """Run a command of the page."""
        kept = {
            name: value
            for name, value in os.environ.items()
            if not name.startswith(('PYTHON', 'OS_'))
        }
        return subprocess.run(
            ['sh', '-ec', command],
            cwd=self.folder / 'clone',
            env=kept,
            capture_output=True,
            text=True,
            timeout=SECONDS,
        )

    def test_page(self) -> None:
        samples.need('git')
        subprocess.run(
            ['git', 'clone', '--quiet', samples.TOP, self.folder / 'clone'],
            check=True,
        )
        found = re.findall(r'^   \$ (.*)$', PAGE.read_text(), re.MULTILINE)
        self.assertEqual(5, len(found))
        for number, line in enumerate(found):
            opt = str(self.folder / 'opt')
            done = self.run_command(line.replace('/opt/nova-aggext', opt))
            if done.returncode and number == 1:
                base.missing('PyPI', done.stderr[-500:])
            self.assertEqual(0, done.returncode, line + done.stderr)
        self.assertIn('usage: nova-aggext-status', done.stdout)
        self.assertTrue((self.folder / 'opt/share/nova-aggext').is_dir())
