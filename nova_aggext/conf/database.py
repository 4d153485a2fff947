# SPDX-License-Identifier: Apache-2.0
"""Options of the group ``database``: of Nova's cell databases."""

from oslo_config import cfg

GROUP = 'database'

OPTS: list[cfg.Opt] = [
    cfg.StrOpt(
        'connection',
        secret=True,
        help="""
SQLAlchemy URL whose parts fill cell mappings that are templates, such as
``{scheme}://{username}:{password}@{hostname}/nova_cell1``. Not connected to.
""",
    ),
]
