# SPDX-License-Identifier: Apache-2.0
"""``openstack aggregate host``."""

import argparse
from collections.abc import Sequence
from typing import Any

from osc_aggext.v1 import base
from osc_aggext.v1 import columns


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
