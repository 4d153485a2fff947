# SPDX-License-Identifier: Apache-2.0
"""A program of several commands, by cliff."""

import argparse
import contextlib
import logging
import sys
from collections.abc import Iterator
from collections.abc import Mapping
from collections.abc import Sequence
from importlib import metadata
from typing import Any

from cliff import app
from cliff import commandmanager

from nova_aggext import version
from nova_aggext.cmd import console
from nova_aggext.cmd import options


class Shell(app.App):
    """A program whose commands are imported when they are called."""

    # Warnings and errors.
    DEFAULT_VERBOSE_LEVEL = 0

    def __init__(
        self,
        name: str,
        description: str,
        lab: str,
        commands: Mapping[str, str],
    ) -> None:
        """Take what the program is.

        :param lab: what ``--dev`` does
        :param commands: by name, the class of each as ``module:Class``
        """
        self.NAME = name
        self.CONSOLE_MESSAGE_FORMAT = f'{name}: %(message)s'
        self._lab = lab
        super().__init__(
            description,
            version.release(),
            _Commands(commands),
            deferred_help=True,
        )

    def main(self, arguments: Sequence[str] | None) -> int:
        """Run one command and give its exit status."""
        with _log_as_before():
            return console.guarded(
                self.NAME,
                lambda: self.run(
                    sys.argv[1:] if arguments is None else list(arguments)
                ),
            )

    def build_option_parser(
        self,
        description: str | None,
        version: str | None,
        argparse_kwargs: dict[str, Any] | None = None,
    ) -> argparse.ArgumentParser:
        """Add our own options, which may come after the command as well."""
        # cliff would name the program by how it was called.
        settings = {
            'prog': self.NAME,
            'allow_abbrev': False,
            'conflict_handler': 'resolve',
        }
        parser = super().build_option_parser(description, version, settings)
        options.add_configuration(parser, self._lab)
        return parser

    def configure_logging(self) -> None:
        """Log where the options say; never fail."""
        try:
            super().configure_logging()
        except OSError as error:
            self.parser.error(f'--log-file {error.filename}: {error.strerror}')

    def keep_quiet(self) -> None:
        """Log to a file alone, unless --verbose asks for more."""
        if self.options.verbose_level > self.DEFAULT_VERBOSE_LEVEL:
            return
        for handler in logging.getLogger().handlers:
            if getattr(handler, 'stream', None) is self.stderr:
                # Without any handler, logging would make one.
                handler.setLevel(logging.CRITICAL + 1)

    def run_subcommand(self, argv: list[str]) -> int:
        """Run a command; what is none is wrong usage."""
        try:
            self.command_manager.find_command(argv)
        except ValueError:
            self.parser.error(f'there is no command {" ".join(argv)!a}')
        return super().run_subcommand(argv)

    def interact(self) -> None:
        """Refuse to be called without a command."""
        self.parser.error('a command is missing; --help shows them')


class _Commands(commandmanager.CommandManager):
    """Commands that nobody has to install."""

    def __init__(self, commands: Mapping[str, str]) -> None:
        super().__init__()
        self.commands.update(
            {
                name: metadata.EntryPoint(name, value, 'nova_aggext.commands')
                for name, value in commands.items()
            }
        )


@contextlib.contextmanager
def _log_as_before() -> Iterator[None]:
    """Take back what cliff does to the root of all loggers."""
    root = logging.getLogger()
    handlers, level = root.handlers[:], root.level
    try:
        yield
    finally:
        for handler in set(root.handlers) - set(handlers):
            root.removeHandler(handler)
            handler.close()
        root.setLevel(level)
