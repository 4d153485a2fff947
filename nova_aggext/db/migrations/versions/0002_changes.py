# SPDX-License-Identifier: Apache-2.0
"""The record of changes."""

from typing import Any

import sqlalchemy as sa
from sqlalchemy.dialects import mysql

from nova_aggext.db import additions

revision = '0002'
down_revision = '0001'

_OURS: dict[str, Any] = {
    'mysql_engine': 'InnoDB',
    'mysql_charset': 'utf8mb3',
    'mysql_collate': 'utf8mb3_bin',
    'sqlite_autoincrement': True,
}


def upgrade(add: additions.Additions) -> None:
    """Make the table."""
    number = sa.BigInteger().with_variant(sa.Integer, 'sqlite')
    precise = sa.DateTime().with_variant(mysql.DATETIME(fsp=6), 'mysql')
    state = sa.Text().with_variant(mysql.MEDIUMTEXT, 'mysql')
    add.table(
        'aggext_changes',
        sa.Column('sequence', number, primary_key=True),
        sa.Column('changed_at', precise, nullable=False),
        sa.Column('request_id', sa.String(64)),
        sa.Column('global_request_id', sa.String(64)),
        sa.Column('user_id', sa.String(255)),
        sa.Column('project_id', sa.String(255)),
        sa.Column('operation', sa.String(64), nullable=False),
        sa.Column('aggregate_id', sa.Integer, nullable=False),
        sa.Column('aggregate_uuid', sa.String(36)),
        sa.Column('host', sa.String(255)),
        sa.Column('before', state, nullable=False),
        sa.Column('after', state, nullable=False),
        indexes={
            'aggext_changes_aggregate_id_idx': ['aggregate_id'],
            'aggext_changes_host_idx': ['host'],
            'aggext_changes_changed_at_idx': ['changed_at'],
        },
        **_OURS,
    )
