# SPDX-License-Identifier: Apache-2.0
"""The guides to the own API: their commands print what they say they do."""

import pathlib
import shutil

import fixtures

from nova_aggext.tests import base
from nova_aggext.tests.functional import pages
from nova_aggext.tests.functional import server

PAGES = pathlib.Path(__file__).parents[3] / 'doc/source/user'
# What the guide takes for granted.
FILES = {
    'rack7.txt': 'cmp-a001\ncmp-a002\ncmp-a003\ncmp-a004\ncmp-a099\n',
    'change.json': """\
{"change": {"reason": "CHG-4713", "aggregates": [
  {"aggregate": {"name": "east"}, "hosts": {"remove": ["cmp-a[001-002]"]}},
  {"aggregate": {"name": "west"}, "hosts": {"add": ["cmp-a[001-002]"]}}]}}
""",
}


class GuideTest(base.TestCase):
    """Runs a guide in a lab."""

    page = 'own-api.rst'
    least = 20

    def setUp(self) -> None:
        super().setUp()
        for tool in ('bash', 'curl', 'jq'):
            if not shutil.which(tool):
                base.missing(tool, 'not installed')
        self.folder = pathlib.Path(self.useFixture(fixtures.TempDir()).path)
        for name, text in FILES.items():
            (self.folder / name).write_text(text)
        command = [
            str(pages.BIN / 'nova-aggext-api'),
            '--dev',
            '--port',
            '{port}',
        ]
        self.server = server.Server(
            command=command,
            conf_file=str(self.folder / 'empty.conf'),
            folder=str(self.folder),
        )
        self.useFixture(self.server)

    def test_examples(self) -> None:
        shown = list(pages.examples((PAGES / self.page).read_text()))
        self.assertGreater(len(shown), self.least)
        commands = [one.command for one in shown]
        printed = pages.run(commands, self.folder, self.server.port)
        found = [
            pages.Example(one.command, text)
            for one, text in zip(shown, printed, strict=True)
        ]
        self.assertEqual(pages.comparable(shown), pages.comparable(found))


class ManagersGuideTest(GuideTest):
    """The guide for who keeps aggregates in files."""

    page = 'managers.rst'
    least = 15
