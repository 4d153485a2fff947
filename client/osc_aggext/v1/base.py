# SPDX-License-Identifier: Apache-2.0
"""What all commands have in common."""

import argparse
from typing import TYPE_CHECKING

from osc_lib import exceptions
from osc_lib.command import command

from osc_aggext.sdk import errors

if TYPE_CHECKING:
    from osc_aggext.sdk import proxy


_STALE = 'plan.stale'


class Command(command.Command):
    """A command that tells of what the server refuses, all of it.

    :cvar writes: whether it says that nothing was changed when it was refused
    """

    writes = False

    @property
    def client(self) -> 'proxy.Proxy':
        """The service."""
        found: proxy.Proxy = self.app.client_manager.aggext  # type: ignore
        return found

    def run(self, parsed_args: argparse.Namespace) -> int:
        """Run it and give its exit status."""
        try:
            return super().run(parsed_args)
        except errors.Refused as error:
            text = told(error, str(error), writes=self.writes)
            raise exceptions.CommandError(text) from error
        except errors.NoAPI as error:
            raise exceptions.CommandError(str(error)) from error


def told(error: errors.Refused, problems: str, *, writes: bool) -> str:
    """Give what is said of a refusal.

    :param problems: what the server said is wrong
    :param writes: whether somebody wanted to change something
    """
    lines = [problems]
    if _STALE in error.codes:
        lines.append('The effects are not those of the plan: plan again.')
    if writes:
        lines.append('Nothing was changed.')
    return '\n'.join(lines)


def count(text: str) -> int:
    """Take a number of things to show.

    :raises ValueError: when it is none
    """
    found = int(text)
    if found < 1:
        raise ValueError(text)
    return found


class Lister(Command, command.Lister):
    """A command that lists."""


class ShowOne(Command, command.ShowOne):
    """A command that shows one thing."""
