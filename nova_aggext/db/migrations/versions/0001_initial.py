# SPDX-License-Identifier: Apache-2.0
"""Nova's aggregate tables where they are missing; locks and hosts of ours."""

from typing import Any

import sqlalchemy as sa
from alembic import op

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


def upgrade() -> None:
    """Make the tables."""
    if not sa.inspect(op.get_bind()).has_table('aggregates'):
        _create_aggregates()
        _create_aggregate_hosts()
        _create_aggregate_metadata()
    op.create_table(
        'aggext_locks',
        sa.Column('name', sa.String(300), primary_key=True),
        sa.Column('generation', sa.BigInteger, nullable=False),
        **_OURS,
    )
    op.create_table(
        'aggext_hosts',
        sa.Column('name', sa.String(255), primary_key=True),
        sa.Column('instances', sa.Integer, nullable=False),
        sa.Column('created_at', sa.DateTime, nullable=False),
        **_OURS,
    )


def _create_aggregates() -> None:
    op.create_table(
        'aggregates',
        sa.Column('created_at', sa.DateTime),
        sa.Column('updated_at', sa.DateTime),
        sa.Column('id', sa.Integer, primary_key=True),
        sa.Column('uuid', sa.String(36)),
        sa.Column('name', sa.String(255)),
        sa.Index('aggregate_uuid_idx', 'uuid'),
        sa.UniqueConstraint('name', name='uniq_aggregate0name'),
        **_NOVA,
    )


def _create_aggregate_hosts() -> None:
    op.create_table(
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


def _create_aggregate_metadata() -> None:
    op.create_table(
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
        sa.Index('aggregate_metadata_key_idx', 'key'),
        **_NOVA,
    )
