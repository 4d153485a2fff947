# SPDX-License-Identifier: Apache-2.0
"""``changes``: who changed what."""

import argparse
import datetime
import itertools
import json
from collections.abc import Iterator

from nova_aggext import exception
from nova_aggext.cmd import console
from nova_aggext.cmd import progress
from nova_aggext.cmd import values
from nova_aggext.cmd.groups import base
from nova_aggext.cmd.groups import pages
from nova_aggext.db import changes
from nova_aggext.db import database as db_database
from nova_aggext.db import entries as db_entries
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
    'change_id',
    'position',
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
        order = parser.add_mutually_exclusive_group()
        order.add_argument(
            '--after',
            type=values.number(0, values.MAX_BIG_INTEGER),
            metavar='POSITION',
            help='those that follow this position in the feed',
        )
        order.add_argument(
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
        database, filters = self.database(), _filters(args)
        if args.reverse:
            found = _newest(database, filters)
        else:
            found = _following(database, args.after, filters)
        rows = (row for entry in found for row in entry.rows)
        if args.limit is not None:
            return itertools.islice(rows, args.limit)
        return self._cut(rows) if whole else rows

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


def _filters(args: argparse.Namespace) -> db_entries.Filters:
    given = {'aggregate_id': args.aggregate, 'host': args.host}
    each = tuple(
        db_entries.Filter(name, frozenset([value]))
        for name, value in given.items()
        if value is not None
    )
    return db_entries.Filters(each, args.since, args.until)


def _following(
    database: db_database.Database,
    after: int | None,
    filters: db_entries.Filters,
) -> Iterator[db_entries.Entry]:
    """Give changes by their positions, read some at a time.

    :param after: the position to go on after; None to begin with the oldest
    :raises ChangesForgotten: when one was forgotten that would be next
    """
    place = after

    def read(session: db_database.Session) -> db_entries.Page:
        oldest = feed.oldest(session)
        if place is not None and place < oldest:
            raise exception.ChangesForgotten(after=place, oldest=oldest)
        start = oldest if place is None else place
        return db_entries.page(session, start, pages.SIZE, filters)

    while (page := feed.read(database, read)).entries:
        yield from page.entries
        place = page.position


def _newest(
    database: db_database.Database, filters: db_entries.Filters
) -> Iterator[db_entries.Entry]:
    """Give changes, the newest first, read some at a time."""
    last: db_entries.Place | None = None

    def read(session: db_database.Session) -> tuple[db_entries.Entry, ...]:
        return db_entries.newest(session, last, pages.SIZE, filters)

    while found := feed.read(database, read):
        yield from found
        last = found[-1].place


def number(database: db_database.Database) -> None:
    """Give positions to changes that have none, some at a time.

    Where all have one nothing is written, not even a lock.
    """
    with progress.bar('positions') as bar:
        while database.ask(feed.is_behind):
            bar.update(database.write(feed.number))


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
