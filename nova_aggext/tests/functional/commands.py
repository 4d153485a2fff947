# SPDX-License-Identifier: Apache-2.0
"""The commands of the package as processes."""

import dataclasses
import json
import os
import subprocess
import sys
from typing import Any

SECONDS = 60


@dataclasses.dataclass(frozen=True)
class Done:
    """A command that has ended: its exit status and what it printed."""

    status: int
    out: str
    err: str

    def json(self) -> Any:
        """Give its output, which is JSON."""
        return json.loads(self.out)


def environment() -> dict[str, str]:
    """Give an environment that configures no command.

    Nor asks for the warnings that a run of tests does: an operator sees none.
    """
    return {
        variable: value
        for variable, value in os.environ.items()
        if not variable.startswith('OS_') and variable != 'PYTHONWARNINGS'
    }


def run(name: str, *arguments: str, folder: str | None = None) -> Done:
    """Run a command with no configuration but what it is given."""
    done = subprocess.run(
        [os.path.join(os.path.dirname(sys.executable), name), *arguments],
        capture_output=True,
        cwd=folder,
        env=environment(),
        text=True,
        timeout=SECONDS,
    )
    return Done(done.returncode, done.stdout, done.stderr)
