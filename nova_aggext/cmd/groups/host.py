# SPDX-License-Identifier: Apache-2.0
"""``host``: the inventory 'registered'."""

import argparse

from nova_aggext.cmd import console
from nova_aggext.cmd import values
from nova_aggext.cmd.groups import base
from nova_aggext.hosts import registered


class Command(base.Command):
    """A command on the inventory."""

    def inventory(self) -> registered.RegisteredHosts:
        """Give the inventory."""
        return registered.RegisteredHosts(self.conf, self.database())


class Add(Command):
    """Register hosts, or change their number of instances."""

    def get_parser(self, prog_name: str) -> argparse.ArgumentParser:
        """Take names and a number."""
        parser = super().get_parser(prog_name)
        parser.add_argument('name', nargs='+', type=values.host)
        parser.add_argument(
            '--instances',
            type=values.number(0, values.MAX_INTEGER),
            default=0,
            metavar='N',
            help='of each of them (%(default)s)',
        )
        return parser

    def take_action(self, parsed_args: argparse.Namespace) -> None:
        """Register them."""
        self.inventory().add_host(
            *parsed_args.name, instances=parsed_args.instances
        )
        chosen = self.conf.aggext.hosts
        if chosen != registered.NAME:
            console.say(
                self.app.NAME,
                'Registered hosts do not count: [aggext] hosts is '
                f'{chosen!r}.',
            )


class Remove(Command):
    """Forget hosts."""

    def get_parser(self, prog_name: str) -> argparse.ArgumentParser:
        """Take names."""
        parser = super().get_parser(prog_name)
        parser.add_argument('name', nargs='+', type=values.name)
        return parser

    def take_action(self, parsed_args: argparse.Namespace) -> None:
        """Forget them."""
        self.inventory().remove_host(*parsed_args.name)


class List(base.Lister, Command):
    """Show registered hosts."""

    columns = ('name', 'instances')

    def take_action(self, parsed_args: argparse.Namespace) -> base.Listed:
        """Read them."""
        return self.columns, self.inventory().registrations().items()
