# SPDX-License-Identifier: Apache-2.0
"""The collection, built and installed, and the commands of Ansible."""

import dataclasses
import json
import os
import pathlib
import subprocess
import sys
from collections.abc import Mapping
from typing import Any

import fixtures

SOURCE = pathlib.Path(__file__).parents[4] / 'ansible'
NAME = 'aggext.openstack'
BIN = pathlib.Path(sys.executable).parent
PYTHON = '{}.{}'.format(*sys.version_info)
SECONDS = 300


@dataclasses.dataclass(frozen=True, slots=True)
class Done:
    """A command that has ended: its exit status and what it printed."""

    status: int
    out: str


class Collection(fixtures.Fixture):
    """An environment that has the collection and nothing else.

    :ivar folder: where commands run
    """

    def _setUp(self) -> None:
        self.folder = pathlib.Path(self.useFixture(fixtures.TempDir()).path)
        self._environment = {
            'ANSIBLE_COLLECTIONS_PATH': str(self.folder),
            'ANSIBLE_HOME': str(self.folder / 'home'),
            'ANSIBLE_INVENTORY_UNPARSED_WARNING': 'false',
            'ANSIBLE_LOCALHOST_WARNING': 'false',
            'ANSIBLE_NOCOLOR': '1',
            'ANSIBLE_PYTHON_INTERPRETER': sys.executable,
            'HOME': str(self.folder),
            'LC_ALL': 'C.UTF-8',
            'PATH': f'{BIN}{os.pathsep}{os.environ["PATH"]}',
        }
        self._install()

    def _install(self) -> None:
        self._galaxy('build', str(SOURCE), '--output-path', 'built')
        (built,) = (self.folder / 'built').iterdir()
        self._galaxy('install', str(built), '--offline')

    def _galaxy(self, *arguments: str) -> None:
        done = self('ansible-galaxy', 'collection', *arguments)
        if done.status:
            raise RuntimeError(done.out)

    def __call__(
        self,
        *command: str,
        folder: pathlib.Path | None = None,
        environment: Mapping[str, str] | None = None,
    ) -> Done:
        """Run a command and say how it ended."""
        done = subprocess.run(
            command,
            cwd=folder or self.folder,
            env={**self._environment, **(environment or {})},
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            timeout=SECONDS,
        )
        return Done(done.returncode, done.stdout)

    def write(self, name: str, text: str) -> str:
        """Write a file where commands run; give its path."""
        path = self.folder / name
        path.write_text(text)
        return str(path)

    def play(
        self,
        tasks: list[Any],
        cloud: dict[str, Any],
        environment: Mapping[str, str] | None = None,
    ) -> Done:
        """Run tasks against a cloud."""
        group = f'group/{NAME}.all'
        play = {
            'hosts': 'localhost',
            'connection': 'local',
            'gather_facts': False,
            'module_defaults': {group: cloud},
            'tasks': tasks,
        }
        # It is YAML as well.
        self.write('play.yml', json.dumps([play]))
        return self('ansible-playbook', 'play.yml', environment=environment)
