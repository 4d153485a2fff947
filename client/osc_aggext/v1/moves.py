# SPDX-License-Identifier: Apache-2.0
"""``openstack aggregate move host``."""

import argparse

from osc_aggext.v1 import references
from osc_aggext.v1 import writing


class MoveHost(writing.Writer):
    """Move hosts out of one aggregate into another, at once.

    Each of them must be in the first, and not in the second yet.
    """

    def get_parser(self, prog_name: str) -> argparse.ArgumentParser:
        """Take from where, to where, and which."""
        parser = super().get_parser(prog_name)
        parser.add_argument(
            'source',
            metavar='<from>',
            help=f'Aggregate that they leave: {references.HELP}',
        )
        parser.add_argument(
            'target',
            metavar='<to>',
            help='Aggregate that they join, named as above',
        )
        parser.add_argument(
            'hosts',
            metavar='<host>',
            nargs='+',
            help='Names of hosts, or patterns such as cmp-a[001-040]',
        )
        return parser

    def take_action(self, parsed_args: argparse.Namespace) -> None:
        """Move them."""
        source, target = (
            references.resolve(self.client, text)
            for text in (parsed_args.source, parsed_args.target)
        )
        self.make(
            parsed_args,
            {
                'strict': True,
                'aggregates': [
                    {
                        'aggregate': source,
                        'hosts': {'remove': parsed_args.hosts},
                    },
                    {
                        'aggregate': target,
                        'hosts': {'add': parsed_args.hosts},
                    },
                ],
            },
        )
