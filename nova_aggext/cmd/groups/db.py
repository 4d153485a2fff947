# SPDX-License-Identifier: Apache-2.0
"""``db``: our tables."""

import argparse

from oslo_config import cfg

from nova_aggext.db import database as db_database
from nova_aggext.db import migration
from nova_aggext.db import schema
from nova_aggext.hosts import nova_cells


def add(parser: argparse.ArgumentParser) -> None:
    """Declare the commands."""
    commands = parser.add_subparsers(required=True, metavar='COMMAND')
    sync = commands.add_parser('sync', help='make or upgrade our tables')
    sync.set_defaults(run=_sync)
    version = commands.add_parser('version', help='show their version')
    version.set_defaults(run=_version)


def _sync(_args: argparse.Namespace, conf: cfg.ConfigOpts) -> int:
    database = db_database.Database(conf)
    # Nova cannot make its tables any more where some are there.
    if conf.aggext.hosts == nova_cells.NAME:
        schema.require_nova_tables(database)
    migration.sync(database)
    return 0


def _version(_args: argparse.Namespace, conf: cfg.ConfigOpts) -> int:
    print(schema.version(db_database.Database(conf)) or 'none')
    return 0
