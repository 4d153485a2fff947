# SPDX-License-Identifier: Apache-2.0
"""``openstack aggregate map``."""

import argparse
import datetime
import os
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
from osc_aggext.site import plans as kept_plans
from osc_aggext.v1 import base
from osc_aggext.v1 import files

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
                'Draw a plan on it: what plan --out has kept, or what a dry '
                'run answered as JSON; -: standard input'
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
        try:
            cloud = self._cloud(parsed_args.plan)
        except plans.Unreadable as error:
            name = files.shown(parsed_args.plan)
            raise exceptions.CommandError(f'{name}: {error}') from error
        if parsed_args.format == 'text':
            on_terminal = parsed_args.output is None and sys.stdout.isatty()
            drawn = text.draw(cloud, _style(on_terminal, parsed_args.long))
        else:
            drawn = _DRAWN[parsed_args.format](cloud, self._caption())
        if parsed_args.output is None:
            self.app.stdout.write(drawn)
        else:
            files.write(parsed_args.output, drawn)

    def _cloud(self, plan: str | None) -> model.Cloud:
        """Read the cloud, and a plan into it.

        :raises Unreadable: when it is no plan, or not one of this cloud
        """
        if plan is None:
            return model.read(self.client.aggregates(), self.client.hosts())
        change = self._change(files.read(plan))
        cloud = model.read(self.client.aggregates(), self.client.hosts())
        return plans.draw(cloud, change)

    def _change(self, text: str) -> change_records.Change:
        """Give what a plan does.

        A kept one has no effects, but says which it expects: it is planned
        again, and refused where they would be others.
        """
        try:
            plan = kept_plans.read(text)
        except ValueError:
            return plans.read(text)
        return self.client.plan_manager(plan.manager, plan.document).change

    def _caption(self) -> str:
        """Say which cloud it is, and when it was so."""
        named = getattr(self.app.options, 'cloud', None)
        endpoint = urllib.parse.urlsplit(str(self.client.endpoint_override))
        now = datetime.datetime.now(datetime.UTC)
        return f'{named or endpoint.netloc}, {now:%Y-%m-%d %H:%M} UTC'


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
