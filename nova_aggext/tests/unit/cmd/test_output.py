# SPDX-License-Identifier: Apache-2.0
"""What is printed for programs."""

import argparse
import io
from collections.abc import Iterator
from collections.abc import Sequence

from cliff.formatters import json_format

from nova_aggext.cmd import output
from nova_aggext.tests import base


class StreamedJsonTest(base.TestCase):
    """JSON that is written row by row is the JSON of cliff."""

    columns = ('name', 'parts')
    rows = (
        ('ä\n', {'hosts': ['h1', 'h2'], 'metadata': {}}),
        ('b', None),
        ('\udcff', [[], {'k': 1}]),
    )

    def test_same(self) -> None:
        for rows in ((), self.rows[:1], self.rows):
            for options in ([], ['--noindent']):
                self.assertEqual(
                    self._written(json_format.JSONFormatter(), rows, options),
                    self._written(output.StreamedJson(), rows, options),
                )

    def test_nothing_is_held(self) -> None:
        stream = io.StringIO()

        def rows() -> Iterator[tuple[str, None]]:
            for name in ('one', 'two'):
                yield name, None
                self.assertIn(name, stream.getvalue())

        formatter = output.StreamedJson()
        args = argparse.Namespace(noindent=False)
        formatter.emit_list(self.columns, rows(), stream, args)

    def _written(
        self,
        formatter: json_format.JSONFormatter,
        rows: Sequence[Sequence[object]],
        options: Sequence[str],
    ) -> str:
        parser = argparse.ArgumentParser()
        formatter.add_argument_group(parser)
        stream = io.StringIO()
        args = parser.parse_args(options)
        formatter.emit_list(self.columns, iter(rows), stream, args)
        return stream.getvalue()
