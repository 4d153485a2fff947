# SPDX-License-Identifier: Apache-2.0
"""Texts compared by code points, on every database.

What MariaDB takes for equal is more than that, and each database sorts as its
collation says. The bytes of a text in UTF-8 are the same everywhere, and sort
as its code points do.
"""

from collections.abc import Collection
from typing import Any, TypeAlias

import sqlalchemy as sa
from sqlalchemy.dialects import mysql

Text: TypeAlias = sa.ColumnElement[Any]

# Characters that a column of a name holds.
LONGEST = 255
_ESCAPE = '|'
_BYTES = sa.LargeBinary()


def exact(dialect: sa.Dialect, column: Text) -> sa.ColumnElement[bytes]:
    """Give the bytes of a column, to compare and to sort by."""
    if dialect.name == 'postgresql':
        return sa.func.convert_to(column, 'UTF8', type_=_BYTES)
    if dialect.name == 'mysql':
        return sa.cast(_utf8(column), mysql.BINARY())
    return sa.cast(column, sa.BLOB())


def value(text: str) -> sa.BindParameter[bytes]:
    """Give what the bytes of a column are compared with."""
    return sa.bindparam(None, text.encode(), _BYTES, unique=True)


def stored(dialect: sa.Dialect, text: str) -> Any:
    """Give what is stored in a column that holds all of Unicode.

    Connections to MySQL carry what Nova's tables hold, and no more.
    """
    return _utf8(value(text)) if dialect.name == 'mysql' else text


def is_one_of(
    dialect: sa.Dialect,
    column: Text,
    texts: Collection[str],
    *,
    beyond: bool = False,
) -> sa.ColumnElement[bool]:
    """Say whether a column holds one of some texts.

    An index of the column is used, which finds what the database takes for
    equal.

    :param beyond: whether it may hold all of Unicode, not as Nova's tables
    """
    held = [text for text in texts if _is_storable(dialect, text, beyond)]
    if not held:
        return sa.false()
    encoded = [text.encode() for text in held]
    same = exact(dialect, column).in_(
        sa.bindparam(None, encoded, _BYTES, unique=True, expanding=True)
    )
    if beyond:
        alike = column.in_([stored(dialect, text) for text in held])
    else:
        alike = column.in_(held)
    return sa.and_(alike, same)


def is_like(
    dialect: sa.Dialect, column: Text, glob: str
) -> sa.ColumnElement[bool]:
    """Say whether a column matches a pattern of ``*`` and ``?``."""
    while '**' in glob:
        glob = glob.replace('**', '*')
    if len(glob.replace('*', '')) > LONGEST:
        return sa.false()
    if dialect.name == 'sqlite':
        if '\0' in glob:
            # It would look no further than there.
            return sa.false()
        return column.bool_op('GLOB')(glob.replace('[', '[[]'))
    if dialect.name == 'mysql':
        pattern = _utf8(value(_like(glob)))
        return sa.collate(_utf8(column), 'utf8mb4_bin').like(
            pattern, escape=_ESCAPE
        )
    if not _is_storable(dialect, glob, beyond=True):
        return sa.false()
    return sa.collate(column, 'C').like(_like(glob), escape=_ESCAPE)


def _utf8(column: Text) -> Text:
    """Give a text of MariaDB in UTF-8, whatever its table is in."""
    named = column.op('USING')(sa.literal_column('utf8mb4'))
    return sa.func.convert(named, type_=sa.String)


def _like(glob: str) -> str:
    """Write a pattern as LIKE wants it."""
    for special in (_ESCAPE, '%', '_'):
        glob = glob.replace(special, f'{_ESCAPE}{special}')
    return glob.replace('*', '%').replace('?', '_')


def _is_storable(dialect: sa.Dialect, text: str, beyond: bool) -> bool:
    """Say whether a database can hold a text at all.

    Some cannot even be asked for one that it cannot.
    """
    if len(text) > LONGEST:
        return False
    if dialect.name == 'postgresql':
        return '\0' not in text
    held = beyond or dialect.name != 'mysql'
    return held or max(text, default='') <= '\uffff'
