# SPDX-License-Identifier: Apache-2.0
"""nova-aggext-status: is everything in place?

Exit status: 0 all is right, 1 something is wrong, 2 wrong usage.
"""

import argparse
import pathlib
import sys
from collections.abc import Sequence

from oslo_config import cfg

from nova_aggext import conf as aggext_conf
from nova_aggext import deploy
from nova_aggext import exception
from nova_aggext.cmd import options
from nova_aggext.cmd import output
from nova_aggext.cmd import paste_check
from nova_aggext.cmd import upgrade_check


def main(arguments: Sequence[str] | None = None) -> int:
    """Run one check."""
    args = _parser().parse_args(arguments)
    try:
        files = options.files(args)
        right: bool = args.run(args, aggext_conf.load(files), files)
    except (exception.AggextException, cfg.Error) as error:
        print(f'nova-aggext-status: {error}', file=sys.stderr)
        return 1
    return 0 if right else 1


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog='nova-aggext-status', description='Check an installation.'
    )
    options.add_configuration(parser, 'check the lab of --dev')
    groups = parser.add_subparsers(required=True, metavar='GROUP')
    upgrade = groups.add_parser('upgrade', help='tables, cells and policy')
    commands = upgrade.add_subparsers(required=True, metavar='COMMAND')
    check = commands.add_parser('check', help='check them')
    check.set_defaults(run=_upgrade_check)
    paste = groups.add_parser('paste', help='where the filter is loaded')
    commands = paste.add_subparsers(required=True, metavar='COMMAND')
    check = commands.add_parser('check', help='look into a paste file')
    check.add_argument('file', nargs='?', type=pathlib.Path, metavar='FILE')
    output.add_format(check)
    check.set_defaults(run=_paste_check)
    return parser


def _upgrade_check(
    args: argparse.Namespace, conf: cfg.ConfigOpts, files: list[str]
) -> bool:
    return upgrade_check.Checks(conf).check() == upgrade_check.SUCCESS


def _paste_check(
    args: argparse.Namespace, conf: cfg.ConfigOpts, files: list[str]
) -> bool:
    path = args.file or deploy.find_paste_file(conf, files)
    found = paste_check.check(path, conf.api.auth_strategy)
    rows = [(one.pipeline, one.state) for one in found]
    print(output.render(('pipeline', 'filter'), rows, args.format))
    return paste_check.is_right(found)
