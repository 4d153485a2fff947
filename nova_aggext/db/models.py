# SPDX-License-Identifier: Apache-2.0
"""Tables: Nova's three, as its own migrations make them, and ours.

Nova's tables are never altered (DATABASE, section 1); where they are missing
they are made in the same form. Ours have the prefix ``aggext_``.
"""

from typing import Any

import sqlalchemy as sa
from sqlalchemy.dialects import mysql

METADATA = sa.MetaData()

# Names compare as on Nova's MariaDB: without case, accents, trailing blanks.
_NOVA: dict[str, Any] = {
    'mysql_engine': 'InnoDB',
    'mysql_charset': 'utf8mb3',
    'mysql_collate': 'utf8mb3_general_ci',
    'sqlite_autoincrement': True,
}
# Ours compare byte for byte.
_OURS: dict[str, Any] = {
    'mysql_engine': 'InnoDB',
    'mysql_charset': 'utf8mb3',
    'mysql_collate': 'utf8mb3_bin',
}

# JSON; longer than a request body may be.
_STATE = sa.Text().with_variant(mysql.MEDIUMTEXT, 'mysql')
# Times in UTC, naive, with microseconds.
_PRECISE = sa.DateTime().with_variant(mysql.DATETIME(fsp=6), 'mysql')
_COUNTED = sa.BigInteger().with_variant(sa.Integer, 'sqlite')

# Largest id that a column of Integer holds; a larger one names nothing.
_MAX_ID = 2**31 - 1


def is_id(number: int) -> bool:
    """Say whether a number can be the id of an aggregate.

    Drivers and databases fail at one that no column holds.
    """
    return 0 < number <= _MAX_ID


def _unicode(length: int) -> sa.String:
    """Make the type of a text that holds all of Unicode on MySQL as well."""
    of_mysql = mysql.VARCHAR(
        length, charset='utf8mb4', collation='utf8mb4_bin'
    )
    return sa.String(length).with_variant(of_mysql, 'mysql')


def _times() -> tuple[sa.Column[Any], sa.Column[Any]]:
    return (
        sa.Column('created_at', sa.DateTime),
        sa.Column('updated_at', sa.DateTime),
    )


aggregates = sa.Table(
    'aggregates',
    METADATA,
    *_times(),
    sa.Column('id', sa.Integer, primary_key=True),
    sa.Column('uuid', sa.String(36)),
    sa.Column('name', sa.String(255)),
    sa.Index('aggregate_uuid_idx', 'uuid'),
    sa.UniqueConstraint('name', name='uniq_aggregate0name'),
    **_NOVA,
)

aggregate_hosts = sa.Table(
    'aggregate_hosts',
    METADATA,
    *_times(),
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

aggregate_metadata = sa.Table(
    'aggregate_metadata',
    METADATA,
    *_times(),
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

# A row is written, never only read, by who wants the thing it names; see
# nova_aggext.db.locks.
locks = sa.Table(
    'aggext_locks',
    METADATA,
    sa.Column('name', sa.String(300), primary_key=True),
    sa.Column('generation', sa.BigInteger, nullable=False),
    **_OURS,
)

# The inventory 'registered'.
hosts = sa.Table(
    'aggext_hosts',
    METADATA,
    sa.Column('name', sa.String(255), primary_key=True),
    sa.Column('instances', sa.Integer, nullable=False),
    sa.Column('created_at', sa.DateTime, nullable=False),
    **_OURS,
)

# Who changed what; a row is written in the transaction of its change.
changes = sa.Table(
    'aggext_changes',
    METADATA,
    sa.Column('sequence', _COUNTED, primary_key=True),
    sa.Column('changed_at', _PRECISE, nullable=False),
    sa.Column('request_id', sa.String(64)),
    sa.Column('global_request_id', sa.String(64)),
    sa.Column('user_id', sa.String(255)),
    sa.Column('project_id', sa.String(255)),
    sa.Column('operation', sa.String(64), nullable=False),
    sa.Column('aggregate_id', sa.Integer, nullable=False),
    sa.Column('aggregate_uuid', sa.String(36)),
    sa.Column('host', sa.String(255)),
    sa.Column('before', _STATE, nullable=False),
    sa.Column('after', _STATE, nullable=False),
    sa.Column('change_id', sa.String(36)),
    sa.Column('position', sa.BigInteger),
    sa.Column('aggregate_name', sa.String(255)),
    sa.Index('aggext_changes_aggregate_id_idx', 'aggregate_id'),
    sa.Index('aggext_changes_host_idx', 'host'),
    sa.Index('aggext_changes_changed_at_idx', 'changed_at'),
    sa.Index('aggext_changes_change_id_idx', 'change_id'),
    sa.Index('aggext_changes_position_idx', 'position', 'sequence'),
    sqlite_autoincrement=True,
    **_OURS,
)

# What was asked for by a change that has an id, and answered; its rows in the
# table above have that id.
change_sets = sa.Table(
    'aggext_change_sets',
    METADATA,
    sa.Column('id', sa.String(36), primary_key=True),
    sa.Column('kind', sa.String(16), nullable=False),
    sa.Column('request_digest', sa.String(64), nullable=False),
    sa.Column('digest', sa.String(64), nullable=False),
    sa.Column('reason', sa.String(255)),
    sa.Column('manager', sa.String(63)),
    sa.Column('reverts', sa.String(36)),
    sa.Column('document', _STATE, nullable=False),
    sa.Column('changed_at', _PRECISE, nullable=False),
    sa.Column('user_id', sa.String(255)),
    sa.Column('project_id', sa.String(255)),
    sa.Column('request_id', sa.String(64)),
    sa.Column('global_request_id', sa.String(64)),
    sa.Index('aggext_change_sets_reverts_idx', 'reverts'),
    sa.Index('aggext_change_sets_changed_at_idx', 'changed_at'),
    **_OURS,
)

# How far the feed of changes has come; see nova_aggext.db.feed.
marks = sa.Table(
    'aggext_marks',
    METADATA,
    sa.Column('name', sa.String(64), primary_key=True),
    sa.Column('position', sa.BigInteger, nullable=False),
    **_OURS,
)

# An aggregate as the record of changes told of it up to a row.
seen = sa.Table(
    'aggext_seen',
    METADATA,
    sa.Column(
        'aggregate_id', sa.Integer, primary_key=True, autoincrement=False
    ),
    sa.Column('sequence', sa.BigInteger, nullable=False),
    sa.Column('document', _STATE, nullable=False),
    **_OURS,
)

# What is said of an aggregate beside what Nova knows of it. Nova deletes rows
# of its own past us, so nothing here refers to them.
annotations = sa.Table(
    'aggext_annotations',
    METADATA,
    sa.Column(
        'aggregate_id', sa.Integer, primary_key=True, autoincrement=False
    ),
    sa.Column('description', _unicode(1024)),
    sa.Column('owner', _unicode(255)),
    sa.Column('protected', sa.Boolean, nullable=False),
    sa.Index('aggext_annotations_owner_idx', 'owner'),
    **_OURS,
)

# Who keeps aggregates as a document says; and that document.
managers = sa.Table(
    'aggext_managers',
    METADATA,
    sa.Column('name', sa.String(63), primary_key=True),
    # JSON, as the document is: both may have any character.
    sa.Column('description', sa.Text, nullable=False),
    sa.Column('document', _STATE, nullable=False),
    sa.Column('etag', sa.String(32), nullable=False),
    sa.Column('applied_at', _PRECISE, nullable=False),
    sa.Column('user_id', sa.String(255)),
    sa.Column('project_id', sa.String(255)),
    sa.Column('change_id', sa.String(36)),
    **_OURS,
)

# What they claim of aggregates; see nova_aggext.db.claims.
claims = sa.Table(
    'aggext_claims',
    METADATA,
    sa.Column('manager', sa.String(63), primary_key=True),
    sa.Column(
        'aggregate_id', sa.Integer, primary_key=True, autoincrement=False
    ),
    sa.Column('aggregate_uuid', sa.String(36)),
    sa.Column('name', sa.String(255), nullable=False),
    sa.Column('is_maker', sa.Boolean, nullable=False),
    sa.Column('document', _STATE, nullable=False),
    sa.Index('aggext_claims_aggregate_id_idx', 'aggregate_id'),
    **_OURS,
)

# What the outside still has to be told. The rows of a stream are told one
# after the other; whoever tells them holds the row of the stream.
outbox = sa.Table(
    'aggext_outbox',
    METADATA,
    sa.Column('id', _COUNTED, primary_key=True),
    sa.Column('stream', sa.String(300), nullable=False),
    sa.Column('kind', sa.String(32), nullable=False),
    sa.Column('message_id', sa.String(36), nullable=False),
    sa.Column('created_at', _PRECISE, nullable=False),
    sa.Column('attempts', sa.Integer, nullable=False),
    sa.Column('parked', sa.Boolean, nullable=False),
    sa.Column('error', sa.Text),
    sa.Column('body', _STATE, nullable=False),
    sa.Column('change_id', sa.String(36)),
    sa.Index('aggext_outbox_stream_idx', 'stream', 'parked', 'id'),
    sa.Index('aggext_outbox_change_id_idx', 'change_id'),
    sqlite_autoincrement=True,
    **_OURS,
)

# Streams with rows in the outbox; due_at is in the future while somebody
# holds the stream, or waits before trying again.
streams = sa.Table(
    'aggext_outbox_streams',
    METADATA,
    sa.Column('name', sa.String(300), primary_key=True),
    sa.Column('lane', sa.String(16), nullable=False),
    sa.Column('due_at', _PRECISE, nullable=False),
    sa.Column('owner', sa.String(36)),
    sa.Column('failures', sa.Integer, nullable=False),
    sa.Column('appended', sa.BigInteger, nullable=False),
    sa.Index('aggext_outbox_streams_due_idx', 'lane', 'due_at'),
    **_OURS,
)

NOVA_TABLES = (aggregates, aggregate_hosts, aggregate_metadata)
OWN_TABLES = (
    locks,
    hosts,
    changes,
    change_sets,
    marks,
    seen,
    annotations,
    managers,
    claims,
    outbox,
    streams,
)
