# SPDX-License-Identifier: Apache-2.0
"""``openstack aggregate change create`` and ``revert``."""

import argparse
import json
from typing import Any

from osc_lib import exceptions

from osc_aggext.v1 import files
from osc_aggext.v1 import writing


class CreateChange(writing.Writer):
    """Make the change that a file describes, as a whole or not at all."""

    format_flags = ('--format',)

    def get_parser(self, prog_name: str) -> argparse.ArgumentParser:
        """Take the file."""
        parser = super().get_parser(prog_name)
        files.add(
            parser,
            'JSON as the API takes it, with or without {"change": ...}',
            required=True,
        )
        parser.add_argument(
            '--id',
            metavar='<uuid>',
            help='The id of the change: with the same one it is made once, '
            'however often it is asked for',
        )
        return parser

    def take_action(self, parsed_args: argparse.Namespace) -> None:
        """Make it."""
        change = _read(parsed_args.file)
        self.make(parsed_args, change, change_id=parsed_args.id)


class RevertChange(writing.Writer):
    """Undo a change, if all that it did is still so."""

    def get_parser(self, prog_name: str) -> argparse.ArgumentParser:
        """Take the change."""
        parser = super().get_parser(prog_name)
        parser.add_argument('change', metavar='<change>', help='Its id')
        return parser

    def take_action(self, parsed_args: argparse.Namespace) -> None:
        """Undo it."""
        self.make(parsed_args, {'revert': parsed_args.change})


def _read(name: str) -> Any:
    """Read a change from a file.

    :raises CommandError: when it cannot be read, or is no JSON object
    """
    text = files.read(name)
    try:
        found = json.loads(text, object_pairs_hook=_once)
    except ValueError as error:
        raise exceptions.CommandError(f'{name}: {error}') from error
    if not isinstance(found, dict):
        raise exceptions.CommandError(f'{name}: it is no JSON object')
    if set(found) == {'change'}:
        found = found['change']
    return found


def _once(members: list[tuple[str, Any]]) -> dict[str, Any]:
    found = dict(members)
    if len(found) < len(members):
        raise ValueError('a key comes twice in one object')
    return found
