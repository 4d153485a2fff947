# SPDX-License-Identifier: Apache-2.0
"""nova-aggext-manage: tables, registered hosts, changes, outbox.

Exit status: 0 done, 1 something is wrong, 2 wrong usage.
"""

import argparse
import sys
from collections.abc import Sequence

from oslo_config import cfg

from nova_aggext import conf as aggext_conf
from nova_aggext import exception
from nova_aggext.cmd import dev
from nova_aggext.cmd import options
from nova_aggext.cmd.groups import audit
from nova_aggext.cmd.groups import changes
from nova_aggext.cmd.groups import db
from nova_aggext.cmd.groups import host
from nova_aggext.cmd.groups import outbox


def main(arguments: Sequence[str] | None = None) -> int:
    """Run one command."""
    args = _parser().parse_args(arguments)
    try:
        status: int = args.run(args, aggext_conf.load(options.files(args)))
    except (exception.AggextException, cfg.Error) as error:
        print(f'nova-aggext-manage: {error}', file=sys.stderr)
        return 1
    return status


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog='nova-aggext-manage', description='Manage nova-aggext.'
    )
    options.add_configuration(parser, f'work on ./{dev.FOLDER}')
    groups = parser.add_subparsers(required=True, metavar='GROUP')
    db.add(groups.add_parser('db', help='our tables'))
    host.add(groups.add_parser('host', help="the inventory 'registered'"))
    changes.add(groups.add_parser('changes', help='who changed what'))
    audit.add(groups.add_parser('audit', help='what should not be'))
    outbox.add(groups.add_parser('outbox', help='what is still to be told'))
    return parser
