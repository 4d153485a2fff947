# SPDX-License-Identifier: Apache-2.0
"""What bash completes."""

import subprocess

from nova_aggext.tests import base
from nova_aggext.tests.functional.packaging import samples

SCRIPT = """\
source {file}
COMP_WORDS=({words} '')
COMP_CWORD=$((${{#COMP_WORDS[@]}} - 1))
_{function}
printf '%s\\n' "${{COMPREPLY[@]}}"
"""


class CompletionTest(base.TestCase):
    """Words that may follow."""

    def after(self, words: str) -> list[str]:
        """Give what completes an empty word after others."""
        samples.need('bash')
        name = words.split()[0]
        script = SCRIPT.format(
            file=samples.ETC / 'bash-completion' / name,
            function=name.replace('-', '_'),
            words=words,
        )
        done = subprocess.run(
            ['bash', '-c', script],
            check=True,
            capture_output=True,
            text=True,
            cwd=samples.TOP,
        )
        return done.stdout.split()

    def test_commands(self) -> None:
        self.assertIn('outbox', self.after('nova-aggext-manage'))
        self.assertEqual(
            ['sync', 'version'], self.after('nova-aggext-manage db')
        )
        self.assertIn('--parked', self.after('nova-aggext-manage outbox list'))
        self.assertEqual(['check'], self.after('nova-aggext-status upgrade'))

    def test_options_stand_before(self) -> None:
        self.assertEqual(
            ['add', 'list', 'remove'],
            self.after('nova-aggext-manage --config-file a host'),
        )

    def test_values(self) -> None:
        self.assertIn(
            'json', self.after('nova-aggext-manage changes list --format')
        )
        self.assertEqual([], self.after('nova-aggext-api --port'))
        self.assertIn('setup.cfg', self.after('nova-aggext-api --config-file'))

    def test_servers(self) -> None:
        self.assertIn('--threads', self.after('nova-aggext-api'))
        self.assertIn('--metrics-port', self.after('nova-aggext-relay'))
