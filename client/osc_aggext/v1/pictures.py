# SPDX-License-Identifier: Apache-2.0
"""``openstack aggregate map``."""

import argparse
import datetime
import json
import os
import pathlib
import shutil
import sys
import urllib.parse
from collections.abc import Callable

from osc_lib import exceptions

from osc_aggext.pictures import dot
from osc_aggext.pictures import html
from osc_aggext.pictures import mermaid
from osc_aggext.pictures import model
from osc_aggext.pictures import plans
from osc_aggext.pictures import svg
from osc_aggext.pictures import text
from osc_aggext.sdk import change_records
from osc_aggext.v1 import base

_DRAWN: dict[str, Callable[[model.Cloud, str], str]] = {
    'svg': svg.draw,
    'html': html.draw,
    'mermaid': mermaid.draw,
    'dot': dot.draw,
}


class Map(base.Command):
    """Draw the zones, aggregates and hosts of the cloud.

    Overlaps, dead members, hosts in no aggregate and hosts that are kept for
    projects are seen in each format.
    """

    def get_parser(self, prog_name: str) -> argparse.ArgumentParser:
        """Take the format, where to write, and a plan."""
        parser = super().get_parser(prog_name)
        parser.add_argument(
            '-f',
            '--format',
            choices=['text', *_DRAWN],
            default='text',
            help=(
                'text for a terminal; svg or html for a document of its own; '
                'mermaid or dot as source for these programs (default: text)'
            ),
        )
        parser.add_argument(
            '-o',
            '--output',
            metavar='<file>',
            help='Where to write; without it to the standard output',
        )
        parser.add_argument(
            '--plan',
            metavar='<file>',
            help=(
                'Draw a plan: a file with what a dry run answered as JSON, '
                'or - for the standard input'
            ),
        )
        parser.add_argument(
            '--long',
            action='store_true',
            help='With text: show all hosts, however many lines it takes',
        )
        return parser

    def take_action(self, parsed_args: argparse.Namespace) -> None:
        """Read, draw, write."""
        plan = _plan(parsed_args.plan) if parsed_args.plan else None
        cloud = model.read(self.client.aggregates(), self.client.hosts())
        if plan is not None:
            try:
                cloud = plans.draw(cloud, plan)
            except plans.Unreadable as error:
                raise _no_plan(parsed_args.plan, error) from error
        if parsed_args.format == 'text':
            on_terminal = parsed_args.output is None and sys.stdout.isatty()
            drawn = text.draw(cloud, _style(on_terminal, parsed_args.long))
        else:
            drawn = _DRAWN[parsed_args.format](cloud, self._caption())
        _write(drawn, parsed_args.output)

    def _caption(self) -> str:
        """Say which cloud it is, and when it was so."""
        named = getattr(self.app.options, 'cloud', None)
        endpoint = urllib.parse.urlsplit(str(self.client.endpoint_override))
        now = datetime.datetime.now(datetime.UTC)
        return f'{named or endpoint.netloc}, {now:%Y-%m-%d %H:%M} UTC'


def _plan(file: str) -> change_records.Change:
    try:
        if file == '-':
            read = json.load(sys.stdin)
        else:
            read = json.loads(pathlib.Path(file).read_text('utf-8'))
    except (OSError, ValueError) as error:
        raise _no_plan(file, error) from error
    if not isinstance(read, dict):
        raise _no_plan(file, 'it is no JSON object')
    try:
        return plans.read(read)
    except plans.Unreadable as error:
        raise _no_plan(file, error) from error


def _no_plan(file: str, why: object) -> exceptions.CommandError:
    return exceptions.CommandError(f'{file} cannot be read as a plan: {why}')


def _style(on_terminal: bool, whole: bool) -> text.Style:
    """Find out what the reader's terminal can show.

    Where there is none, each aggregate has one line.
    """
    encoding = getattr(sys.stdout, 'encoding', None) or 'utf-8'
    ascii = not encoding.lower().startswith('utf')
    if not on_terminal:
        return text.Style(width=None, ascii=ascii, whole=True)
    dull = 'NO_COLOR' in os.environ or os.environ.get('TERM') == 'dumb'
    return text.Style(
        width=shutil.get_terminal_size().columns,
        colour=not dull,
        ascii=ascii,
        whole=whole,
    )


def _write(drawn: str, file: str | None) -> None:
    if file is None:
        sys.stdout.write(drawn)
        return
    try:
        pathlib.Path(file).write_text(drawn, 'utf-8')
    except OSError as error:
        raise exceptions.CommandError(
            f'{file} cannot be written: {error.strerror}'
        ) from error
