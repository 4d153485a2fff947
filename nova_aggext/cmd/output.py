# SPDX-License-Identifier: Apache-2.0
"""What commands print: tables for people, JSON for programs."""

import argparse
import json
from collections.abc import Sequence

import prettytable

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
