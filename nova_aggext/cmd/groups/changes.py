# SPDX-License-Identifier: Apache-2.0
"""``changes``: who changed what."""

import argparse
import datetime
import itertools
import json
from collections.abc import Iterator

from nova_aggext.cmd import console
from nova_aggext.cmd import progress
from nova_aggext.cmd import values
from nova_aggext.cmd.groups import base
from nova_aggext.cmd.groups import pages
from nova_aggext.db import changes
from nova_aggext.db import database as db_database
from nova_aggext.db import feed

COLUMNS = (
    'sequence',
    'changed_at',
    'user_id',
    'project_id',
    'request_id',
    'global_request_id',
    'operation',
    'aggregate_id',
    'aggregate_uuid',
    'host',
    'before',
    'after',
)
# The other forms are written as they are read, or hold it as objects.
WHOLE = ('table', 'yaml')
OBJECTS = ('json', 'yaml')
# Rows of a form that has to be held as a whole.
LIMIT = 1000


class List(base.Lister):
    """Show changes, the oldest first.

    All of them as JSON, CSV or values; no more than 1000 in the other forms,
    unless told otherwise.
    """

    columns = COLUMNS
    short = ('changed_at', 'user_id', 'operation', 'aggregate_id', 'host')

    def get_parser(self, prog_name: str) -> argparse.ArgumentParser:
        """Take filters."""
        parser = super().get_parser(prog_name)
        _add_filters(parser)
        parser.add_argument(
            '--limit',
            type=values.number(1, values.MAX_BIG_INTEGER),
            metavar='N',
            help='no more than this',
        )
        parser.add_argument(
            '--reverse', action='store_true', help='the newest first'
        )
        return parser

    def take_action(self, parsed_args: argparse.Namespace) -> base.Listed:
        """Read them, some at a time."""
        form = parsed_args.formatter
        found = self._found(parsed_args, form in WHOLE)
        return self.columns, (
            _row(change, form in OBJECTS) for change in found
        )

    def _found(
        self, args: argparse.Namespace, whole: bool
    ) -> Iterator[changes.Change]:
        database = self.database()
        filters = changes.Filters(
            args.aggregate, args.host, args.since, args.until
        )

        def read(
            last: changes.Change | None, size: int
        ) -> list[changes.Change]:
            after = None if last is None else last.sequence
            page = changes.Page(after, size, newest_first=args.reverse)
            return database.read(
                lambda session: changes.select(session, filters, page)
            )

        found = pages.through(read, args.limit)
        return self._cut(found) if whole and args.limit is None else found

    def _cut(
        self, found: Iterator[changes.Change]
    ) -> Iterator[changes.Change]:
        yield from itertools.islice(found, LIMIT)
        if next(found, None) is not None:
            console.say(
                self.app.NAME, f'There are more than {LIMIT}; see --limit.'
            )


class Purge(base.Command):
    """Forget those past [aggext] change_retention_days."""

    def take_action(self, parsed_args: argparse.Namespace) -> None:
        """Forget them, some at a time."""
        days = self.conf.aggext.change_retention_days
        if not days:
            return
        now = datetime.datetime.now(datetime.UTC).replace(tzinfo=None)
        limit = now - datetime.timedelta(days=days)
        database = self.database()
        number(database)
        with progress.bar('changes') as bar:
            while gone := database.write(lambda s: feed.forget(s, limit)):
                bar.update(gone)


def number(database: db_database.Database) -> None:
    """Give positions to changes that have none, some at a time."""
    with progress.bar('positions') as bar:
        while numbered := database.write(feed.number):
            bar.update(numbered)


def _add_filters(parser: argparse.ArgumentParser) -> None:
    parser.add_argument(
        '--aggregate',
        type=values.number(1, values.MAX_INTEGER),
        metavar='ID',
        help='of this aggregate',
    )
    parser.add_argument(
        '--host',
        type=values.name,
        metavar='NAME',
        help='of the memberships of this host',
    )
    when = 'this time, in ISO 8601; UTC without an offset'
    for name, text in (('--since', 'not before'), ('--until', 'before')):
        parser.add_argument(
            name, type=values.moment, metavar='TIME', help=f'{text} {when}'
        )


def _row(change: changes.Change, objects: bool) -> base.Row:
    row = {name: getattr(change, name) for name in COLUMNS}
    row['changed_at'] = change.changed_at.isoformat(timespec='microseconds')
    if not objects:
        row['before'] = json.dumps(change.before)
        row['after'] = json.dumps(change.after)
    return list(row.values())
