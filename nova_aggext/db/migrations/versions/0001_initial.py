# SPDX-License-Identifier: Apache-2.0
"""Nova's aggregate tables where they are missing; locks and hosts of ours."""

from typing import Any

import sqlalchemy as sa

from nova_aggext.db import additions

revision = '0001'
down_revision = None

_NOVA: dict[str, Any] = {
    'mysql_engine': 'InnoDB',
    'mysql_charset': 'utf8mb3',
    'mysql_collate': 'utf8mb3_general_ci',
    'sqlite_autoincrement': True,
}
_OURS: dict[str, Any] = {
    'mysql_engine': 'InnoDB',
    'mysql_charset': 'utf8mb3',
    'mysql_collate': 'utf8mb3_bin',
}


def upgrade(add: additions.Additions) -> None:
    """Make the tables."""
    # In the database of a Nova these are Nova's to make.
    if not add.has_table('cell_mappings'):
        _add_aggregates(add)
        _add_aggregate_hosts(add)
        _add_aggregate_metadata(add)
    add.table(
        'aggext_locks',
        sa.Column('name', sa.String(300), primary_key=True),
        sa.Column('generation', sa.BigInteger, nullable=False),
        **_OURS,
    )
    add.table(
        'aggext_hosts',
        sa.Column('name', sa.String(255), primary_key=True),
        sa.Column('instances', sa.Integer, nullable=False),
        sa.Column('created_at', sa.DateTime, nullable=False),
        **_OURS,
    )


def _add_aggregates(add: additions.Additions) -> None:
    add.table(
        'aggregates',
        sa.Column('created_at', sa.DateTime),
        sa.Column('updated_at', sa.DateTime),
        sa.Column('id', sa.Integer, primary_key=True),
        sa.Column('uuid', sa.String(36)),
        sa.Column('name', sa.String(255)),
        sa.UniqueConstraint('name', name='uniq_aggregate0name'),
        indexes={'aggregate_uuid_idx': ['uuid']},
        **_NOVA,
    )


def _add_aggregate_hosts(add: additions.Additions) -> None:
    add.table(
        'aggregate_hosts',
        sa.Column('created_at', sa.DateTime),
        sa.Column('updated_at', sa.DateTime),
        sa.Column('id', sa.Integer, primary_key=True),
        sa.Column('host', sa.String(255)),
        sa.Column(
            'aggregate_id',
            sa.Integer,
            sa.ForeignKey('aggregates.id'),
            nullable=False,
        ),
        sa.UniqueConstraint(
            'host',
            'aggregate_id',
            name='uniq_aggregate_hosts0host0aggregate_id',
        ),
        **_NOVA,
    )


def _add_aggregate_metadata(add: additions.Additions) -> None:
    add.table(
        'aggregate_metadata',
        sa.Column('created_at', sa.DateTime),
        sa.Column('updated_at', sa.DateTime),
        sa.Column('id', sa.Integer, primary_key=True),
        sa.Column(
            'aggregate_id',
            sa.Integer,
            sa.ForeignKey('aggregates.id'),
            nullable=False,
        ),
        sa.Column('key', sa.String(255), nullable=False),
        sa.Column('value', sa.String(255), nullable=False),
        sa.UniqueConstraint(
            'aggregate_id',
            'key',
            name='uniq_aggregate_metadata0aggregate_id0key',
        ),
        indexes={'aggregate_metadata_key_idx': ['key']},
        **_NOVA,
    )
