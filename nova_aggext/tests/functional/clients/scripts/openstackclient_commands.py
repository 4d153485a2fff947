# SPDX-License-Identifier: Apache-2.0
"""Run commands of python-openstackclient, each in a process of its own.

Reads the arguments of one command a line, as a JSON list, and prints how it
ended. The import of modules, which takes most of the time of a command, is
done once: the processes are forked.

Arguments: seconds that a command may take.
"""

from collections.abc import Sequence
import importlib
import json
import os
import signal
import sys
import tempfile
from typing import Any

from openstackclient import shell  # type: ignore[import-not-found,unused-ignore]

# What a command imports when it runs.
LATE = ('openstack.compute.v2._proxy', 'openstackclient.compute.v2.aggregate')


def ended(arguments: Sequence[str], seconds: int) -> dict[str, Any]:
    """Run a command in a child; return its status and what it wrote."""
    with tempfile.TemporaryFile() as out, tempfile.TemporaryFile() as err:
        child = os.fork()
        if not child:
            signal.alarm(seconds)
            os.dup2(out.fileno(), 1)
            os.dup2(err.fileno(), 2)
            run(arguments)
        _, status = os.waitpid(child, 0)
        said = []
        for file in (out, err):
            file.seek(0)
            said.append(file.read().decode())
    code = os.waitstatus_to_exitcode(status)
    return {'code': code, 'out': said[0], 'err': said[1]}


def run(arguments: Sequence[str]) -> None:
    """Be the command, and end with its status."""
    code = 1
    try:
        code = shell.main(list(arguments))
    finally:
        sys.stdout.flush()
        sys.stderr.flush()
        os._exit(code)


def main(seconds: str) -> None:
    """Run commands until there are no more."""
    for module in LATE:
        importlib.import_module(module)
    for line in sys.stdin:
        print(json.dumps(ended(json.loads(line), int(seconds))), flush=True)


if __name__ == '__main__':
    main(*sys.argv[1:])
