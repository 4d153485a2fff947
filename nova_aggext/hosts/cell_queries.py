# SPDX-License-Identifier: Apache-2.0
"""Statements on a cell database: read only, on the few columns of use.

A row is alive where ``deleted`` is 0 (DATABASE, section 2).
"""

from collections.abc import Collection

import sqlalchemy as sa

from nova_aggext.compute import ports

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


def get_host(connection: sa.Connection, name: str) -> ports.Host | None:
    """Find a host that has a compute service, with all of its nodes.

    Whether the service is disabled, forced down or silent plays no part. The
    name must be the very same, also where the database ignores case.
    """
    found = connection.scalars(
        sa.select(services.c.host).where(
            services.c.host == name,
            services.c.binary == COMPUTE_BINARY,
            services.c.deleted == 0,
        )
    )
    if name not in list(found):
        return None
    rows = connection.execute(
        sa.select(compute_nodes.c.uuid, compute_nodes.c.hypervisor_hostname)
        .where(compute_nodes.c.host == name, compute_nodes.c.deleted == 0)
        .order_by(compute_nodes.c.id)
    )
    nodes = (ports.ComputeNode(uuid=row[0], name=row[1]) for row in rows)
    return ports.Host(name=name, nodes=tuple(nodes))


def count_instances(
    connection: sa.Connection, hosts: Collection[str]
) -> dict[str, int]:
    """Count the instances of hosts; one that has none is left out.

    Names in another case count for the host as well, as they do in Nova.
    """
    wanted = {host.lower(): host for host in hosts}
    rows = connection.execute(
        sa.select(instances.c.host, sa.func.count())
        .where(instances.c.deleted == 0, instances.c.host.in_(list(hosts)))
        .group_by(instances.c.host)
    )
    counts: dict[str, int] = {}
    for host, count in rows:
        name = wanted.get(host.lower())
        if name is not None:
            counts[name] = counts.get(name, 0) + count
    return counts
