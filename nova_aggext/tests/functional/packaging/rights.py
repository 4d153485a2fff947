# SPDX-License-Identifier: Apache-2.0
"""The statements that the security page has for the database user."""

import re

from nova_aggext.tests.functional.packaging import samples

PAGE = samples.TOP / 'doc/source/admin/security.rst'
# How each kind of database is called there.
TITLES = {'mysql': 'MariaDB and MySQL', 'postgresql': 'PostgreSQL'}

_PLACE = re.compile(r'-- In the database (\w+)')
# A comment names the database of what follows.
_ENDS = re.compile(r';|(?<=\.) ')
_BLOCK = r'^{title}\n.*?^\.\. code-block:: sql\n\n((?:   [^\n]*\n|\n)+)'


def statements(kind: str) -> list[str]:
    """Give the statements for a kind of database, and its comments."""
    found = re.search(
        _BLOCK.format(title=TITLES[kind]), PAGE.read_text(), re.M | re.S
    )
    assert found is not None
    text = ' '.join(line.strip() for line in found[1].splitlines())
    return [part.strip() for part in _ENDS.split(text) if part.strip()]


def place(statement: str) -> str | None:
    """Give the database that a comment names; None if it is a statement."""
    named = _PLACE.match(statement)
    return named[1] if named else None
