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


def run(name: str, *arguments: str, folder: str | None = None) -> Done:
    """Run a command with no configuration but what it is given.

    Nor with the warnings that a run of tests asks for: an operator sees none.
    """
    environ = {
        variable: value
        for variable, value in os.environ.items()
        if not variable.startswith('OS_') and variable != 'PYTHONWARNINGS'
    }
    done = subprocess.run(
        [os.path.join(os.path.dirname(sys.executable), name), *arguments],
        capture_output=True,
        cwd=folder,
        env=environ,
        text=True,
        timeout=SECONDS,
    )
    return Done(done.returncode, done.stdout, done.stderr)
