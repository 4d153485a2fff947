# SPDX-License-Identifier: Apache-2.0
"""Libraries that only some configurations need: an extra of the package."""

import importlib.util
from collections.abc import Callable

from nova_aggext import exception

# What the extra ``memcached`` has: imports, and their packages.
MEMCACHED = {
    'bmemcached': 'python-binary-memcached',
    'memcache': 'python-memcached',
    'pymemcache': 'pymemcache',
}

IsInstalled = Callable[[str], bool]


def is_installed(library: str) -> bool:
    """Say whether a library can be imported."""
    return importlib.util.find_spec(library) is not None


def require_memcached(
    library: str, option: str, is_installed: IsInstalled = is_installed
) -> None:
    """Refuse to start without a client of memcached that an option needs.

    :raises ExtraMissing: which names the extra
    """
    if not is_installed(library):
        raise exception.ExtraMissing(
            option=option, package=MEMCACHED[library], extra='memcached'
        )
