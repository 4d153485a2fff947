# SPDX-License-Identifier: Apache-2.0
"""What the command lines have in common."""

import argparse
import os

from nova_aggext import conf as aggext_conf
from nova_aggext.cmd import dev


def add_configuration(parser: argparse.ArgumentParser, lab: str) -> None:
    """Let a command be told its configuration.

    :param lab: what ``--dev`` does
    """
    parser.add_argument(
        '--config-file',
        action='append',
        metavar='FILE',
        help='configuration file; later ones win',
    )
    parser.add_argument('--dev', action='store_true', help=lab)


def files(args: argparse.Namespace) -> list[str]:
    """Give the configuration files of a command, making the lab for --dev."""
    if args.dev:
        return dev.prepare()
    return args.config_file or aggext_conf.find_files(os.environ)
