# SPDX-License-Identifier: Apache-2.0
"""Statements on a cell database: read only, on the few columns of use.

A row is alive where ``deleted`` is 0 (DATABASE, section 2).
"""

import collections
from collections.abc import Collection
from collections.abc import Iterable
from collections.abc import Sequence
from typing import Any

import sqlalchemy as sa

from nova_aggext.compute import inventory
from nova_aggext.db import collation

COMPUTE_BINARY = 'nova-compute'

services = sa.table(
    'services',
    sa.column('host', sa.String),
    sa.column('binary', sa.String),
    sa.column('deleted', sa.Integer),
)
compute_nodes = sa.table(
    'compute_nodes',
    sa.column('id', sa.Integer),
    sa.column('uuid', sa.String),
    sa.column('host', sa.String),
    sa.column('hypervisor_hostname', sa.String),
    sa.column('deleted', sa.Integer),
)
instances = sa.table(
    'instances',
    sa.column('host', sa.String),
    sa.column('deleted', sa.Integer),
)


_NAME: sa.BindParameter[str] = sa.bindparam('name')
_NAMES: sa.BindParameter[list[str]] = sa.bindparam('names', expanding=True)
_NODES = (
    sa.select(
        services.c.host,
        compute_nodes.c.uuid,
        compute_nodes.c.hypervisor_hostname,
    )
    .select_from(
        services.outerjoin(
            compute_nodes,
            sa.and_(
                compute_nodes.c.host == services.c.host,
                compute_nodes.c.deleted == 0,
            ),
        )
    )
    .where(
        services.c.binary == COMPUTE_BINARY,
        services.c.deleted == 0,
    )
    .order_by(compute_nodes.c.id)
)
_HOST = _NODES.where(services.c.host == _NAME).add_columns(
    sa.select(sa.func.count())
    .select_from(instances)
    .where(instances.c.host == _NAME, instances.c.deleted == 0)
    .scalar_subquery()
)
_HOSTS = _NODES.where(services.c.host.in_(_NAMES))
_EVERY = (
    sa.select(services.c.host)
    .join(compute_nodes, compute_nodes.c.host == services.c.host)
    .where(
        services.c.binary == COMPUTE_BINARY,
        services.c.deleted == 0,
        compute_nodes.c.deleted == 0,
    )
    .distinct()
)


def get_host(connection: sa.Connection, name: str) -> inventory.Host | None:
    """Find a host that has a compute service, with all of its nodes.

    Whether the service is disabled, forced down or silent plays no part. The
    name must be the very same, also where the database ignores case.

    The number of its instances is that in this cell.
    """
    rows = connection.execute(_HOST, {'name': name}).all()
    same = [row for row in rows if row[0] == name]
    if not same:
        return None
    return inventory.Host(name=name, nodes=_nodes(same), instances=same[0][3])


def get_hosts(
    connection: sa.Connection, names: Collection[str]
) -> dict[str, inventory.Host]:
    """Find hosts as ``get_host`` does; their instances are left open."""
    asked = frozenset(names)
    rows: dict[str, list[Sequence[Any]]] = {}
    for row in connection.execute(_HOSTS, {'names': list(names)}):
        if row[0] in asked:
            rows.setdefault(row[0], []).append(row)
    return {
        name: inventory.Host(name=name, nodes=_nodes(same))
        for name, same in rows.items()
    }


def list_hosts(connection: sa.Connection) -> frozenset[str]:
    """Give the names of all hosts that have a compute service and a node."""
    return frozenset(connection.scalars(_EVERY))


def count_instances(
    connection: sa.Connection, hosts: Collection[str]
) -> dict[str, int]:
    """Count the instances of hosts; one that has none is left out.

    Names that the database takes for equal count for the host as well, as
    they do in Nova.
    """
    key = collation.key_of(connection.dialect)
    rows = connection.execute(
        sa.select(instances.c.host, sa.func.count())
        .where(instances.c.deleted == 0, instances.c.host.in_(list(hosts)))
        .group_by(instances.c.host)
    )
    counts: collections.Counter[str] = collections.Counter()
    for host, count in rows:
        counts[key(host)] += count
    return {host: counts[key(host)] for host in hosts if key(host) in counts}


def _nodes(rows: Iterable[Sequence[Any]]) -> tuple[inventory.ComputeNode, ...]:
    """Give the nodes of a host, each once."""
    nodes = {row[1]: row[2] for row in rows if row[1] is not None}
    return tuple(inventory.ComputeNode(*node) for node in nodes.items())
