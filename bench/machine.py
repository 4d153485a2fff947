# SPDX-License-Identifier: Apache-2.0
"""On what was measured."""

import os
import pathlib
import platform
import subprocess
from typing import Any

_PACKAGES = (
    'gunicorn',
    'nova',
    'openstack-placement',
    'orjson',
    'PyMySQL',
    'SQLAlchemy',
)
_VERSION = """
import importlib.metadata
for name in {names!r}:
    print(name, importlib.metadata.version(name))
"""


def describe() -> dict[str, Any]:
    """Tell what the machine is and how busy it is."""
    return {
        'processor': _processor(),
        'processors': os.cpu_count(),
        'system': platform.system(),
        'python': platform.python_version(),
        'load_before': load(),
    }


def load() -> float:
    """Give how many processes wanted to run in the last minute."""
    return round(os.getloadavg()[0], 2)


def versions(folder: pathlib.Path) -> dict[str, str]:
    """Give the versions of what the programs in a folder use."""
    code = _VERSION.format(names=_PACKAGES)
    told = subprocess.run(
        [folder / 'python', '-c', code],
        check=True,
        capture_output=True,
        text=True,
    )
    return dict(line.split() for line in told.stdout.splitlines())


def _processor() -> str:
    for line in pathlib.Path('/proc/cpuinfo').read_text().splitlines():
        if line.startswith('model name'):
            return line.partition(':')[2].strip()
    return platform.machine()
