# SPDX-License-Identifier: Apache-2.0
"""What commands print for programs."""

import argparse
import json
from collections.abc import Iterable
from collections.abc import Sequence
from typing import Any, TextIO

from cliff.formatters import json_format


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
