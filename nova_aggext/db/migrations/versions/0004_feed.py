# SPDX-License-Identifier: Apache-2.0
"""Positions, ids, names of changes; what was asked for; observer's marks."""

from typing import Any

import sqlalchemy as sa
from sqlalchemy.dialects import mysql

from nova_aggext.db import additions

revision = '0004'
down_revision = '0003'

_OURS: dict[str, Any] = {
    'mysql_engine': 'InnoDB',
    'mysql_charset': 'utf8mb3',
    'mysql_collate': 'utf8mb3_bin',
}
_STATE = sa.Text().with_variant(mysql.MEDIUMTEXT, 'mysql')


def upgrade(add: additions.Additions) -> None:
    """Make the tables, and the columns of those that are there."""
    add.columns(
        'aggext_changes',
        sa.Column('change_id', sa.String(36)),
        sa.Column('position', sa.BigInteger),
        sa.Column('aggregate_name', sa.String(255)),
        indexes={
            'aggext_changes_change_id_idx': ['change_id'],
            'aggext_changes_position_idx': ['position', 'sequence'],
        },
    )
    add.columns(
        'aggext_outbox',
        sa.Column('change_id', sa.String(36)),
        indexes={'aggext_outbox_change_id_idx': ['change_id']},
    )
    _add_change_sets(add)
    add.table(
        'aggext_marks',
        sa.Column('name', sa.String(64), primary_key=True),
        sa.Column('position', sa.BigInteger, nullable=False),
        **_OURS,
    )
    add.table(
        'aggext_seen',
        sa.Column(
            'aggregate_id', sa.Integer, primary_key=True, autoincrement=False
        ),
        sa.Column('sequence', sa.BigInteger, nullable=False),
        sa.Column('document', _STATE, nullable=False),
        **_OURS,
    )


def _add_change_sets(add: additions.Additions) -> None:
    precise = sa.DateTime().with_variant(mysql.DATETIME(fsp=6), 'mysql')
    add.table(
        'aggext_change_sets',
        sa.Column('id', sa.String(36), primary_key=True),
        sa.Column('kind', sa.String(16), nullable=False),
        sa.Column('request_digest', sa.String(64), nullable=False),
        sa.Column('digest', sa.String(64), nullable=False),
        sa.Column('reason', sa.String(255)),
        sa.Column('manager', sa.String(63)),
        sa.Column('reverts', sa.String(36)),
        sa.Column('document', _STATE, nullable=False),
        sa.Column('changed_at', precise, nullable=False),
        sa.Column('user_id', sa.String(255)),
        sa.Column('project_id', sa.String(255)),
        sa.Column('request_id', sa.String(64)),
        sa.Column('global_request_id', sa.String(64)),
        indexes={
            'aggext_change_sets_reverts_idx': ['reverts'],
            'aggext_change_sets_changed_at_idx': ['changed_at'],
        },
        **_OURS,
    )
