# SPDX-License-Identifier: Apache-2.0
"""``changes``: who changed what."""

import argparse
import datetime
import json
from typing import Any

from oslo_config import cfg

from nova_aggext.cmd import output
from nova_aggext.db import changes
from nova_aggext.db import database as db_database
from nova_aggext.db import schema

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


def add(parser: argparse.ArgumentParser) -> None:
    """Declare the commands."""
    commands = parser.add_subparsers(required=True, metavar='COMMAND')
    show = commands.add_parser('list', help='show changes, the oldest first')
    show.add_argument(
        '--aggregate', type=int, metavar='ID', help='of this aggregate'
    )
    show.add_argument(
        '--host', metavar='NAME', help='of the memberships of this host'
    )
    show.add_argument(
        '--since',
        type=_moment,
        metavar='TIME',
        help='not before this time, in ISO 8601; UTC without an offset',
    )
    output.add_format(show)
    show.set_defaults(run=_list)
    purge = commands.add_parser(
        'purge', help='forget those past [aggext] change_retention_days'
    )
    purge.set_defaults(run=_purge)


def _moment(text: str) -> datetime.datetime:
    moment = datetime.datetime.fromisoformat(text)
    if moment.tzinfo is None:
        return moment
    return moment.astimezone(datetime.UTC).replace(tzinfo=None)


def _database(conf: cfg.ConfigOpts) -> db_database.Database:
    database = db_database.Database(conf)
    schema.require_current(database)
    return database


def _list(args: argparse.Namespace, conf: cfg.ConfigOpts) -> int:
    filters = changes.Filters(args.aggregate, args.host, args.since)
    found = _database(conf).read(
        lambda session: changes.select(session, filters)
    )
    rows = [_row(change, args.format) for change in found]
    print(output.render(COLUMNS, rows, args.format))
    return 0


def _row(change: changes.Change, form: str) -> list[Any]:
    values = {name: getattr(change, name) for name in COLUMNS}
    values['changed_at'] = change.changed_at.isoformat(timespec='microseconds')
    if form != 'json':
        values['before'] = json.dumps(change.before)
        values['after'] = json.dumps(change.after)
    return list(values.values())


def _purge(_args: argparse.Namespace, conf: cfg.ConfigOpts) -> int:
    days = conf.aggext.change_retention_days
    if days:
        now = datetime.datetime.now(datetime.UTC).replace(tzinfo=None)
        limit = now - datetime.timedelta(days=days)
        database = _database(conf)
        while database.write(lambda s: changes.delete_older(s, limit)):
            pass
    return 0
