# SPDX-License-Identifier: Apache-2.0
"""Writes what bash completes, a file for each program.

usage: completion.py FOLDER

All is taken from the parsers. That of cliff does not complete the options of
a command, nor what follows an option.
"""

import argparse
import pathlib
import sys
from collections.abc import Iterator
from collections.abc import Mapping

from nova_aggext.cmd import api
from nova_aggext.cmd import manage
from nova_aggext.cmd import relay
from nova_aggext.cmd import shell
from nova_aggext.cmd import status

SERVERS = {api.NAME: api.parser, relay.NAME: relay.parser}
SHELLS = (manage.program, status.program)
# By the command, the words before it left out.
Parsers = Mapping[str, argparse.ArgumentParser]

# What every program of cliff has.
OF_CLIFF = ('complete', 'help')

FILES = ('--config-file', '--log-config-append', '--log-file')
FOLDERS = ('--config-dir', '--log-dir')

SCRIPT = """\
# Written by tools/completion.py.
{function}()
{{
    local current=${{COMP_WORDS[COMP_CWORD]}}
    local last=${{COMP_WORDS[COMP_CWORD-1]}}
    local command= word words
    for word in "${{COMP_WORDS[@]:1:COMP_CWORD-1}}"; do
        case "$command $word" in
{commands}
        esac
    done
    case $last in
{values}
    esac
    case $command in
{words}
    esac
    COMPREPLY=($(compgen -W "$words" -- "$current"))
}}
complete -F {function} {name}
"""
VALUE = """\
        {options})
            COMPREPLY=({found})
            return ;;"""


def main(folder: pathlib.Path) -> None:
    """Write all files."""
    folder.mkdir(exist_ok=True)
    for name, parser in SERVERS.items():
        (folder / name).write_text(script(name, {'': parser()}))
    for program in SHELLS:
        made = program()
        (folder / made.NAME).write_text(script(made.NAME, dict(parsers(made))))


def parsers(
    program: shell.Shell,
) -> Iterator[tuple[str, argparse.ArgumentParser]]:
    """Give the parser of a program of commands, and those of its commands."""
    yield '', program.parser
    for name, entry in sorted(program.command_manager):
        if name not in OF_CLIFF:
            command = entry.load()(program, None)
            yield name, command.get_parser(f'{program.NAME} {name}')


def script(name: str, found: Parsers) -> str:
    """Give the file for one program."""
    every = [one for parser in found.values() for one in parser._actions]
    return SCRIPT.format(
        name=name,
        function='_' + name.replace('-', '_'),
        commands='\n'.join(_commands(found)),
        values='\n'.join(_values(every)),
        words='\n'.join(_words(found)),
    )


def _commands(found: Parsers) -> Iterator[str]:
    """Let the words be known that lead to a command."""
    for path in sorted(_paths(found)):
        yield f'            " {path}") command=" {path}" ;;'
    yield '            *) ;;'


def _paths(found: Parsers) -> set[str]:
    """Give each command and each group of them."""
    return {
        ' '.join(name.split()[: length + 1])
        for name in found
        for length in range(len(name.split()))
    }


def _values(every: list[argparse.Action]) -> Iterator[str]:
    """Complete what follows an option that takes something."""
    known = {option for action in every for option in action.option_strings}
    for options, kind in ((FILES, '-f'), (FOLDERS, '-d')):
        named = '|'.join(sorted(known.intersection(options)))
        yield VALUE.format(
            options=named, found=f'$(compgen {kind} -- "$current")'
        )
    chosen = {
        '|'.join(action.option_strings): sorted(action.choices)
        for action in every
        if action.option_strings and action.choices
    }
    for named, choices in sorted(chosen.items()):
        listed = ' '.join(choices)
        words = f'$(compgen -W "{listed}" -- "$current")'
        yield VALUE.format(options=named, found=words)
    others = {
        option
        for action in every
        if action.nargs != 0 and not action.choices
        for option in action.option_strings
    }
    rest = others.difference(FILES, FOLDERS)
    yield VALUE.format(options='|'.join(sorted(rest)), found='')


def _words(found: Parsers) -> Iterator[str]:
    """Say what may stand after each command."""
    for path in sorted({'', *_paths(found)}):
        below = {
            name.removeprefix(path).split()[0]
            for name in found
            if name.startswith(path) and name != path
        }
        options = (
            [
                option
                for action in found[path]._actions
                for option in action.option_strings
            ]
            if path in found
            else []
        )
        words = ' '.join([*sorted(below), *options])
        shown = f'" {path}"' if path else '""'
        yield f'        {shown}) words="{words}" ;;'


if __name__ == '__main__':
    main(pathlib.Path(sys.argv[1]))
