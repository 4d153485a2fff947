# SPDX-License-Identifier: Apache-2.0
"""Managers, the documents that they apply, and what they claim."""

from typing import Any

import sqlalchemy as sa
from sqlalchemy.dialects import mysql

from nova_aggext.db import additions

revision = '0006'
down_revision = '0005'

_OURS: dict[str, Any] = {
    'mysql_engine': 'InnoDB',
    'mysql_charset': 'utf8mb3',
    'mysql_collate': 'utf8mb3_bin',
}
_STATE = sa.Text().with_variant(mysql.MEDIUMTEXT, 'mysql')


def upgrade(add: additions.Additions) -> None:
    """Make the tables."""
    add.table(
        'aggext_managers',
        sa.Column('name', sa.String(63), primary_key=True),
        sa.Column('description', sa.Text, nullable=False),
        sa.Column('document', _STATE, nullable=False),
        sa.Column('etag', sa.String(32), nullable=False),
        sa.Column(
            'applied_at',
            sa.DateTime().with_variant(mysql.DATETIME(fsp=6), 'mysql'),
            nullable=False,
        ),
        sa.Column('user_id', sa.String(255)),
        sa.Column('project_id', sa.String(255)),
        sa.Column('change_id', sa.String(36)),
        **_OURS,
    )
    add.table(
        'aggext_claims',
        sa.Column('manager', sa.String(63), primary_key=True),
        sa.Column(
            'aggregate_id', sa.Integer, primary_key=True, autoincrement=False
        ),
        sa.Column('aggregate_uuid', sa.String(36)),
        sa.Column('name', sa.String(255), nullable=False),
        sa.Column('is_maker', sa.Boolean, nullable=False),
        sa.Column('document', _STATE, nullable=False),
        indexes={'aggext_claims_aggregate_id_idx': ['aggregate_id']},
        **_OURS,
    )
