# SPDX-License-Identifier: Apache-2.0
"""Virtual environments of their own for the programs that tests run.

They are made once, in the directory ``AGGEXT_TEST_VENVS`` (default:
``.test-venvs`` of the repository), and used again until their requirements
change.
"""

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

INSTALL_SECONDS = 900

_ROOT = pathlib.Path(__file__).resolve().parents[4]
_MARKER = 'made-from'


def venv(name: str, requirements: pathlib.Path) -> pathlib.Path:
    """Return the directory of the environment with these requirements.

    Any number of processes may ask for it at once: one makes it, the others
    wait. Where it cannot be made the test is skipped, but fails in CI.

    :raises unittest.SkipTest: it cannot be made
    :raises RuntimeError: it cannot be made, and ``CI`` is ``true``
    """
    made = _made(_directory() / name, requirements)
    if isinstance(made, pathlib.Path):
        return made
    reason = f'no virtual environment {name}: {made}'
    if os.environ.get('CI') == 'true':
        raise RuntimeError(reason)
    raise unittest.SkipTest(reason)


def environment() -> dict[str, str]:
    """Return our environment without what would configure a client."""
    return {
        name: value
        for name, value in os.environ.items()
        if not name.startswith(('ANSIBLE_', 'NOVA', 'OS_', 'PYTHON'))
        and not name.lower().endswith('_proxy')
    }


def _directory() -> pathlib.Path:
    """Return where the environments are kept."""
    chosen = os.environ.get('AGGEXT_TEST_VENVS')
    return pathlib.Path(chosen).resolve() if chosen else _ROOT / '.test-venvs'


@functools.cache
def _made(
    path: pathlib.Path, requirements: pathlib.Path
) -> pathlib.Path | str:
    """Return the environment, or why there is none; try once a process."""
    key = _key(path, requirements)
    try:
        with _locked(path.with_name(f'{path.name}.lock')):
            if not _is_made(path, key):
                _make(path, requirements)
                (path / _MARKER).write_text(key)
    except subprocess.CalledProcessError as error:
        return '\n'.join(str(error.stdout).splitlines()[-8:])
    except (OSError, subprocess.TimeoutExpired) as error:
        return str(error)
    return path


def _key(path: pathlib.Path, requirements: pathlib.Path) -> str:
    """Return what differs when an environment must be made anew."""
    digest = hashlib.sha256(f'{path} {sys.version}'.encode())
    digest.update(requirements.read_bytes())
    return digest.hexdigest()


@contextlib.contextmanager
def _locked(path: pathlib.Path) -> Iterator[None]:
    """Keep other processes out; the lock ends with the process."""
    path.parent.mkdir(parents=True, exist_ok=True)
    with path.open('w') as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        yield


def _is_made(path: pathlib.Path, key: str) -> bool:
    """Tell whether a complete environment of this key is there."""
    marker = path / _MARKER
    return marker.is_file() and marker.read_text() == key


def _make(path: pathlib.Path, requirements: pathlib.Path) -> None:
    """Make the environment, in place of whatever is there."""
    shutil.rmtree(path, ignore_errors=True)
    _run(sys.executable, '-m', 'venv', str(path))
    # Python compiles the few modules that are used when they are used.
    pip = (str(path / 'bin' / 'python'), '-m', 'pip', 'install')
    _run(*pip, '--quiet', '--no-compile', '--requirement', str(requirements))


def _run(*command: str) -> None:
    """Run one step; raise where it fails."""
    proxied = {
        name: value
        for name, value in os.environ.items()
        if not name.startswith('PYTHON')
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
