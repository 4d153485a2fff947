# SPDX-License-Identifier: Apache-2.0
"""``openstack aggregate change``, but for what makes one."""

import argparse
import contextlib
import itertools
from collections.abc import Iterable
from collections.abc import Iterator
from collections.abc import Sequence
from typing import Any, TextIO

from osc_lib import exceptions

from osc_aggext.console import effects
from osc_aggext.console import progress
from osc_aggext.sdk import change_records
from osc_aggext.sdk import errors
from osc_aggext.sdk import queries
from osc_aggext.v1 import base
from osc_aggext.v1 import references

_NAMES = ('Position', 'Changed At', 'Kind', 'User', 'Effects', 'Reason')
_LONG = (*_NAMES, 'ID', 'Project', 'Request ID', 'Delivery')
# Shown without --limit where nobody follows.
_MOST = 100


class ListChanges(base.Lister):
    """Show who changed what, the newest first, or as it happens."""

    def get_parser(self, prog_name: str) -> argparse.ArgumentParser:
        """Take the filters, and whether to follow."""
        parser = super().get_parser(prog_name)
        parser.add_argument(
            '--aggregate',
            metavar='<aggregate>',
            help=f'Changes of this one: {references.HELP}; the id or uuid '
            'of a deleted one',
        )
        parser.add_argument(
            '--host',
            metavar='<host>',
            help='Changes of the aggregates of this host',
        )
        for name, what in (
            ('user', 'user'),
            ('project', 'project'),
            ('request', 'request'),
        ):
            parser.add_argument(
                f'--{name}',
                metavar=f'<{name}-id>',
                help=f'Changes of the {what} with this id',
            )
        parser.add_argument(
            '--manager', metavar='<manager>', help='Changes by this manager'
        )
        parser.add_argument(
            '--kind',
            choices=(
                'change',
                'apply',
                'revert',
                'nova',
                'repair',
                'observed',
            ),
            help='Changes of this kind; nova: by single calls',
        )
        parser.add_argument(
            '--since',
            metavar='<time>',
            help='Changes not before this time (ISO 8601, UTC)',
        )
        parser.add_argument(
            '--limit',
            metavar='<number>',
            type=base.count,
            help=f'Show so many; default: {_MOST}, with --follow: no end',
        )
        parser.add_argument(
            '--follow',
            action='store_true',
            help='Show changes as they happen, until stopped; each on a '
            'line, or as -f value or csv',
        )
        parser.add_argument(
            '--after',
            metavar='<position>',
            help='With --follow: begin after this position, not with what '
            'happens from now on',
        )
        parser.add_argument(
            '--long', action='store_true', help='Show all fields'
        )
        return parser

    def take_action(
        self, parsed_args: argparse.Namespace
    ) -> tuple[Sequence[str], Iterator[Sequence[Any]]]:
        """List them."""
        filters = self._filters(parsed_args)
        limit = parsed_args.limit
        found: Iterator[change_records.Change]
        if parsed_args.follow:
            found = itertools.islice(
                self._followed(parsed_args, filters), limit
            )
        elif parsed_args.after is not None:
            raise exceptions.CommandError('--after goes with --follow only.')
        else:
            listed = self.client.changes(filters, most=limit or _MOST)
            found = progress.counted(listed, 'changes read')
        is_short = not parsed_args.long
        names = _NAMES if is_short else _LONG
        return names, (_row(one)[: len(names)] for one in found)

    def produce_output(
        self,
        parsed_args: argparse.Namespace,
        column_names: Sequence[str],
        data: Iterable[Sequence[Any]],
    ) -> int:
        """Print the list; what is followed is printed as it comes."""
        if not parsed_args.follow:
            return super().produce_output(parsed_args, column_names, data)
        with contextlib.suppress(KeyboardInterrupt):
            self._print(parsed_args, column_names, data)
        return 0

    def _print(
        self,
        parsed_args: argparse.Namespace,
        column_names: Sequence[str],
        data: Iterable[Sequence[Any]],
    ) -> None:
        stdout = self.app.stdout
        rows = _flushed(data, stdout)
        if parsed_args.formatter != 'table':
            super().produce_output(parsed_args, column_names, rows)
            return
        # A table would come at the end, which there is none of.
        for row in rows:
            stdout.write('  '.join(str(one) for one in row).rstrip() + '\n')

    def _followed(
        self, parsed_args: argparse.Namespace, filters: dict[str, str]
    ) -> Iterator[change_records.Change]:
        """Give changes as they happen; Ctrl-C ends it in order."""
        position = parsed_args.after or self.client.head_position()
        try:
            for one, _ in self.client.follow(position, filters):
                yield one
        except KeyboardInterrupt:
            return
        except errors.Gone as error:
            raise exceptions.CommandError(
                f'{error}\nThe oldest position to follow from is '
                f'{error.oldest}.'
            ) from error

    def _filters(self, parsed_args: argparse.Namespace) -> dict[str, str]:
        filters: dict[str, str] = {}
        if parsed_args.aggregate is not None:
            filters['aggregate'] = self._aggregate(parsed_args.aggregate)
        for name, parameter in (
            ('host', 'host'),
            ('user', 'user_id'),
            ('project', 'project_id'),
            ('request', 'request_id'),
            ('manager', 'manager'),
            ('kind', 'kind'),
        ):
            value = getattr(parsed_args, name)
            if value is not None:
                filters[parameter] = queries.literal(value)
        if parsed_args.since is not None:
            filters['changed_at'] = f'gte:{parsed_args.since}'
        return filters

    def _aggregate(self, text: str) -> str:
        """Give an id or uuid; an aggregate of this one need not exist."""
        reference = references.resolve(self.client, text)
        if 'name' in reference:
            return str(references.find(self.client, text).id)
        return str(reference.get('id') or reference.get('uuid'))


class ShowChange(base.ShowOne):
    """Show a change, and whether all were told of it."""

    def get_parser(self, prog_name: str) -> argparse.ArgumentParser:
        """Take the change."""
        parser = super().get_parser(prog_name)
        parser.add_argument('change', metavar='<change>', help='Its id')
        parser.add_argument(
            '--wait',
            action='store_true',
            help='Wait until schedulers, placement and others were told',
        )
        parser.add_argument(
            '--timeout',
            metavar='<seconds>',
            type=float,
            default=60.0,
            help='How long to wait; default: 60',
        )
        return parser

    def take_action(
        self, parsed_args: argparse.Namespace
    ) -> tuple[Sequence[str], Sequence[Any]]:
        """Show it."""
        change = self._change(parsed_args)
        if parsed_args.formatter in ('table', 'shell'):
            shown = {
                name: getattr(change, name)
                for name in (
                    'id',
                    'position',
                    'kind',
                    'changed_at',
                    'user_id',
                    'project_id',
                    'reason',
                    'manager',
                    'reverts',
                    'reverted_by',
                    'request_id',
                    'delivery',
                    'digest',
                )
            }
            shown['effects'] = '\n'.join(effects.lines(change))
            return tuple(shown), tuple(shown.values())
        return tuple(change.document), tuple(change.document.values())

    def _change(
        self, parsed_args: argparse.Namespace
    ) -> change_records.Change:
        if not parsed_args.wait:
            return self.client.change(parsed_args.change)
        with progress.Line() as line:
            waited = self.client.wait(
                parsed_args.change,
                seconds=parsed_args.timeout,
                told=lambda: line.tell('waiting until all were told ...'),
            )
        if waited.delivery == 'parked':
            self.log.warning(
                'Some messages were refused for good; "nova-aggext-manage '
                'outbox list --parked" shows them.'
            )
        return waited


def _flushed(
    rows: Iterable[Sequence[Any]], stream: TextIO
) -> Iterator[Sequence[Any]]:
    """Give rows; what was written of one is out before the next is asked."""
    stream.flush()
    for row in rows:
        yield row
        stream.flush()


def _row(change: change_records.Change) -> tuple[Any, ...]:
    at = (change.changed_at or '').partition('.')[0]
    return (
        change.position,
        at,
        change.kind,
        change.user_id or '',
        effects.brief(change),
        change.reason or '',
        change.id,
        change.project_id,
        change.request_id,
        change.delivery,
    )
