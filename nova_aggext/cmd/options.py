# SPDX-License-Identifier: Apache-2.0
"""What the command lines have in common."""

import argparse
import os
from typing import Any

from nova_aggext import conf as aggext_conf
from nova_aggext import version
from nova_aggext.cmd import dev

# Options of oslo.log that command lines have, where they have a value.
_LOG_VALUES = {
    'log_file': 'log to this file',
    'log_dir': 'log to a file in this folder',
    'log_config_append': 'take the log from this file of logging.config',
}
_LOG_SWITCHES = {
    'debug': 'log debugging messages',
    'use_syslog': 'log to syslog',
    'use_journal': 'log to the journal of systemd',
    'use_json': 'log in JSON',
}


class _ConfigFile(argparse.Action):
    """Takes one more file, in the order in which they are read."""

    def __call__(
        self,
        parser: argparse.ArgumentParser,
        namespace: argparse.Namespace,
        values: Any,
        option_string: str | None = None,
    ) -> None:
        if namespace.config_dir:
            parser.error('--config-file must stand before --config-dir')
        namespace.config_file = [*namespace.config_file, values]


def add_configuration(parser: argparse.ArgumentParser, lab: str) -> None:
    """Let a command be told its configuration, or asked for its version.

    :param lab: what ``--dev`` does
    """
    parser.add_argument(
        '--config-file',
        action=_ConfigFile,
        default=[],
        metavar='FILE',
        help='configuration file; later ones win',
    )
    parser.add_argument(
        '--config-dir',
        action='append',
        default=[],
        metavar='DIR',
        help='directory of files *.conf, which win over --config-file, in '
        'the place of nova.conf.d',
    )
    parser.add_argument('--dev', action='store_true', help=lab)
    parser.add_argument(
        '--version',
        action='version',
        version=f'{parser.prog} {version.release()}',
    )


def add_log(parser: argparse.ArgumentParser) -> None:
    """Let a server be told how to log, as any of OpenStack."""
    group = parser.add_argument_group('log', 'these win over [DEFAULT]')
    for name, text in _LOG_VALUES.items():
        group.add_argument(_option(name), metavar='PATH', help=text)
    for name, text in _LOG_SWITCHES.items():
        group.add_argument(
            _option(name), action='store_true', default=None, help=text
        )


def log(args: argparse.Namespace) -> dict[str, object]:
    """Give the options of oslo.log that a command line has."""
    named = {
        name: getattr(args, name) for name in (*_LOG_VALUES, *_LOG_SWITCHES)
    }
    return {name: value for name, value in named.items() if value is not None}


def sources(args: argparse.Namespace) -> aggext_conf.Sources:
    """Give the configuration of a command, making the lab for --dev."""
    if args.dev:
        return dev.prepare()
    return aggext_conf.find(os.environ, args.config_file, args.config_dir)


def _option(name: str) -> str:
    return '--' + name.replace('_', '-')
