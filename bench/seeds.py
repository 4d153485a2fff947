# SPDX-License-Identifier: Apache-2.0
"""Fills databases, by a few statements whatever the size."""

import datetime
from typing import Any

import sqlalchemy as sa

from bench import sizes
from nova_aggext.db import models
from nova_aggext.tests.peer import databases
from nova_aggext.tests.peer import inventory

ZONE_KEY = 'availability_zone'
# Hosts in no aggregate, one for each that adds and removes hosts.
SPARE = tuple(f'spare-{number}' for number in range(5))

# Its rows are what those of all other hosts are copied from.
_FIRST = 'host-0'
_COPIED = (
    (databases.API, 'host_mappings'),
    (databases.CELL1, 'services'),
    (databases.CELL1, 'compute_nodes'),
)
_PLACEMENT = (
    'resource_provider_aggregates',
    'placement_aggregates',
    'resource_providers',
)
_MOMENT = datetime.datetime(2026, 1, 1)
_OF_HOST = ('host', 'hypervisor_hostname')
_PROVIDERS = """
INSERT INTO resource_providers (created_at, uuid, name, generation)
SELECT now(), uuid, hypervisor_hostname, 0 FROM {cell}.compute_nodes
"""
_ROOTS = 'UPDATE resource_providers SET root_provider_id = id'


def aggregates(engine: sa.Engine, size: sizes.Size) -> None:
    """Put aggregates of a size in the place of all that are there."""
    with engine.begin() as connection:
        for table in reversed(models.NOVA_TABLES):
            connection.execute(sa.delete(table))
        _insert_aggregates(connection, size)
        _insert_hosts(connection, size)
        _insert_metadata(connection, size)
        if connection.dialect.name == 'postgresql':
            _count_on(connection)
    _analyze(engine)


def hosts(made: databases.Databases, size: sizes.Size) -> None:
    """Make the hosts of a size, and ``SPARE``, in the place of all others."""
    for part, table in _COPIED:
        made.execute(part, f'DELETE FROM {table}')
    for table in _PLACEMENT:
        made.execute(databases.PLACEMENT, f'DELETE FROM {table}')
    one_by_one = inventory.Inventory(made)
    one_by_one.add_host(_FIRST)
    for part, name in _COPIED:
        _copy_first(made.engine(part), name, size.memberships)
    for name in SPARE:
        one_by_one.add_host(name)
    cell = f'{made.name}{databases.CELL1}'
    made.execute(databases.PLACEMENT, _PROVIDERS.format(cell=cell))
    made.execute(databases.PLACEMENT, _ROOTS)


def _insert_aggregates(connection: sa.Connection, size: sizes.Size) -> None:
    number = _numbers(size.aggregates)
    digits = sa.cast(100_000_000_000 + number, sa.String)
    values = {
        'id': number + 1,
        'uuid': sa.literal('7d0a3a52-9a0c-4d3e-8f5c-') + digits,
        'name': sa.literal('aggregate-') + sa.cast(number, sa.String),
        'created_at': sa.literal(_MOMENT),
    }
    _insert(connection, models.aggregates, values)


def _insert_hosts(connection: sa.Connection, size: sizes.Size) -> None:
    number = _numbers(size.memberships)
    values = {
        'id': number + 1,
        'aggregate_id': number // size.hosts + 1,
        'host': sa.literal('host-') + sa.cast(number, sa.String),
        'created_at': sa.literal(_MOMENT),
    }
    _insert(connection, models.aggregate_hosts, values)


def _insert_metadata(connection: sa.Connection, size: sizes.Size) -> None:
    number = _numbers(size.aggregates * size.keys)
    owner = number // size.keys + 1
    zoned = sa.and_(number % size.keys == 0, owner != sizes.UNZONED)
    key = sa.literal('key-') + sa.cast(number % size.keys, sa.String)
    values = {
        'id': number + 1,
        'aggregate_id': owner,
        'key': sa.case((zoned, ZONE_KEY), else_=key),
        'value': sa.literal('value-') + sa.cast(number, sa.String),
        'created_at': sa.literal(_MOMENT),
    }
    _insert(connection, models.aggregate_metadata, values)


def _insert(
    connection: sa.Connection, table: sa.Table, values: dict[str, Any]
) -> None:
    rows = sa.select(*values.values()).order_by(values['id'])
    connection.execute(sa.insert(table).from_select(list(values), rows))


def _numbers(total: int) -> sa.ColumnElement[int]:
    """Give a column that counts from 0 up to ``total``, without it."""
    ten = ' UNION ALL '.join(f'SELECT {digit} AS d' for digit in range(10))
    places = range(len(str(total - 1)))
    number = ' + '.join(f'p{place}.d * {10**place}' for place in places)
    joined = ' CROSS JOIN '.join(f'({ten}) AS p{place}' for place in places)
    text = sa.text(f'SELECT {number} AS n FROM {joined}')
    counted = text.columns(sa.column('n', sa.Integer)).subquery()
    return sa.select(counted.c.n).where(counted.c.n < total).subquery().c.n


def _copy_first(engine: sa.Engine, name: str, total: int) -> None:
    """Copy the row of the first host for all others."""
    table = sa.Table(name, sa.MetaData(), autoload_with=engine)
    number = _numbers(total)
    copied = sa.literal('host-') + sa.cast(number, sa.String)
    values: dict[str, Any] = {
        column.name: column for column in table.columns if column.name != 'id'
    }
    values.update({key: copied for key in _OF_HOST if key in values})
    if 'uuid' in values:
        values['uuid'] = sa.func.uuid()
    rows = (
        sa.select(*values.values())
        .select_from(table.join(number.table, sa.true()))
        .where(table.c.host == _FIRST, number > 0)
    )
    with engine.connect() as connection:
        connection.execute(sa.insert(table).from_select(list(values), rows))


def _count_on(connection: sa.Connection) -> None:
    """Let PostgreSQL count on from the ids that were given."""
    for table in models.NOVA_TABLES:
        last = sa.select(sa.func.max(table.c.id)).scalar_subquery()
        sequence = sa.func.pg_get_serial_sequence(table.name, 'id')
        connection.execute(sa.select(sa.func.setval(sequence, last)))


def _analyze(engine: sa.Engine) -> None:
    """Let the database learn how much there is now."""
    word = 'ANALYZE TABLE' if engine.dialect.name == 'mysql' else 'ANALYZE'
    automatic = engine.execution_options(isolation_level='AUTOCOMMIT')
    with automatic.connect() as connection:
        for table in models.NOVA_TABLES:
            connection.execute(sa.text(f'{word} {table.name}'))
