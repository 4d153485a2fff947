# SPDX-License-Identifier: Apache-2.0
"""Registered hosts for the replayer of the recorded HTTP cases.

Give the replayer this file as ``--fixture`` and the server's configuration
in ``OS_NOVA_AGGEXT_CONFIG_FILES``. Every aggregate is removed before and
after each scenario.

A host of this inventory has no mapping, service and compute node that could
be missing one by one; without its compute node it is not registered at all.
"""

import os
from collections.abc import Iterable
from collections.abc import Mapping
from typing import Any

import sqlalchemy as sa

from nova_aggext import conf as aggext_conf
from nova_aggext import exception
from nova_aggext.db import database as db_database
from nova_aggext.db import models
from nova_aggext.hosts import registered

Names = list[str]


class World:
    """The database of the server under test."""

    def __init__(self, files: list[str]) -> None:
        conf = aggext_conf.load(files)
        self.database = db_database.Database(conf)
        self.hosts = registered.RegisteredHosts(conf, self.database)

    def empty(self) -> None:
        """Remove every aggregate."""

        def work(session: db_database.Session) -> None:
            for table in reversed(models.NOVA_TABLES):
                session.execute(sa.delete(table))

        self.database.write(work)

    def drop(self, host: str) -> None:
        """Forget a host, if it is registered."""
        try:
            self.hosts.remove_host(host)
        except exception.ComputeHostNotFound:
            return


_worlds: dict[str, World] = {}


def _world() -> World:
    files = os.environ[aggext_conf.ENV_FILES]
    if files not in _worlds:
        _worlds[files] = World(aggext_conf.split(files))
    return _worlds[files]


def reset() -> None:
    """Remove every aggregate."""
    _world().empty()


def setup(hosts: Iterable[Any], instances: Mapping[str, Any]) -> Names:
    """Register the hosts of a scenario; give their names."""
    names = []
    for host in hosts:
        spec = {'host': host} if isinstance(host, str) else host
        if spec.get('compute_node', True):
            names.append(spec['host'])
            _world().hosts.add_host(spec['host'])
    for name, count in instances.items():
        _world().hosts.add_host(name, instances=_alive(count))
    return names


def op(names: Names, what: Mapping[str, Any]) -> None:
    """Change the world outside the aggregates API."""
    host = what['host']
    if what['op'] in ('drop_host', 'drop_compute_node'):
        _world().drop(host)
    elif what['op'] == 'add_instances':
        _world().hosts.add_host(host, instances=what.get('count', 1))
    elif what['op'] == 'remove_instances':
        _world().hosts.add_host(host, instances=0)
    else:
        raise ValueError(f'unknown fixture op {what["op"]!r}')


def teardown(names: Names) -> None:
    """Forget the hosts of a scenario."""
    for name in names:
        _world().drop(name)


def _alive(count: Any) -> int:
    if isinstance(count, int):
        return count
    return 0 if count.get('deleted') else int(count.get('count', 1))
