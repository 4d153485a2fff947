# SPDX-License-Identifier: Apache-2.0
"""``openstack aggregate search``."""

import argparse
from collections.abc import Iterator
from collections.abc import Sequence
from typing import Any

from osc_aggext.console import progress
from osc_aggext.sdk import queries
from osc_aggext.sdk import records
from osc_aggext.v1 import base
from osc_aggext.v1 import columns

_SHORT = ('ID', 'Name', 'Availability Zone', 'Hosts')
_LONG = (
    *_SHORT,
    'Properties',
    'Description',
    'Owner',
    'Protected',
    'UUID',
)


class SearchAggregates(base.Lister):
    """Search host aggregates; the server filters, sorts and cuts."""

    def get_parser(self, prog_name: str) -> argparse.ArgumentParser:
        """Take the filters."""
        parser = super().get_parser(prog_name)
        parser.add_argument(
            '--name',
            metavar='<glob>',
            help='Those with this name; * and ? stand for others',
        )
        parser.add_argument(
            '--zone',
            metavar='<availability-zone>',
            help='Those that put hosts into this zone; * and ? as above',
        )
        parser.add_argument(
            '--no-zone',
            action='store_true',
            help='Those that have no zone',
        )
        parser.add_argument(
            '--host',
            metavar='<host>',
            action='append',
            default=[],
            help='Those that have this host, or one of several (repeat)',
        )
        parser.add_argument(
            '--property',
            metavar='<key[=value]>',
            action='append',
            default=[],
            help='Those that have this key, or this value of it (repeat)',
        )
        parser.add_argument(
            '--owner',
            metavar='<project-id>',
            help='Those that belong to this project',
        )
        parser.add_argument(
            '--manager',
            metavar='<manager>',
            help='Those of which this manager claims something',
        )
        parser.add_argument(
            '--sort',
            metavar='<key[:asc|desc],...>',
            help=(
                'Sort on the server by id, name, availability_zone, '
                'host_count, created_at or updated_at'
            ),
        )
        parser.add_argument(
            '--limit',
            metavar='<number>',
            type=base.count,
            help='Show so many at most; without it all',
        )
        parser.add_argument(
            '--long', action='store_true', help='Show all fields'
        )
        return parser

    def take_action(
        self, parsed_args: argparse.Namespace
    ) -> tuple[Sequence[str], Iterator[Sequence[Any]]]:
        """List them."""
        found = self.client.aggregates(
            _filters(parsed_args),
            sort=parsed_args.sort,
            most=parsed_args.limit,
        )
        rows = (
            _row(one) for one in progress.counted(found, 'aggregates read')
        )
        if parsed_args.long:
            return _LONG, rows
        return _SHORT, (row[: len(_SHORT)] for row in rows)


def _filters(parsed_args: argparse.Namespace) -> dict[str, Any]:
    filters: dict[str, Any] = {}
    if parsed_args.name is not None:
        filters['name'] = queries.glob(parsed_args.name)
    if parsed_args.zone is not None:
        filters['availability_zone'] = queries.glob(parsed_args.zone)
    if parsed_args.no_zone:
        filters['availability_zone'] = 'null'
    if parsed_args.host:
        filters['host'] = queries.one_of(parsed_args.host)
    for name in ('owner', 'manager'):
        value = getattr(parsed_args, name)
        if value is not None:
            filters[name] = queries.literal(value)
    keys = []
    for given in parsed_args.property:
        key, equals, value = given.partition('=')
        if equals:
            filters[f'metadata.{key}'] = queries.literal(value)
        else:
            keys.append(queries.literal(key))
    if keys:
        filters['metadata_key'] = keys
    return filters


def _row(one: records.Aggregate) -> tuple[Any, ...]:
    return (
        one.id,
        one.name,
        one.availability_zone,
        columns.Hosts(list(one.hosts or ())),
        columns.Properties(dict(one.metadata or {})),
        one.description,
        one.owner,
        one.protected,
        one.uuid,
    )
