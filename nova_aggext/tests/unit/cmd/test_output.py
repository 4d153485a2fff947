# SPDX-License-Identifier: Apache-2.0
"""Tables for people, JSON for programs."""

import argparse
import io
import json
from collections.abc import Iterator
from collections.abc import Sequence

from cliff.formatters import json_format

from nova_aggext.cmd import output
from nova_aggext.tests import base


class RenderTest(base.TestCase):
    """The same rows in both forms."""

    columns = ('name', 'number')
    rows = (('ä', 1), ('b', None))

    def test_json(self) -> None:
        self.assertEqual(
            [{'name': 'ä', 'number': 1}, {'name': 'b', 'number': None}],
            json.loads(output.render(self.columns, self.rows, 'json')),
        )
        self.assertEqual('[]', output.render(self.columns, [], 'json'))

    def test_table(self) -> None:
        lines = output.render(self.columns, self.rows, 'table').splitlines()
        self.assertEqual('| ä    | 1      |', lines[3])

    def test_option(self) -> None:
        parser = argparse.ArgumentParser()
        output.add_format(parser)
        self.assertEqual('table', parser.parse_args([]).format)
        chosen = parser.parse_args(['--format', 'json'])
        self.assertEqual('json', chosen.format)


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
