# SPDX-License-Identifier: Apache-2.0
"""nova-aggext-status: is everything in place?

Exit status of ``upgrade check``: 0 all is right, 1 there is a warning, 2 a
check failed; of ``paste check``: 0 all is right, 1 something is wrong. Wrong
usage of either: 2.
"""

import argparse
import logging
import pathlib
from collections.abc import Sequence

from oslo_config import cfg

from nova_aggext import conf as aggext_conf
from nova_aggext import deploy
from nova_aggext import exception
from nova_aggext.cmd import console
from nova_aggext.cmd import options
from nova_aggext.cmd import output
from nova_aggext.cmd import paste_check
from nova_aggext.cmd import process
from nova_aggext.cmd import upgrade_check

NAME = 'nova-aggext-status'


def main(arguments: Sequence[str] | None = None) -> int:
    """Run one check."""
    args = _parser().parse_args(arguments)
    return console.guarded(NAME, lambda: _check(args), debug=args.debug)


def _check(args: argparse.Namespace) -> int:
    try:
        status: int = args.run(args, options.sources(args))
    except (exception.AggextException, cfg.Error) as error:
        console.say(NAME, str(error))
        return int(args.failure)
    return status


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog=NAME, description='Check an installation.'
    )
    options.add_configuration(parser, 'check the lab of --dev')
    parser.add_argument(
        '--debug', action='store_true', help='show where an error came from'
    )
    groups = parser.add_subparsers(required=True, metavar='GROUP')
    upgrade = groups.add_parser('upgrade', help='all that a server needs')
    commands = upgrade.add_subparsers(required=True, metavar='COMMAND')
    check = commands.add_parser('check', help='check them')
    check.set_defaults(run=_upgrade_check, failure=2)
    paste = groups.add_parser('paste', help='where the filter is loaded')
    commands = paste.add_subparsers(required=True, metavar='COMMAND')
    check = commands.add_parser('check', help='look into a paste file')
    check.add_argument('file', nargs='?', type=pathlib.Path, metavar='FILE')
    output.add_format(check)
    check.set_defaults(run=_paste_check, failure=1)
    return parser


def _upgrade_check(
    args: argparse.Namespace, sources: aggext_conf.Sources
) -> int:
    aggext_conf.load(*sources)
    process.do_without_eventlet()
    # The table says what is wrong; what libraries log of it is noise.
    logging.basicConfig(handlers=[logging.NullHandler()])
    return int(upgrade_check.Checks(*sources).check())


def _paste_check(
    args: argparse.Namespace, sources: aggext_conf.Sources
) -> int:
    conf = aggext_conf.load(*sources)
    path = args.file or deploy.find_paste_file(conf)
    found = paste_check.check(path, conf.api.auth_strategy)
    rows = [(one.pipeline, one.state) for one in found]
    print(output.render(('pipeline', 'filter'), rows, args.format))
    return 0 if paste_check.is_right(found) else 1
