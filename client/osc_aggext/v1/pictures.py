# SPDX-License-Identifier: Apache-2.0
"""``openstack aggregate map``."""

import argparse
import dataclasses
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

_FILED = text.Style(width=None, whole=True)


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
            to_file = parsed_args.output is not None
            style = _FILED if to_file else _style(parsed_args.long)
            drawn = text.draw(cloud, style)
        else:
            drawn = _DRAWN[parsed_args.format](cloud, self._caption())
        if parsed_args.output is not None:
            files.write(parsed_args.output, drawn)
        else:
            _print(drawn)

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


def _style(whole: bool) -> text.Style:
    """Find out what the standard output can show.

    Where it is no terminal, each aggregate has one line.
    """
    encoding = getattr(sys.stdout, 'encoding', None) or 'utf-8'
    ascii = not encoding.lower().startswith('utf')
    if not sys.stdout.isatty():
        return dataclasses.replace(_FILED, ascii=ascii)
    dull = 'NO_COLOR' in os.environ or os.environ.get('TERM') == 'dumb'
    return text.Style(
        width=shutil.get_terminal_size().columns,
        colour=not dull,
        ascii=ascii,
        whole=whole,
    )


def _print(drawn: str) -> None:
    """Print in UTF-8, which documents say they have, whatever others do."""
    raw = getattr(sys.stdout, 'buffer', None)
    if raw is None:
        sys.stdout.write(drawn)
        return
    sys.stdout.flush()
    raw.write(drawn.encode())
    raw.flush()
