# SPDX-License-Identifier: Apache-2.0
"""A real Nova and placement from PyPI, with this package installed.

They live in a virtual environment of their own, with dumps of the databases
that ``nova-manage`` and ``placement-manage`` make, from which every test
module gets its own.
"""

from collections.abc import Mapping
import dataclasses
import hashlib
import pathlib
import subprocess

import fixtures

from nova_aggext.tests.functional import venvs
from nova_aggext.tests.peer import databases
from nova_aggext.tests.peer import releases
from nova_aggext.tests.peer import settings

_THIS = pathlib.Path(__file__).resolve()
_REQUIREMENTS = _THIS.with_name('nova-requirements.txt')

# Seconds that a program may take.
_SECONDS = 180

# Nova fills the templates from [database] connection, so that a dump names
# no database.
_SERVER = '{scheme}://{username}:{password}@{hostname}:{port}/'
_CELL0 = f'{_SERVER}{{path}}{databases.CELL0}?{{query}}'
_CELL1 = f'{_SERVER}{{path}}{databases.CELL1}?{{query}}'


@dataclasses.dataclass(frozen=True)
class Environment:
    """Where things are.

    :ivar bin: the programs
    :ivar etc: the configuration files that Nova ships
    :ivar dumps: the dumps of the databases
    """

    bin: pathlib.Path
    etc: pathlib.Path
    dumps: pathlib.Path

    def run(
        self, program: str, conf_file: pathlib.Path | str, *arguments: str
    ) -> tuple[int, str]:
        """Run a program that ends; return its status and output."""
        return self.run_with(
            {}, program, '--config-file', conf_file, *arguments
        )

    def run_with(
        self,
        variables: Mapping[str, str],
        program: str,
        *arguments: pathlib.Path | str,
    ) -> tuple[int, str]:
        """Run a program with environment variables, and nothing else."""
        done = subprocess.run(
            [self.bin / program, *arguments],
            env={**venvs.environment(), **variables},
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            timeout=_SECONDS,
        )
        return done.returncode, done.stdout

    def succeed(
        self, program: str, conf_file: pathlib.Path | str, *arguments: str
    ) -> str:
        """Run a program; return its output.

        :raises RuntimeError: when its status is not 0
        """
        status, output = self.run(program, conf_file, *arguments)
        if status:
            raise RuntimeError(f'{program} {arguments}: {output}')
        return output


def prepared() -> Environment:
    """Return the environment, made if need be; else skip the test.

    :raises unittest.SkipTest: it cannot be made
    :raises RuntimeError: it cannot be made, and ``CI`` is ``true``
    """
    older = releases.requirements()
    name = f'nova-{releases.chosen()}' if older else 'nova'
    # This checkout is installed into it, which another one must not find.
    checkout = hashlib.sha256(str(venvs.ROOT).encode()).hexdigest()[:8]
    venv = venvs.venv(f'{name}-{checkout}', _REQUIREMENTS)
    if older:
        venvs.part(venv, 'older', _install_older, older)
    venvs.part(venv, 'aggext', _install, venvs.ROOT / 'setup.cfg')
    dumps = venvs.part(venv, 'dumps', _make_dumps, _THIS)
    return Environment(venv / 'bin', venv / 'etc/nova', dumps)


def _install(venv: pathlib.Path, _folder: pathlib.Path) -> None:
    """Install this package, so that changes of it need no installation."""
    venvs.install(venv, '--no-deps', '--editable', venvs.ROOT)


def _install_older(venv: pathlib.Path, _folder: pathlib.Path) -> None:
    """Replace Nova by the older release under test."""
    older = releases.requirements()
    if older:
        venvs.install(venv, '--requirement', older)


def _make_dumps(venv: pathlib.Path, folder: pathlib.Path) -> None:
    """Let Nova and placement make their databases, and dump them."""
    with databases.Databases() as made, fixtures.TempDir() as temporary:
        files = settings.write(pathlib.Path(temporary.path), made)
        nova = (venv / 'bin/nova-manage', '--config-file', files.nova)
        cells = (*nova, 'cell_v2')
        cell1 = ('--name', 'cell1', '--transport-url', 'fake://')
        venvs.run(*nova, 'api_db', 'sync')
        venvs.run(*cells, 'map_cell0', '--database_connection', _CELL0)
        venvs.run(*nova, 'db', 'sync')
        venvs.run(
            *cells, 'create_cell', *cell1, '--database_connection', _CELL1
        )
        placement = venv / 'bin/placement-manage'
        venvs.run(placement, '--config-file', files.placement, 'db', 'sync')
        for part in databases.PARTS:
            path = folder / databases.dump_name(part)
            path.write_text(made.dump(part))
