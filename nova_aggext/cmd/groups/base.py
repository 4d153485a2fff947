# SPDX-License-Identifier: Apache-2.0
"""What the commands of a shell have in common."""

import argparse
from collections.abc import Iterable
from collections.abc import Iterator
from collections.abc import Sequence
from typing import Any, ClassVar

from cliff import command
from cliff import lister
from oslo_config import cfg

from nova_aggext import conf as aggext_conf
from nova_aggext.cmd import console
from nova_aggext.cmd import options
from nova_aggext.cmd import output
from nova_aggext.cmd import progress
from nova_aggext.cmd import shell
from nova_aggext.db import database as db_database
from nova_aggext.db import schema

Row = Sequence[Any]
Listed = tuple[Sequence[str], Iterable[Row]]


class Command(command.Command):
    """A command that reads its configuration, and ends as all do.

    :ivar status: the exit status where nothing went wrong
    :cvar failure: the one where something did
    """

    app: shell.Shell
    sources: aggext_conf.Sources
    conf: cfg.ConfigOpts
    status = console.DONE
    failure: ClassVar[int] = console.WRONG
    parser: argparse.ArgumentParser

    def get_parser(self, prog_name: str) -> argparse.ArgumentParser:
        """Keep the parser, to tell of wrong usage with."""
        self.parser = super().get_parser(prog_name)
        return self.parser

    def run(self, parsed_args: argparse.Namespace) -> int:
        """Run it and give its exit status."""
        args = self.app.options

        def work() -> int:
            self.sources = options.sources(args)
            self.conf = aggext_conf.load(*self.sources)
            return super(Command, self).run(parsed_args) or self.status

        return console.guarded(
            self.app.NAME, work, debug=args.debug, failure=self.failure
        )

    def database(self) -> db_database.Database:
        """Give the database, whose tables are as they should be.

        :raises ConfigurationError: when they are not
        """
        database = db_database.Database(self.conf)
        schema.require_current(database)
        return database


class Lister(Command, lister.Lister):
    """A command that lists; JSON, CSV and values as they come.

    :cvar columns: their names
    :cvar short: the columns of a table that has to fit a terminal; all
        without it
    """

    columns: ClassVar[Sequence[str]]
    short: ClassVar[Sequence[str]] = ()

    def get_parser(self, prog_name: str) -> argparse.ArgumentParser:
        """Let who wants all columns of a table ask for them."""
        parser = super().get_parser(prog_name)
        if self.short:
            parser.add_argument(
                '--long', action='store_true', help='all columns in a table'
            )
        return parser

    def run(self, parsed_args: argparse.Namespace) -> int:
        """Do nothing where columns are asked for that there are not."""
        known = {self._normalize_column_name(name) for name in self.columns}
        for name in (*parsed_args.columns, *parsed_args.sort_columns):
            if self._normalize_column_name(name) not in known:
                listed = ', '.join(self.columns)
                self.parser.error(f'no column {name!a}; there are {listed}')
        return super().run(parsed_args)

    def produce_output(
        self,
        parsed_args: argparse.Namespace,
        column_names: Sequence[str],
        data: Iterable[Row],
    ) -> int:
        """Print the rows."""
        if parsed_args.formatter == 'json':
            self.formatter = output.StreamedJson()
        is_table = parsed_args.formatter == 'table'
        if is_table and self.short and not parsed_args.long:
            parsed_args.columns = parsed_args.columns or list(self.short)
        return super().produce_output(
            parsed_args, column_names, self._counted(data)
        )

    def _counted(self, data: Iterable[Row]) -> Iterator[Row]:
        """Show how many there are, where they are not shown themselves."""
        if self.app.stdout.isatty():
            yield from data
            return
        with progress.bar('rows') as bar:
            for row in data:
                yield row
                bar.update()
