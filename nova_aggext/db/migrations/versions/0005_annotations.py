# SPDX-License-Identifier: Apache-2.0
"""What is said of aggregates beside what Nova knows of them."""

import sqlalchemy as sa
from sqlalchemy.dialects import mysql

from nova_aggext.db import additions

revision = '0005'
down_revision = '0004'


def upgrade(add: additions.Additions) -> None:
    """Make the table."""

    def text(length: int) -> sa.String:
        unicode = mysql.VARCHAR(
            length, charset='utf8mb4', collation='utf8mb4_bin'
        )
        return sa.String(length).with_variant(unicode, 'mysql')

    add.table(
        'aggext_annotations',
        sa.Column(
            'aggregate_id', sa.Integer, primary_key=True, autoincrement=False
        ),
        sa.Column('description', text(1024)),
        sa.Column('owner', text(255)),
        sa.Column('protected', sa.Boolean, nullable=False),
        indexes={'aggext_annotations_owner_idx': ['owner']},
        mysql_engine='InnoDB',
        mysql_charset='utf8mb3',
        mysql_collate='utf8mb3_bin',
    )
