# SPDX-License-Identifier: Apache-2.0
"""``openstack aggregate manager``."""

import argparse
import json
from collections.abc import Iterator
from collections.abc import Sequence
from typing import Any

from osc_lib import exceptions

from osc_aggext.sdk import errors
from osc_aggext.v1 import base


class ListManagers(base.Lister):
    """List who manages aggregates."""

    def take_action(
        self, parsed_args: argparse.Namespace
    ) -> tuple[Sequence[str], Iterator[Sequence[Any]]]:
        """List them."""
        names = ('Name', 'Description', 'Applied At', 'User', 'Change')
        return names, (
            (
                one.name,
                one.description,
                (one.applied_at or '').partition('.')[0],
                one.user_id,
                one.change,
            )
            for one in self.client.managers()
        )


class ShowManager(base.ShowOne):
    """Show a manager, and what it applied last."""

    def get_parser(self, prog_name: str) -> argparse.ArgumentParser:
        """Take the manager."""
        parser = super().get_parser(prog_name)
        parser.add_argument('manager', metavar='<manager>', help='Its name')
        return parser

    def take_action(
        self, parsed_args: argparse.Namespace
    ) -> tuple[Sequence[str], Sequence[Any]]:
        """Show it."""
        one = self.client.manager(parsed_args.manager)
        shown = {
            'name': one.name,
            'description': one.description,
            'applied_at': one.applied_at,
            'user_id': one.user_id,
            'project_id': one.project_id,
            'change': one.change,
            'etag': one.etag,
            'document': one.document,
        }
        if parsed_args.formatter in ('table', 'shell', 'value'):
            shown['document'] = json.dumps(
                one.document, indent=2, ensure_ascii=False
            )
        return tuple(shown), tuple(shown.values())


class DeleteManager(base.Command):
    """Forget managers; their aggregates stay as they are."""

    def get_parser(self, prog_name: str) -> argparse.ArgumentParser:
        """Take the managers."""
        parser = super().get_parser(prog_name)
        parser.add_argument(
            'managers',
            metavar='<manager>',
            nargs='+',
            help='Their names',
        )
        return parser

    def take_action(self, parsed_args: argparse.Namespace) -> None:
        """Forget each; tell of all that was not possible."""
        failed = []
        for name in parsed_args.managers:
            try:
                self.client.delete_manager(name)
            except errors.Refused as error:
                failed.append(str(error))
        if failed:
            raise exceptions.CommandError('\n'.join(failed))
