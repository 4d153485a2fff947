# SPDX-License-Identifier: Apache-2.0
"""Tables for people, JSON for programs."""

import argparse
import json

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
