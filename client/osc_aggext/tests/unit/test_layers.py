# SPDX-License-Identifier: Apache-2.0
"""Who may import whom."""

import ast
import pathlib
from collections.abc import Iterator

import testtools

FOLDER = pathlib.Path(__file__).parents[2]
# What each room may import beside itself; commands may import all.
ALLOWED = {
    'console': {'ranges', 'sdk'},
    'pictures': {'ranges', 'sdk'},
    'ranges': set(),
    'sdk': set(),
    'site': {'ranges', 'sdk'},
    # And only to make a client, or to name its type.
    'plugin': {'sdk'},
    'v1': {'console', 'pictures', 'ranges', 'sdk', 'site'},
}


def imported(room: str) -> Iterator[str]:
    """Give the rooms that a room imports."""
    path = FOLDER / room
    modules = path.rglob('*.py') if path.is_dir() else [FOLDER / f'{room}.py']
    for module in modules:
        for node in ast.walk(ast.parse(module.read_text())):
            if isinstance(node, ast.ImportFrom):
                for alias in node.names:
                    full = f'{node.module}.{alias.name}'.split('.')
                    if full[0] == 'osc_aggext':
                        yield full[1]


class LayerTest(testtools.TestCase):
    """The rooms of the package."""

    def test_imports(self) -> None:
        for room, allowed in ALLOWED.items():
            self.assertEqual(
                set(), set(imported(room)) - allowed - {room}, room
            )

    def test_rooms(self) -> None:
        """None is forgotten."""
        found = {
            path.stem
            for path in FOLDER.iterdir()
            if (path / '__init__.py').is_file() or path.suffix == '.py'
        }
        self.assertEqual({*ALLOWED, '__init__', 'tests'}, found)
