# SPDX-License-Identifier: Apache-2.0
"""``openstack aggregate annotation``."""

import argparse

from osc_lib import exceptions

from osc_aggext.sdk import requests
from osc_aggext.v1 import references
from osc_aggext.v1 import writing


class SetAnnotation(writing.Writer):
    """Set what an aggregate is for, whose it is, and whether it may change."""

    def get_parser(self, prog_name: str) -> argparse.ArgumentParser:
        """Take the aggregate and its annotations."""
        parser = super().get_parser(prog_name)
        parser.add_argument(
            'aggregate', metavar='<aggregate>', help=references.HELP
        )
        parser.add_argument(
            '--description',
            metavar='<text>',
            help='What it is for; an empty text takes it away',
        )
        parser.add_argument(
            '--owner',
            metavar='<project-id>',
            help='The project that it belongs to; an empty text: to none',
        )
        protection = parser.add_mutually_exclusive_group()
        protection.add_argument(
            '--protect',
            dest='protected',
            action='store_const',
            const=True,
            help='Let nothing of it change but its hosts',
        )
        protection.add_argument(
            '--unprotect',
            dest='protected',
            action='store_const',
            const=False,
            help='Let all of it change again',
        )
        return parser

    def take_action(self, parsed_args: argparse.Namespace) -> None:
        """Set them."""
        item: requests.AggregateItem = {
            'aggregate': references.resolve(self.client, parsed_args.aggregate)
        }
        if parsed_args.description is not None:
            item['description'] = parsed_args.description or None
        if parsed_args.owner is not None:
            item['owner'] = parsed_args.owner or None
        if parsed_args.protected is not None:
            item['protected'] = parsed_args.protected
        if len(item) == 1:
            raise exceptions.CommandError(
                'Say what to set: --description, --owner, --protect or '
                '--unprotect.'
            )
        self.make(parsed_args, {'aggregates': [item]})
