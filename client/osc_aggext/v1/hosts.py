# SPDX-License-Identifier: Apache-2.0
"""``openstack aggregate host``."""

import argparse
from collections.abc import Iterator
from collections.abc import Sequence
from typing import Any

from osc_lib import exceptions

from osc_aggext.console import progress
from osc_aggext.sdk import queries
from osc_aggext.sdk import records
from osc_aggext.sdk import requests
from osc_aggext.v1 import base
from osc_aggext.v1 import columns
from osc_aggext.v1 import references
from osc_aggext.v1 import writing


class ListHosts(base.Lister):
    """List compute hosts with their zones and aggregates."""

    def get_parser(self, prog_name: str) -> argparse.ArgumentParser:
        """Take the filters."""
        parser = super().get_parser(prog_name)
        parser.add_argument(
            '--name',
            metavar='<glob>',
            help='Those of this name; * and ? stand for others, and '
            'cmp-a[001-040] for a range',
        )
        parser.add_argument(
            '--zone', metavar='<availability-zone>', help='Those in this zone'
        )
        parser.add_argument(
            '--aggregate',
            metavar='<aggregate>',
            help=f'Those in this aggregate: {references.HELP}',
        )
        parser.add_argument(
            '--unassigned',
            action='store_true',
            help='Those that are in no aggregate',
        )
        parser.add_argument(
            '--dead',
            action='store_true',
            help='Those that are members of aggregates, but do not exist',
        )
        parser.add_argument(
            '--limit',
            metavar='<number>',
            type=base.count,
            help='Show so many at most; without it all',
        )
        return parser

    def take_action(
        self, parsed_args: argparse.Namespace
    ) -> tuple[Sequence[str], Iterator[Sequence[Any]]]:
        """List them."""
        found = self.client.hosts(
            self._filters(parsed_args), most=parsed_args.limit
        )
        names = ('Name', 'Known', 'Availability Zone', 'Aggregates')
        rows = (_row(one) for one in progress.counted(found, 'hosts read'))
        return names, rows

    def _filters(self, parsed_args: argparse.Namespace) -> dict[str, Any]:
        filters: dict[str, Any] = {}
        if parsed_args.name is not None:
            filters['name'] = queries.glob(parsed_args.name)
        if parsed_args.zone is not None:
            filters['availability_zone'] = queries.literal(parsed_args.zone)
        if parsed_args.aggregate is not None:
            one = references.find(self.client, parsed_args.aggregate)
            filters['aggregate'] = str(one.id)
        if parsed_args.unassigned:
            filters['aggregate'] = 'null'
        if parsed_args.dead:
            filters['known'] = 'false'
        return filters


class ShowHost(base.ShowOne):
    """Show a compute host with its zone and its aggregates."""

    def get_parser(self, prog_name: str) -> argparse.ArgumentParser:
        """Take the host."""
        parser = super().get_parser(prog_name)
        parser.add_argument('host', metavar='<host>', help='Name of the host')
        return parser

    def take_action(
        self, parsed_args: argparse.Namespace
    ) -> tuple[Sequence[str], Sequence[Any]]:
        """Show it."""
        host = self.client.host(parsed_args.host)
        names = ('name', 'known', 'availability_zone')
        return (*names, 'aggregates', 'isolation'), (
            host.name,
            host.known,
            columns.Zone(host),
            columns.Names([one.name for one in host.aggregates or ()]),
            columns.Texts(list(host.isolation or ())),
        )


class SetHost(writing.Writer):
    """Put a host into exactly these aggregates, out of all others."""

    def get_parser(self, prog_name: str) -> argparse.ArgumentParser:
        """Take the host and its aggregates."""
        parser = super().get_parser(prog_name)
        parser.add_argument('host', metavar='<host>', help='Name of the host')
        parser.add_argument(
            '--aggregate',
            metavar='<aggregate>',
            action='append',
            default=[],
            help=f'In this one (repeat): {references.HELP}',
        )
        parser.add_argument(
            '--no-aggregate',
            action='store_true',
            help='In none, but those that --aggregate names',
        )
        return parser

    def take_action(self, parsed_args: argparse.Namespace) -> None:
        """Put it there."""
        if not parsed_args.aggregate and not parsed_args.no_aggregate:
            raise exceptions.CommandError(
                'Name each aggregate with --aggregate, or say --no-aggregate.'
            )
        chosen: requests.References = {
            'set': [
                references.resolve(self.client, text)
                for text in parsed_args.aggregate
            ]
        }
        item: requests.HostItem = {
            'host': parsed_args.host,
            'aggregates': chosen,
        }
        self.make(parsed_args, {'hosts': [item]})


def _row(host: records.Host) -> tuple[Any, ...]:
    return (
        host.name,
        host.known,
        host.availability_zone,
        columns.Names([one.name for one in host.aggregates or ()]),
    )
