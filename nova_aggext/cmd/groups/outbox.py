# SPDX-License-Identifier: Apache-2.0
"""``outbox``: what is still to be told, and what was parked."""

import argparse
from collections.abc import Callable
from collections.abc import Sequence
from typing import ClassVar

from nova_aggext.cmd import console
from nova_aggext.cmd import values
from nova_aggext.cmd.groups import base
from nova_aggext.cmd.groups import pages
from nova_aggext.db import database as db_database
from nova_aggext.db import outbox

COLUMNS = (
    'id',
    'created_at',
    'stream',
    'kind',
    'message_id',
    'attempts',
    'parked',
    'error',
)


class List(base.Lister):
    """Show messages, the oldest first."""

    columns = COLUMNS
    short = (
        'id',
        'created_at',
        'stream',
        'kind',
        'attempts',
        'parked',
        'error',
    )

    def get_parser(self, prog_name: str) -> argparse.ArgumentParser:
        """Take filters."""
        parser = super().get_parser(prog_name)
        parser.add_argument(
            '--limit',
            type=values.number(1, values.MAX_INTEGER),
            default=1000,
            metavar='N',
            help='no more than this (%(default)s)',
        )
        parser.add_argument(
            '--parked',
            action='store_true',
            help='only those that were refused too often',
        )
        return parser

    def take_action(self, parsed_args: argparse.Namespace) -> base.Listed:
        """Read them, some at a time."""
        database = self.database()

        def read(
            last: outbox.Message | None, size: int
        ) -> list[outbox.Message]:
            after = 0 if last is None else last.id
            return database.read(
                lambda session: outbox.select_tried(
                    session, size, after=after, parked=parsed_args.parked
                )
            )

        found = pages.through(read, parsed_args.limit)
        return self.columns, (_row(message) for message in found)


class Change(base.Command):
    """A change of messages."""

    change: ClassVar[Callable[[db_database.Session, Sequence[int]], list[int]]]

    def get_parser(self, prog_name: str) -> argparse.ArgumentParser:
        """Take ids."""
        parser = super().get_parser(prog_name)
        parser.add_argument(
            'ids',
            type=values.number(1, values.MAX_BIG_INTEGER),
            nargs='+',
            metavar='ID',
        )
        return parser

    def take_action(self, parsed_args: argparse.Namespace) -> int:
        """Do what can be done, and say where it cannot."""
        ids = parsed_args.ids
        change = type(self).change
        found = self.database().write(lambda session: change(session, ids))
        missing = sorted(set(ids) - set(found))
        reasons = self.database().read(lambda s: self.explain(s, missing))
        for one in missing:
            text = f'There is no message {one}.'
            if one in reasons:
                text = f'Message {one} cannot be told: {reasons[one]}.'
            console.say(self.app.NAME, text)
        return console.WRONG if missing else console.DONE

    def explain(
        self, session: db_database.Session, ids: Sequence[int]
    ) -> dict[int, str]:
        """Say of messages that are there why they were left as they are."""
        return {}


class Retry(Change):
    """Try messages again now."""

    change = outbox.retry

    def explain(
        self, session: db_database.Session, ids: Sequence[int]
    ) -> dict[int, str]:
        """Say of what can never be told why that is so."""
        return outbox.unable(session, ids)


class Drop(Change):
    """Forget messages untold."""

    change = outbox.drop


def _row(message: outbox.Message) -> base.Row:
    moment = message.created_at.isoformat(timespec='microseconds')
    row = {name: getattr(message, name) for name in COLUMNS}
    return list({**row, 'created_at': moment}.values())
