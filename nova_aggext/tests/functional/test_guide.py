# SPDX-License-Identifier: Apache-2.0
"""The guides to the own API: their commands print what they say they do."""

import dataclasses
import pathlib
import re
import shutil
import subprocess
import sys
from collections.abc import Iterator

import fixtures

from nova_aggext.tests import base
from nova_aggext.tests.functional import server

PAGES = pathlib.Path(__file__).parents[3] / 'doc/source/user'
BIN = pathlib.Path(sys.executable).parent
# Ends what a command printed.
END = '-- end --'
# What the guide takes for granted.
FILES = {
    'rack7.txt': 'cmp-a001\ncmp-a002\ncmp-a003\ncmp-a004\ncmp-a099\n',
    'change.json': """\
{"change": {"reason": "CHG-4713", "aggregates": [
  {"aggregate": {"name": "east"}, "hosts": {"remove": ["cmp-a[001-002]"]}},
  {"aggregate": {"name": "west"}, "hosts": {"add": ["cmp-a[001-002]"]}}]}}
""",
}
PRELUDE = 'uuidgen() { cat /proc/sys/kernel/random/uuid; }'

_BLOCK = re.compile(
    r'^\.\. code-block:: (?:console|text)\n\n((?:   .*\n|\n)+)', re.MULTILINE
)
_CONTINUED = re.compile(r'   > |     ')
# Ids and digests are others in each run.
_CHOSEN = re.compile(
    r'[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}|[0-9a-f]{32}'
)


@dataclasses.dataclass(frozen=True, slots=True)
class Example:
    """A command of the guide, and what it prints."""

    command: str
    printed: str


def examples(text: str) -> Iterator[Example]:
    """Give the commands of a page in their order."""
    for block in _BLOCK.findall(text):
        for part in re.split(r'^   \$ ', block, flags=re.MULTILINE)[1:]:
            first, *rest = part.rstrip('\n').split('\n')
            lines = [first]
            while rest and _CONTINUED.match(rest[0]):
                lines.append(rest.pop(0)[5:])
            printed = '\n'.join(line[3:] for line in rest)
            yield Example('\n'.join(lines), printed)


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
        command = [str(BIN / 'nova-aggext-api'), '--dev', '--port', '{port}']
        self.server = server.Server(
            command=command,
            conf_file=str(self.folder / 'empty.conf'),
            folder=str(self.folder),
        )
        self.useFixture(self.server)

    def test_examples(self) -> None:
        shown = list(examples((PAGES / self.page).read_text()))
        self.assertGreater(len(shown), self.least)
        printed = self._run([one.command for one in shown])
        found = [
            Example(one.command, text)
            for one, text in zip(shown, printed, strict=True)
        ]
        self.assertEqual(_text(shown), _text(found))

    def _run(self, commands: list[str]) -> list[str]:
        """Run commands in one shell; give what each printed."""
        lines = [PRELUDE]
        for one in commands:
            lines += [self._here(one), f"echo; echo '{END}'"]
        done = subprocess.run(
            ['bash', '-c', '\n'.join(lines)],
            cwd=self.folder,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            check=False,
        )
        printed = done.stdout.split(f'\n{END}\n')[:-1]
        return [text.rstrip('\n') for text in printed]

    def _here(self, command: str) -> str:
        """Let a command find this lab."""
        command = command.replace('.venv/bin/', f'{BIN}/')
        return command.replace(':8774', f':{self.server.port}')


class ManagersGuideTest(GuideTest):
    """The guide for who keeps aggregates in files."""

    page = 'managers.rst'
    least = 15


def _text(shown: list[Example]) -> str:
    """Write examples; what is chosen in each run is numbered."""
    text = '\n'.join(f'$ {one.command}\n{one.printed}' for one in shown)
    numbers: dict[str, str] = {}
    return _CHOSEN.sub(
        lambda found: numbers.setdefault(found[0], f'<{len(numbers)}>'), text
    )
