# SPDX-License-Identifier: Apache-2.0
"""A Nova and the filter inside it are configured by the same files.

The options of the policy are spread over what Nova reads; only who has read
all of it, in Nova's order, comes to the policy that Nova applies.
"""

import http
import pathlib
from typing import ClassVar

import fixtures

from nova_aggext.tests.peer import base
from nova_aggext.tests.peer import clouds
from nova_aggext.tests.peer import processes

RULE = 'os_compute_api:os-aggregates'
ROLES = ('admin', 'reader', 'operator', 'storage')
MISSING = f'{base.AGGREGATES}/999999'

# Below the home stands what Nova finds in /etc/nova as well.
HOME = '.nova/nova.conf.d/10.conf'
FILES = {
    HOME: '[oslo_policy]\npolicy_file = elsewhere.yaml\n',
    '.nova/nova.conf.d/20.other': '[oslo_policy]\npolicy_file = wrong.yaml\n',
    '.nova/elsewhere.yaml': f'"{RULE}:index": "role:reader"\n',
}
BESIDE = {
    'more.conf': '[oslo_policy]\npolicy_file = wrong.yaml\npolicy_dirs = m\n',
    'm/1.yaml': f'"{RULE}:show": "role:operator"\n',
    'wrong.yaml': f'"{RULE}:index": "role:storage"\n',
}


class ConfigurationTest(base.PeerTest):
    """A Nova that reads two files, and directories that it finds."""

    nova: ClassVar[clouds.Nova]
    filtered: ClassVar[processes.Process]
    plain: ClassVar[processes.Process]
    home: ClassVar[pathlib.Path]

    @classmethod
    def setUpClass(cls) -> None:
        super().setUpClass()
        cls.home = pathlib.Path(cls.use_for_class(fixtures.TempDir()).path)
        variables = {
            'HOME': str(cls.home),
            # Nova takes the first for the paste file as well.
            'OS_NOVA_CONFIG_FILES': 'api-paste.ini;nova.conf;more.conf',
        }
        cls.nova = cls.use_for_class(clouds.Nova(variables))
        for folder, files in ((cls.home, FILES), (cls.nova.folder, BESIDE)):
            for name, text in files.items():
                path = folder / name
                path.parent.mkdir(parents=True, exist_ok=True)
                path.write_text(text)
        cls.nova.sync()
        cls.plain = cls.nova.serve(filtered=False)
        cls.filtered = cls.nova.serve(filtered=True)

    def allowed(self, server: processes.Process) -> dict[str, list[str]]:
        """Return who may list, and who may show."""
        return {
            path: [
                role
                for role in ROLES
                if self.call(
                    server, 'GET', path, headers={'X-Roles': role}
                ).status
                != http.HTTPStatus.FORBIDDEN
            ]
            for path in (base.AGGREGATES, MISSING)
        }

    def run_program(self, program: str, *arguments: str) -> tuple[int, str]:
        """Run a program that finds its configuration as the filter does."""
        variables = {
            **self.nova.variables,
            'OS_NOVA_CONFIG_DIR': str(self.nova.folder),
        }
        return self.nova.environment.run_with(variables, program, *arguments)

    def test_policy(self) -> None:
        """One policy in Nova, in the filter and in the tools."""
        theirs = self.allowed(self.plain)
        expected = {base.AGGREGATES: ['reader'], MISSING: ['operator']}
        self.assertEqual(expected, theirs)
        self.assertEqual(theirs, self.allowed(self.filtered))
        _status, said = self.run_program(
            'oslopolicy-policy-generator', '--namespace', 'nova_aggext'
        )
        self.assertIn(f'"{RULE}:index": "role:reader"', said)
        self.assertIn(f'"{RULE}:show": "role:operator"', said)

    def test_broken_policy(self) -> None:
        """The filter answers nobody; the command names the file."""
        path = self.home / '.nova/elsewhere.yaml'
        self.addCleanup(path.write_text, path.read_text())
        path.write_text('"no rule\n')
        # Nova, which finds out who calls, may be the one that refuses.
        answer = self.call(self.filtered, 'GET', base.AGGREGATES)
        self.assertIn(answer.status, (500, 503))
        status, said = self.run_program(
            'nova-aggext-status', 'upgrade', 'check'
        )
        self.assertEqual(2, status)
        self.assertIn(
            'elsewhere.yaml', ''.join(said.replace('|', ' ').split())
        )
