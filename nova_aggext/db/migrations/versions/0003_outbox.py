# SPDX-License-Identifier: Apache-2.0
"""The outbox and its streams."""

from typing import Any

import sqlalchemy as sa
from sqlalchemy.dialects import mysql

from nova_aggext.db import additions

revision = '0003'
down_revision = '0002'

_OURS: dict[str, Any] = {
    'mysql_engine': 'InnoDB',
    'mysql_charset': 'utf8mb3',
    'mysql_collate': 'utf8mb3_bin',
}


def upgrade(add: additions.Additions) -> None:
    """Make the tables."""
    number = sa.BigInteger().with_variant(sa.Integer, 'sqlite')
    precise = sa.DateTime().with_variant(mysql.DATETIME(fsp=6), 'mysql')
    state = sa.Text().with_variant(mysql.MEDIUMTEXT, 'mysql')
    add.table(
        'aggext_outbox',
        sa.Column('id', number, primary_key=True),
        sa.Column('stream', sa.String(300), nullable=False),
        sa.Column('kind', sa.String(32), nullable=False),
        sa.Column('message_id', sa.String(36), nullable=False),
        sa.Column('created_at', precise, nullable=False),
        sa.Column('attempts', sa.Integer, nullable=False),
        sa.Column('parked', sa.Boolean, nullable=False),
        sa.Column('error', sa.Text),
        sa.Column('body', state, nullable=False),
        indexes={'aggext_outbox_stream_idx': ['stream', 'parked', 'id']},
        sqlite_autoincrement=True,
        **_OURS,
    )
    add.table(
        'aggext_outbox_streams',
        sa.Column('name', sa.String(300), primary_key=True),
        sa.Column('lane', sa.String(16), nullable=False),
        sa.Column('due_at', precise, nullable=False),
        sa.Column('owner', sa.String(36)),
        sa.Column('failures', sa.Integer, nullable=False),
        sa.Column('appended', sa.BigInteger, nullable=False),
        indexes={'aggext_outbox_streams_due_idx': ['lane', 'due_at']},
        **_OURS,
    )
