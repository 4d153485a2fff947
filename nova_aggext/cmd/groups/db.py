# SPDX-License-Identifier: Apache-2.0
"""``db``: our tables."""

import argparse

from nova_aggext.cmd.groups import base
from nova_aggext.cmd.groups import changes
from nova_aggext.db import database as db_database
from nova_aggext.db import migration
from nova_aggext.db import schema
from nova_aggext.hosts import nova_cells


class Sync(base.Command):
    """Make or upgrade our tables.

    Changes that were recorded before there was a feed get their positions.
    """

    def take_action(self, parsed_args: argparse.Namespace) -> None:
        """Make them, unless Nova has to make its own first."""
        database = db_database.Database(self.conf)
        # Nova cannot make its tables any more where some are there.
        if self.conf.aggext.hosts == nova_cells.NAME:
            schema.require_nova_tables(database)
        migration.sync(database)
        changes.number(database)


class Version(base.Command):
    """Show the version of our tables."""

    def take_action(self, parsed_args: argparse.Namespace) -> None:
        """Print it."""
        found = schema.version(db_database.Database(self.conf))
        print(found or 'none', file=self.app.stdout)
