# SPDX-License-Identifier: Apache-2.0
"""The nova-scheduler of a Nova, writing what it believes of aggregates.

Run by the Python of that Nova, with the file to write as first argument and
the arguments of nova-scheduler after it.
"""

import functools
import json
import os
import sys
import threading
from typing import Any

from nova.cmd import scheduler  # type: ignore[import-not-found]
from nova.scheduler import host_manager  # type: ignore[import-not-found]

# Casts are taken by several threads.
_LOCK = threading.Lock()
_METHODS = ('_init_aggregates', 'update_aggregates', 'delete_aggregate')


def _telling(method: Any, path: str) -> Any:
    """Give a method that writes what it leaves behind."""

    @functools.wraps(method)
    def tell(self: Any, *arguments: Any, **named: Any) -> Any:
        try:
            return method(self, *arguments, **named)
        finally:
            with _LOCK:
                _write(self, path)

    return tell


def _write(manager: Any, path: str) -> None:
    aggregates = {
        one.id: {
            'name': one.name,
            'hosts': sorted(one.hosts),
            'metadata': one.metadata,
        }
        for one in manager.aggs_by_id.values()
    }
    hosts = {
        host: sorted(ids)
        for host, ids in manager.host_aggregates_map.items()
        if ids
    }
    with open(f'{path}.new', 'w') as new:
        json.dump({'aggregates': aggregates, 'hosts': hosts}, new)
    os.replace(f'{path}.new', path)


def _main() -> None:
    path = sys.argv.pop(1)
    for name in _METHODS:
        method = getattr(host_manager.HostManager, name)
        setattr(host_manager.HostManager, name, _telling(method, path))
    scheduler.main()


if __name__ == '__main__':
    _main()
