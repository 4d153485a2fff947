# SPDX-License-Identifier: Apache-2.0
"""Commands run in the process of the test."""

import contextlib
import dataclasses
import io
import json
from collections.abc import Callable
from collections.abc import Sequence
from typing import Any

from nova_aggext.tests import base
from nova_aggext.tests.functional import databases

Main = Callable[[Sequence[str]], int]


@dataclasses.dataclass(frozen=True, slots=True)
class Ended:
    """How a command ended, and what it printed."""

    status: int
    out: str
    err: str

    @property
    def json(self) -> Any:
        """What it printed, parsed."""
        return json.loads(self.out)


def run(main: Main, *arguments: str) -> Ended:
    """Run a command as its console script does."""
    out, err = io.StringIO(), io.StringIO()
    with contextlib.redirect_stdout(out), contextlib.redirect_stderr(err):
        try:
            status = main(arguments)
        except SystemExit as ended:
            status = int(ended.code or 0)
    return Ended(status, out.getvalue(), err.getvalue())


class CommandTestCase(base.TestCase):
    """A command on an empty database of SQLite."""

    def setUp(self) -> None:
        super().setUp()
        self.db = self.useFixture(databases.Database(synced=False))

    def command(self, main: Main, *arguments: str) -> Ended:
        """Run a command on the database."""
        return run(main, '--config-file', self.db.conf_file, *arguments)
