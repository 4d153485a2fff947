# SPDX-License-Identifier: Apache-2.0
"""Files that commands read and write."""

import argparse
import pathlib
import sys

from osc_lib import exceptions

STDIN = '-'


def add(parser: argparse.ArgumentParser, what: str, *, required: bool) -> None:
    """Let the user name a file."""
    parser.add_argument(
        '-f',
        '--file',
        metavar='<file>',
        required=required,
        help=f'{what}; -: standard input',
    )


def shown(name: str) -> str:
    """Give the name of a file as it is told."""
    return '<stdin>' if name == STDIN else name


def read(name: str) -> str:
    """Read a file.

    :raises CommandError: when it cannot be read
    """
    try:
        if name == STDIN:
            return sys.stdin.read()
        # A byte order mark is no part of the text.
        return pathlib.Path(name).read_text(encoding='utf-8-sig')
    except OSError as error:
        raise exceptions.CommandError(f'{name}: {error.strerror}') from error
    except UnicodeDecodeError as error:
        raise exceptions.CommandError(f'{name}: it is not UTF-8') from error


def write(name: str, text: str) -> None:
    """Write a file.

    :raises CommandError: when it cannot be written
    """
    try:
        pathlib.Path(name).write_text(text, encoding='utf-8')
    except OSError as error:
        raise exceptions.CommandError(f'{name}: {error.strerror}') from error
