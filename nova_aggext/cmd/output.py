# SPDX-License-Identifier: Apache-2.0
"""What commands print: tables for people, JSON for programs."""

import argparse
import json
from collections.abc import Iterable
from collections.abc import Sequence
from typing import Any, TextIO

import prettytable
from cliff.formatters import json_format

FORMATS = ('table', 'json')


def add_format(parser: argparse.ArgumentParser) -> None:
    """Let a command be told the form of its output."""
    parser.add_argument('--format', choices=FORMATS, default=FORMATS[0])


def render(
    columns: Sequence[str], rows: Sequence[Sequence[object]], form: str
) -> str:
    """Write rows as a table or as a JSON list of objects."""
    if form == 'json':
        objects = [dict(zip(columns, row, strict=True)) for row in rows]
        return json.dumps(objects, indent=2)
    table = prettytable.PrettyTable(list(columns), align='l')
    table.add_rows([list(row) for row in rows])
    return str(table.get_string())


class StreamedJson(json_format.JSONFormatter):
    """JSON that is written row by row, so that it need not be held."""

    def emit_list(
        self,
        column_names: Sequence[str],
        data: Iterable[Sequence[Any]],
        stdout: TextIO,
        parsed_args: argparse.Namespace,
    ) -> None:
        """Write what cliff would write."""
        indent = None if parsed_args.noindent else 2
        start, between, end = ('[', ', ', ']')
        if indent:
            start, between, end = ('[\n', ',\n', '\n]')
        before = start
        for row in data:
            item = dict(zip(column_names, row, strict=True))
            text = json.dumps(item, indent=indent)
            if indent:
                text = '  ' + text.replace('\n', '\n  ')
            stdout.write(before + text)
            before = between
        stdout.write('[]\n' if before is start else end + '\n')
