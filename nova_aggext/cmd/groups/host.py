# SPDX-License-Identifier: Apache-2.0
"""``host``: the inventory 'registered'."""

import argparse
import sys

from oslo_config import cfg

from nova_aggext.cmd import output
from nova_aggext.db import database as db_database
from nova_aggext.db import schema
from nova_aggext.hosts import registered


def add(parser: argparse.ArgumentParser) -> None:
    """Declare the commands."""
    commands = parser.add_subparsers(required=True, metavar='COMMAND')
    put = commands.add_parser(
        'add', help='register hosts, or change their number of instances'
    )
    put.add_argument('name', nargs='+')
    put.add_argument('--instances', type=_number, default=0, metavar='N')
    put.set_defaults(run=_add)
    remove = commands.add_parser('remove', help='forget hosts')
    remove.add_argument('name', nargs='+')
    remove.set_defaults(run=_remove)
    show = commands.add_parser('list', help='show registered hosts')
    output.add_format(show)
    show.set_defaults(run=_list)


def _number(text: str) -> int:
    number = int(text)
    if number < 0:
        raise argparse.ArgumentTypeError('must not be negative')
    return number


def _inventory(conf: cfg.ConfigOpts) -> registered.RegisteredHosts:
    database = db_database.Database(conf)
    schema.require_current(database)
    return registered.RegisteredHosts(conf, database)


def _add(args: argparse.Namespace, conf: cfg.ConfigOpts) -> int:
    _inventory(conf).add_host(*args.name, instances=args.instances)
    if conf.aggext.hosts != registered.NAME:
        print(
            'Registered hosts do not count: [aggext] hosts is '
            f'{conf.aggext.hosts!r}.',
            file=sys.stderr,
        )
    return 0


def _remove(args: argparse.Namespace, conf: cfg.ConfigOpts) -> int:
    _inventory(conf).remove_host(*args.name)
    return 0


def _list(args: argparse.Namespace, conf: cfg.ConfigOpts) -> int:
    rows = list(_inventory(conf).list_hosts().items())
    print(output.render(('name', 'instances'), rows, args.format))
    return 0
