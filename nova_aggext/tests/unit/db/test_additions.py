# SPDX-License-Identifier: Apache-2.0
"""Migrations only add."""

import ast
import inspect
import pathlib

from nova_aggext.db import additions
from nova_aggext.db import schema
from nova_aggext.tests import base

# What a migration may know of: how to describe a table, and how to add it.
MAY_IMPORT = {
    'typing.Any',
    'sqlalchemy',
    'sqlalchemy.dialects.mysql',
    'nova_aggext.db.additions',
}
# What else would reach the database, by the methods of a connection.
MAY_CALL = {
    name
    for name, _ in inspect.getmembers(additions.Additions, inspect.isfunction)
    if not name.startswith('_')
}


class MigrationsTest(base.TestCase):
    """The directory of migrations."""

    def test_they_only_add(self) -> None:
        """They have nothing at hand to alter, drop or fill something."""
        self.assertEqual({'has_table', 'table', 'columns'}, MAY_CALL)
        for path in self._paths():
            tree = ast.parse(path.read_text())
            self.assertEqual(set(), _imported(tree) - MAY_IMPORT, path.name)
            self.assertEqual(set(), _called(tree) - MAY_CALL, path.name)

    def test_their_names(self) -> None:
        """The number that a name begins with is the version."""
        found = [path.name.partition('_')[0] for path in self._paths()]
        wanted = [f'{number:04}' for number in range(1, len(found) + 1)]
        self.assertEqual(wanted, found)
        for path, number in zip(self._paths(), wanted, strict=True):
            self.assertIn(f"revision = '{number}'", path.read_text())

    def _paths(self) -> list[pathlib.Path]:
        folder = schema.MIGRATIONS / 'versions'
        return sorted(folder.glob('[0-9]*.py'))


def _imported(tree: ast.Module) -> set[str]:
    found = set()
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            found |= {one.name for one in node.names}
        elif isinstance(node, ast.ImportFrom):
            found |= {f'{node.module}.{one.name}' for one in node.names}
    return found


def _called(tree: ast.Module) -> set[str]:
    """Give what is called of the object that a migration is handed."""
    return {
        node.attr
        for node in ast.walk(tree)
        if isinstance(node, ast.Attribute)
        and isinstance(node.value, ast.Name)
        and node.value.id == 'add'
    }
