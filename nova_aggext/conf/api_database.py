# SPDX-License-Identifier: Apache-2.0
"""Options of the group ``api_database``: Nova's API database."""

from oslo_config import cfg

GROUP = 'api_database'

OPTS: list[cfg.Opt] = [
    cfg.StrOpt(
        'connection',
        secret=True,
        help="""
SQLAlchemy URL of the database of the aggregates: Nova's API database, or one
of our own for a standalone server.
""",
    ),
    cfg.StrOpt(
        'connection_parameters',
        default='',
        help='Parameters appended to the URL, as ``one=1&other=2``.',
    ),
    cfg.StrOpt(
        'slave_connection',
        secret=True,
        help="""
SQLAlchemy URL of a read replica. As in Nova, no call on aggregates uses it,
unless ``[aggext] list_from_replica`` is set; then lists use it while it works.
""",
    ),
    cfg.BoolOpt(
        'sqlite_synchronous',
        default=True,
        help='Whether SQLite waits until a commit is on the disk.',
    ),
    cfg.StrOpt(
        'mysql_sql_mode',
        default='TRADITIONAL',
        help='SQL mode of MySQL sessions. Empty: the server decides.',
    ),
    cfg.IntOpt(
        'mysql_wsrep_sync_wait',
        help="""
For a Galera cluster: value of ``wsrep_sync_wait`` in each session. With 7 a
node waits, before it reads, until it has what the other nodes committed.
Without it a node may answer 404 or 409 by a state that is just over.
""",
    ),
    cfg.IntOpt(
        'connection_recycle_time',
        default=3600,
        help='Seconds after which a pooled connection is replaced.',
    ),
    cfg.IntOpt(
        'max_pool_size',
        default=5,
        help="""
Connections kept open in a pool. 0: no limit. Questions outside of
transactions have a pool of their own on MySQL and PostgreSQL, of the same
size. No request uses both at the same time.
""",
    ),
    cfg.IntOpt(
        'max_overflow',
        default=50,
        help='Connections opened beyond the pool when it is used up.',
    ),
    cfg.IntOpt(
        'pool_timeout',
        help='Seconds a request waits for a connection of the pool.',
    ),
    cfg.IntOpt(
        'max_retries',
        default=10,
        help="""
Attempts to connect when a process starts. -1: no limit. Later no request waits
for the database to come back.
""",
    ),
    cfg.IntOpt(
        'retry_interval',
        default=10,
        help='Seconds between two attempts to connect.',
    ),
    cfg.IntOpt(
        'connection_debug',
        default=0,
        min=0,
        max=100,
        help='Verbosity of SQL in the log: 0 nothing, 100 everything.',
    ),
    cfg.BoolOpt(
        'connection_trace',
        default=False,
        help='Add Python stack traces to SQL as comments.',
    ),
]
