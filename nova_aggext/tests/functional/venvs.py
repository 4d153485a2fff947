# SPDX-License-Identifier: Apache-2.0
"""Virtual environments of their own for the programs that tests run.

They are made once, in the directory ``AGGEXT_TEST_VENVS`` (default:
``.test-venvs`` of the repository), and used again until their requirements
change. What else a test wants to make once, a data directory for example, is
kept inside as a part of the environment.
"""

from collections.abc import Callable
from collections.abc import Iterator
import contextlib
import fcntl
import functools
import hashlib
import os
import pathlib
import shutil
import subprocess
import sys
import unittest

import uv

INSTALL_SECONDS = 900

ROOT = pathlib.Path(__file__).resolve().parents[3]
_MARKER = 'made-from'


def venv(name: str, requirements: pathlib.Path) -> pathlib.Path:
    """Return the directory of the environment with these requirements.

    Any number of processes may ask for it at once: one makes it, the others
    wait. Where it cannot be made the test is skipped, but fails in CI.

    :raises unittest.SkipTest: it cannot be made
    :raises RuntimeError: it cannot be made, and ``CI`` is ``true``
    """
    key = _key(str(_directory() / name), sys.version, requirements)
    made = _made(_directory() / name, key, requirements)
    return _usable(made, name)


def part(
    environment: pathlib.Path,
    name: str,
    make: Callable[[pathlib.Path, pathlib.Path], None],
    *sources: pathlib.Path,
) -> pathlib.Path:
    """Return a directory inside an environment, made once as told.

    It is made anew when a source changes. Raises as ``venv`` does.

    :param make: called with the environment and the new, empty directory
    """
    made = _part_made(environment, name, make, _key(name, *sources))
    return _usable(made, f'{environment.name}, {name}')


def environment() -> dict[str, str]:
    """Return our environment without what would configure a client."""
    return {
        name: value
        for name, value in os.environ.items()
        if not name.startswith(('ANSIBLE_', 'GUNICORN_', 'NOVA', 'OS_'))
        and not name.startswith('PYTHON')
        and not name.lower().endswith('_proxy')
    }


def run(*command: str | pathlib.Path) -> None:
    """Run one step of the making of an environment.

    :raises subprocess.SubprocessError: where it fails
    """
    proxied = {
        name: value
        for name, value in os.environ.items()
        if not name.startswith(('GUNICORN_', 'OS_', 'PYTHON'))
    }
    subprocess.run(
        command,
        check=True,
        env=proxied,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        timeout=INSTALL_SECONDS,
    )


def install(environment: pathlib.Path, *arguments: str | pathlib.Path) -> None:
    """Install packages into an environment."""
    python = environment / 'bin/python'
    run(uv.find_uv_bin(), 'pip', 'install', '--python', python, *arguments)


def _directory() -> pathlib.Path:
    """Return where the environments are kept."""
    chosen = os.environ.get('AGGEXT_TEST_VENVS')
    return pathlib.Path(chosen).resolve() if chosen else ROOT / '.test-venvs'


def _usable(made: pathlib.Path | str, what: str) -> pathlib.Path:
    """Return what was made; skip the test, or fail, with the reason."""
    if isinstance(made, pathlib.Path):
        return made
    reason = f'no virtual environment {what}: {made}'
    if os.environ.get('CI') == 'true':
        raise RuntimeError(reason)
    raise unittest.SkipTest(reason)


@functools.cache
def _made(
    path: pathlib.Path, key: str, requirements: pathlib.Path
) -> pathlib.Path | str:
    """Return the environment, or why there is none; try once a process."""

    def make() -> None:
        # Some packages of the time before expect setuptools to be there.
        seeded = ('venv', '--seed', '--python', sys.executable, path)
        run(uv.find_uv_bin(), *seeded)
        install(path, '--requirement', requirements)

    return _once(path, path, key, make)


@functools.cache
def _part_made(
    environment: pathlib.Path,
    name: str,
    make: Callable[[pathlib.Path, pathlib.Path], None],
    key: str,
) -> pathlib.Path | str:
    """Return the part, or why there is none; try once a process."""
    path = environment / name

    def make_inside() -> None:
        path.mkdir()
        make(environment, path)

    return _once(environment, path, key, make_inside)


def _once(
    lock: pathlib.Path, path: pathlib.Path, key: str, make: Callable[[], None]
) -> pathlib.Path | str:
    """Make a directory unless it is there, under a lock of processes."""
    try:
        with _locked(lock.with_name(f'{lock.name}.lock')):
            if not _is_made(path, key):
                shutil.rmtree(path, ignore_errors=True)
                make()
                (path / _MARKER).write_text(key)
    except subprocess.CalledProcessError as error:
        return '\n'.join(str(error.stdout).splitlines()[-8:])
    except (OSError, subprocess.TimeoutExpired) as error:
        return str(error)
    return path


def _key(*sources: str | pathlib.Path) -> str:
    """Return what differs when something must be made anew."""
    digest = hashlib.sha256()
    for source in sources:
        if isinstance(source, pathlib.Path):
            digest.update(source.read_bytes())
        else:
            digest.update(source.encode())
    return digest.hexdigest()


@contextlib.contextmanager
def _locked(path: pathlib.Path) -> Iterator[None]:
    """Keep other processes out; the lock ends with the process."""
    path.parent.mkdir(parents=True, exist_ok=True)
    with path.open('w') as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        yield


def _is_made(path: pathlib.Path, key: str) -> bool:
    """Tell whether a complete directory of this key is there."""
    marker = path / _MARKER
    return marker.is_file() and marker.read_text() == key
