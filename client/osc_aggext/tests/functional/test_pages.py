# SPDX-License-Identifier: Apache-2.0
"""The documentation: its commands print what it says they print."""

import pathlib
import re
import shutil
import subprocess
from collections.abc import Sequence
from typing import Any, ClassVar

import fixtures
import testscenarios

from nova_aggext.tests import base
from nova_aggext.tests.functional import pages
from nova_aggext.tests.functional import server
from osc_aggext.sdk import errors
from osc_aggext.tests.functional import base as server_base

load_tests = testscenarios.load_tests_apply_scenarios

CLIENT = pathlib.Path(__file__).parents[3]
ROOT = CLIENT.parent
# The cloud of the examples.
CLOUD = """\
{"change": {"aggregates": [
  {"op": "create", "name": "east", "availability_zone": "az-east",
   "hosts": {"add": ["cmp-a[001-020]"]}},
  {"op": "create", "name": "west", "availability_zone": "az-west",
   "hosts": {"add": ["cmp-a[021-040]"]}},
  {"op": "create", "name": "ssd", "metadata": {"add": {"ssd": "true"}},
   "hosts": {"add": ["cmp-a[011-030]"]}}]}}
"""
PREPARED = (
    'nova-aggext-manage --dev host add $(seq -f cmp-a%03g 40)',
    'curl -s http://127.0.0.1:8774/v2.1/os-aggext/changes -H '
    '"Content-Type: application/json" -d @cloud.json > answer.json',
)

# Others in each run.
CHOSEN = re.compile(
    r'[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}|[0-9a-f]{32}|\bn-[0-9]+'
)
TIME = re.compile(r'20\d\d-\d\d-\d\d(T\d\d:\d\d:\d\d(\.\d+Z)?)?')
# What may be wrong with a request of a page, as other things are there.
OTHERS = {'host-aggregate.aggregate.unknown', 'host-aggregate.host.unknown'}


class RequestTest(server_base.ServerTest):
    """The requests of a page have the form of the API."""

    def test_requests(self) -> None:
        page = ROOT / 'doc/source/user/from-loops.rst'
        bodies = pages.documents(page.read_text())
        self.assertGreaterEqual(len(bodies), 5)
        service = self.connect()
        for body in bodies:
            try:
                service.plan_change(body['change'])
            except errors.Invalid as error:
                told = {one.members['code'] for one in error.problems}
                self.assertLessEqual(told, OTHERS, str(error))


class PageTest(base.TestCase):
    """Runs a page in a lab."""

    scenarios: ClassVar[list[tuple[str, dict[str, Any]]]] = [
        ('readme', {'page': CLIENT / 'README.rst', 'least': 10}),
        ('osc', {'page': ROOT / 'doc/source/cli/osc.rst', 'least': 15}),
    ]
    page: pathlib.Path
    least: int

    def setUp(self) -> None:
        super().setUp()
        for tool in ('bash', 'curl'):
            if not shutil.which(tool):
                base.missing(tool, 'not installed')
        self.folder = pathlib.Path(self.useFixture(fixtures.TempDir()).path)
        (self.folder / 'cloud.json').write_text(CLOUD)
        program = str(pages.BIN / 'nova-aggext-api')
        self.server = server.Server(
            command=[program, '--dev', '--port', '{port}'],
            conf_file=str(self.folder / 'empty.conf'),
            folder=str(self.folder),
        )
        self.useFixture(self.server)

    def test_examples(self) -> None:
        text = self.page.read_text()
        shown = list(pages.examples(text))
        self.assertGreaterEqual(len(shown), self.least)
        commands = [*PREPARED, *(one.command for one in shown)]
        printed = pages.run(commands, self.folder, self.server.port)
        found = [
            pages.Example(one.command, said)
            for one, said in zip(shown, printed[len(PREPARED) :], strict=True)
        ]
        self.assertEqual(_comparable(shown), _comparable(found))

    def test_scripts(self) -> None:
        """Its Python as well."""
        pages.run(PREPARED, self.folder, self.server.port)
        for one in pages.scripts(self.page.read_text()):
            done = subprocess.run(
                [pages.BIN / 'python', '-c', one.command],
                env={
                    'HOME': str(self.folder),
                    'OS_AUTH_TYPE': 'none',
                    'OS_ENDPOINT': f'{self.server.url}/v2.1',
                },
                capture_output=True,
                text=True,
            )
            said = (done.stdout.rstrip('\n'), done.stderr)
            self.assertEqual((one.printed, ''), said)


def _comparable(shown: Sequence[pages.Example]) -> str:
    return TIME.sub('<time>', pages.comparable(shown, CHOSEN))
