# SPDX-License-Identifier: Apache-2.0
"""What all commands have in common that change something."""

import argparse
import json
from typing import Any

import yaml

from osc_aggext.console import effects
from osc_aggext.sdk import change_records
from osc_aggext.sdk import requests
from osc_aggext.v1 import base

FORMATS = ('text', 'json', 'yaml')


class Shower(base.Command):
    """A command that shows a change."""

    def show(
        self,
        parsed_args: argparse.Namespace,
        change: change_records.Change,
        notes: effects.Notes | None = None,
    ) -> None:
        """Print a change: for people, or as the server gave it.

        :param notes: remarks on rows
        """
        if parsed_args.format == 'text':
            for line in effects.lines(change, notes):
                self.write(line)
            self.write(effects.summary(change))
        else:
            self.write(document(parsed_args.format, change.document))

    def write(self, line: str) -> None:
        """Print a line."""
        print(line, file=self.app.stdout)


class Writer(Shower):
    """A command that makes a change, or plans it.

    :cvar format_flags: how its option of the format is spelled
    """

    writes = True
    format_flags: tuple[str, ...] = ('-f', '--format')

    def get_parser(self, prog_name: str) -> argparse.ArgumentParser:
        """Take what all of them take."""
        parser = super().get_parser(prog_name)
        add_record(parser)
        add_format(parser, *self.format_flags)
        return parser

    def make(
        self,
        parsed_args: argparse.Namespace,
        change: requests.Change,
        change_id: str | None = None,
    ) -> None:
        """Make a change, or plan it, as was asked; and show it."""
        if parsed_args.reason is not None:
            change['reason'] = parsed_args.reason
        if parsed_args.dry_run:
            made = self.client.plan_change(change)
        else:
            made = self.client.make_change(change, change_id=change_id)
        self.show(parsed_args, made)


def add_record(parser: argparse.ArgumentParser) -> None:
    """Let the user plan only, or say why."""
    parser.add_argument(
        '--dry-run',
        action='store_true',
        help='Only show what would be changed, or why it would be refused',
    )
    parser.add_argument(
        '--reason',
        metavar='<reason>',
        help='Why, in one line, for the record of changes',
    )


def add_format(parser: argparse.ArgumentParser, *flags: str) -> None:
    """Let the user choose how a change is shown."""
    parser.add_argument(
        *flags,
        dest='format',
        choices=FORMATS,
        default='text',
        help='text for people, or the whole answer for programs',
    )


def document(chosen: str, shown: Any) -> str:
    """Write what the server gave for programs."""
    if chosen == 'json':
        return json.dumps(shown, indent=2, ensure_ascii=False)
    text: str = yaml.safe_dump(shown, sort_keys=False, allow_unicode=True)
    return text.rstrip('\n')
