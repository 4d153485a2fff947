# SPDX-License-Identifier: Apache-2.0
"""The ``openstack`` command inside the process of the tests."""

import contextlib
import dataclasses
import io
import json
import logging
import os
import warnings
from collections.abc import Iterator
from typing import Any

import fixtures
from openstackclient import shell
from osc_lib import clientmanager


@dataclasses.dataclass(frozen=True)
class Done:
    """A command that has ended: its exit status and what it printed."""

    status: int
    out: str
    err: str

    def json(self) -> Any:
        """Give its output, which is JSON."""
        return json.loads(self.out)


class Openstack(fixtures.Fixture):
    """Runs commands against an endpoint that asks for no token."""

    def __init__(self, endpoint: str) -> None:
        """Take the endpoint of the compute service."""
        super().__init__()
        self._access = ['--os-auth-type', 'none', '--os-endpoint', endpoint]

    def _setUp(self) -> None:
        for variable in os.environ:
            if variable.startswith('OS_'):
                self.useFixture(fixtures.EnvironmentVariable(variable))
        home = self.useFixture(fixtures.TempDir()).path
        self.useFixture(fixtures.EnvironmentVariable('HOME', home))

    def __call__(self, *arguments: str) -> Done:
        """Run a command and say how it ended."""
        out, err = io.StringIO(), io.StringIO()
        with (
            contextlib.redirect_stdout(out),
            contextlib.redirect_stderr(err),
            _restored_logging(),
            warnings.catch_warnings(),
        ):
            status = _status([*self._access, *arguments])
        return Done(status, out.getvalue(), err.getvalue())


def _status(arguments: list[str]) -> int:
    # The class keeps the clients of the command before, which talk to its
    # server.
    vars(clientmanager.ClientManager)['aggext']._handle = None
    try:
        return int(shell.OpenStackShell().run(arguments))
    except SystemExit as error:
        return error.code if isinstance(error.code, int) else 1


@contextlib.contextmanager
def _restored_logging() -> Iterator[None]:
    """Undo what the command does to the logging of its process."""
    root = logging.getLogger()
    handlers, level = list(root.handlers), root.level
    try:
        yield
    finally:
        root.handlers[:] = handlers
        root.setLevel(level)
