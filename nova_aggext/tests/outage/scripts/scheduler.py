# SPDX-License-Identifier: Apache-2.0
"""The nova-scheduler of a Nova, writing what it believes of aggregates.

Run by the Python of that Nova, with the file to write as first argument and
the arguments of nova-scheduler after it. A file beside it, which ends in
``.looks``, has how often a thread, and whoever takes a cast after each entry
of it, has looked at the hosts, and which hosts they found in no isolating
aggregate any more.
"""

import functools
import json
import os
import sys
import threading
import time
from collections.abc import Iterator
from typing import Any

from nova.cmd import scheduler  # type: ignore[import-not-found]
from nova.scheduler import host_manager  # type: ignore[import-not-found]

# Casts are taken by several threads.
_LOCK = threading.Lock()
_METHODS = ('_init_aggregates', 'update_aggregates', 'delete_aggregate')
_UPDATE = 'update_aggregates'
_ISOLATION = 'filter_tenant_id'
# Seconds between two looks.
_PAUSE = 0.001


class _Watcher:
    """Looks at the hosts of a manager, again and again."""

    def __init__(self, manager: Any, path: str) -> None:
        self._manager = manager
        self._path = path
        self._looks = 0
        self._isolated: set[str] = set()
        self._lost: list[str] = []
        self._lock = threading.Lock()

    def start(self) -> None:
        """Look in a thread as well."""
        threading.Thread(target=self._run, daemon=True).start()

    def look(self) -> None:
        """Look once."""
        with self._lock:
            try:
                now = set(filter(self._is_isolated, self._hosts()))
            except RuntimeError:
                # Another thread takes a cast; what it leaves is seen.
                return
            self._looks += 1
            self._lost += sorted(self._isolated - now)
            self._isolated = now

    def write(self) -> None:
        """Write what was seen."""
        with self._lock:
            seen = {'looks': self._looks, 'lost': self._lost}
            _replace(f'{self._path}.looks', seen)

    def _hosts(self) -> list[str]:
        return list(self._manager.host_aggregates_map)

    def _is_isolated(self, host: str) -> bool:
        known = self._manager.aggs_by_id
        return any(
            key.startswith(_ISOLATION)
            for one in tuple(self._manager.host_aggregates_map[host])
            if one in known
            for key in known[one].metadata
        )

    def _run(self) -> None:
        while True:
            time.sleep(_PAUSE)
            self.look()


class _Watched(list[Any]):
    """The entries of a cast; somebody looks after each was taken."""

    def __init__(self, entries: Any, watcher: _Watcher) -> None:
        super().__init__(entries)
        self._watcher = watcher

    def __iter__(self) -> Iterator[Any]:
        for one in super().__iter__():
            yield one
            self._watcher.look()


def _watching(method: Any, path: str) -> Any:
    """Give a method that takes a cast while somebody looks."""
    watchers: dict[int, _Watcher] = {}

    @functools.wraps(method)
    def watch(self: Any, aggregates: Any) -> Any:
        watcher = watchers.get(os.getpid())
        if watcher is None:
            watcher = watchers[os.getpid()] = _Watcher(self, path)
            watcher.start()
        try:
            return method(self, _Watched(aggregates, watcher))
        finally:
            watcher.write()

    return watch


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
    _replace(path, {'aggregates': aggregates, 'hosts': hosts})


def _replace(path: str, told: Any) -> None:
    with open(f'{path}.new', 'w') as new:
        json.dump(told, new)
    os.replace(f'{path}.new', path)


def _main() -> None:
    path = sys.argv.pop(1)
    for name in _METHODS:
        method = getattr(host_manager.HostManager, name)
        if name == _UPDATE:
            method = _watching(method, path)
        setattr(host_manager.HostManager, name, _telling(method, path))
    scheduler.main()


if __name__ == '__main__':
    _main()
