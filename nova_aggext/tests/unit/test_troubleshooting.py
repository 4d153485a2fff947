# SPDX-License-Identifier: Apache-2.0
"""The page on troubleshooting quotes messages that there are."""

import ast
import re
from collections.abc import Iterator

from nova_aggext.tests import base
from nova_aggext.tests.unit import layers

PAGE = layers.FOLDER.parent / 'doc/source/admin/troubleshooting.rst'

# What stands for a value, in the code and on the page.
_VALUE = re.compile(r'%\(\w+\)[.0-9]*[sdf]|%[sd]|\{[^{}]*\}|\.\.\.')
_LITERAL = re.compile(r'``([^`]+)``')
_MESSAGE = re.compile(r'[A-Z]\S* \S+ \S+')


def texts() -> Iterator[str]:
    """Give each text of the package, with one character for each value."""
    for module in layers.read(layers.FOLDER):
        if not module.name.startswith(layers.TESTS):
            for node in _walk(module.tree):
                if isinstance(node, ast.JoinedStr):
                    yield _plain(''.join(map(_part, node.values)))
                elif isinstance(node, ast.Constant):
                    yield _plain(str(node.value))


def _walk(node: ast.AST) -> Iterator[ast.AST]:
    """Give all below a node but docstrings."""
    for child in ast.iter_child_nodes(node):
        if not isinstance(child, ast.Expr) or not isinstance(
            child.value, ast.Constant
        ):
            yield child
            yield from _walk(child)


def _part(node: ast.expr) -> str:
    return str(node.value) if isinstance(node, ast.Constant) else '...'


def _plain(text: str) -> str:
    return _VALUE.sub('\0', text)


class TroubleshootingTest(base.TestCase):
    """Literals of some words that begin like a sentence are messages."""

    def test_messages(self) -> None:
        page = ' '.join(PAGE.read_text().split())
        quoted = [one for one in _LITERAL.findall(page) if _MESSAGE.match(one)]
        self.assertGreater(len(quoted), 20)
        known = list(texts())
        unknown = [
            one
            for one in quoted
            if not any(_plain(one).strip('\0 ') in text for text in known)
        ]
        self.assertEqual([], unknown)
