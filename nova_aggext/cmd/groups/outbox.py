# SPDX-License-Identifier: Apache-2.0
"""``outbox``: what is still to be told, and what was parked."""

import argparse
import sys
from collections.abc import Callable
from collections.abc import Sequence

from oslo_config import cfg

from nova_aggext.cmd import output
from nova_aggext.db import database as db_database
from nova_aggext.db import schema
from nova_aggext.db import outbox

COLUMNS = (
    'id',
    'created_at',
    'stream',
    'kind',
    'message_id',
    'attempts',
    'parked',
    'error',
)

Change = Callable[[db_database.Session, Sequence[int]], list[int]]


def add(parser: argparse.ArgumentParser) -> None:
    """Declare the commands."""
    commands = parser.add_subparsers(required=True, metavar='COMMAND')
    show = commands.add_parser('list', help='show messages, the oldest first')
    show.add_argument(
        '--limit',
        type=int,
        default=1000,
        metavar='N',
        help='no more than this (%(default)s)',
    )
    show.add_argument(
        '--parked',
        action='store_true',
        help='only those that were refused too often',
    )
    output.add_format(show)
    show.set_defaults(run=_list)
    retry = commands.add_parser('retry', help='try messages again now')
    _add_ids(retry)
    retry.set_defaults(
        run=lambda args, conf: _change(args, conf, outbox.retry)
    )
    drop = commands.add_parser('drop', help='forget messages untold')
    _add_ids(drop)
    drop.set_defaults(run=lambda args, conf: _change(args, conf, outbox.drop))


def _add_ids(parser: argparse.ArgumentParser) -> None:
    parser.add_argument('ids', type=int, nargs='+', metavar='ID')


def _database(conf: cfg.ConfigOpts) -> db_database.Database:
    database = db_database.Database(conf)
    schema.require_current(database)
    return database


def _list(args: argparse.Namespace, conf: cfg.ConfigOpts) -> int:
    found = _database(conf).read(
        lambda session: outbox.select(session, args.limit, parked=args.parked)
    )
    rows = [
        [
            message.created_at.isoformat(timespec='microseconds')
            if name == 'created_at'
            else getattr(message, name)
            for name in COLUMNS
        ]
        for message in found
    ]
    print(output.render(COLUMNS, rows, args.format))
    return 0


def _change(
    args: argparse.Namespace, conf: cfg.ConfigOpts, change: Change
) -> int:
    found = _database(conf).write(lambda session: change(session, args.ids))
    missing = sorted(set(args.ids) - set(found))
    for message_id in missing:
        print(f'There is no message {message_id}.', file=sys.stderr)
    return 1 if missing else 0
