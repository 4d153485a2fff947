# SPDX-License-Identifier: Apache-2.0
"""``db``: our tables."""

import argparse

from oslo_config import cfg

from nova_aggext.db import database as db_database
from nova_aggext.db import migration
from nova_aggext.db import schema


def add(parser: argparse.ArgumentParser) -> None:
    """Declare the commands."""
    commands = parser.add_subparsers(required=True, metavar='COMMAND')
    sync = commands.add_parser('sync', help='make or upgrade our tables')
    sync.set_defaults(run=_sync)
    version = commands.add_parser('version', help='show their version')
    version.set_defaults(run=_version)


def _sync(_args: argparse.Namespace, conf: cfg.ConfigOpts) -> int:
    migration.sync(db_database.Database(conf))
    return 0


def _version(_args: argparse.Namespace, conf: cfg.ConfigOpts) -> int:
    print(schema.version(db_database.Database(conf)) or 'none')
    return 0
