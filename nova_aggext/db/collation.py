# SPDX-License-Identifier: Apache-2.0
"""How names compare: as Nova's MariaDB tables do, on every database.

Nova's tables have the collation ``utf8mb3_general_ci``: case, accents and
trailing blanks do not count (DATABASE, section 1). MariaDB enforces that by
itself. SQLite and PostgreSQL compare exactly, so there the same rule is
applied here, and the one API behaves alike on all three.
"""

from collections.abc import Callable
from importlib import resources

import sqlalchemy as sa

_TABLE = resources.files('nova_aggext.db').joinpath('general_ci.txt')


def fold(text: str) -> str:
    """Give a text that is equal for all texts MariaDB takes for equal.

    One character has one weight: a letter followed by a combining accent is
    not the same as the letter with its accent.
    """
    return text.translate(_WEIGHTS).rstrip(' ')


def key_of(dialect: sa.Dialect) -> Callable[[str], str]:
    """Give what makes those texts equal that a database takes for equal."""
    return fold if dialect.name == 'mysql' else str


def is_kept(session: sa.Connection) -> bool:
    """Say whether the database itself keeps this rule, by its unique keys."""
    return session.dialect.name == 'mysql'


def _read_weights() -> dict[int, int]:
    weights = {}
    for line in _TABLE.read_text(encoding='ascii').splitlines():
        if not line.startswith('#'):
            weight, _, characters = line.partition(':')
            for character in characters.split():
                weights[int(character, 16)] = int(weight, 16)
    return weights


_WEIGHTS = _read_weights()
