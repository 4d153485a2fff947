# SPDX-License-Identifier: Apache-2.0
"""``openstack aggregate export``."""

import argparse

from osc_aggext.console import progress
from osc_aggext.sdk import queries
from osc_aggext.site import exporter
from osc_aggext.v1 import base


class ExportAggregates(base.Command):
    """Write what is as the file that plan and apply read."""

    def get_parser(self, prog_name: str) -> argparse.ArgumentParser:
        """Take how it is written."""
        parser = super().get_parser(prog_name)
        parser.add_argument(
            '--name',
            metavar='<glob>',
            help='Only aggregates of this name; * and ? stand for others',
        )
        parser.add_argument(
            '--hosts',
            choices=('ranges', 'names'),
            default='ranges',
            help='Write ranges of hosts, or each on a line; default: ranges',
        )
        parser.add_argument(
            '--exclusive',
            action='store_true',
            help='Want no other hosts in these aggregates',
        )
        return parser

    def take_action(self, parsed_args: argparse.Namespace) -> None:
        """Write it."""
        filters = {}
        if parsed_args.name is not None:
            filters['name'] = queries.glob(parsed_args.name)
        found = self.client.aggregates(filters)
        exporter.write(
            progress.counted(found, 'aggregates read'),
            self.app.stdout,
            folds=parsed_args.hosts == 'ranges',
            excludes=parsed_args.exclusive,
        )
