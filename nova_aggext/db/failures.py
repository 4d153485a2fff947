# SPDX-License-Identifier: Apache-2.0
"""What the errors of databases mean, whichever driver tells them.

Numbers are those of MySQL and MariaDB, states those of PostgreSQL. What
oslo.db makes of an error is taken where neither says more: which errors it
knows depends on its release.
"""

import enum
import re
import sqlite3

import sqlalchemy as sa
from oslo_db import exception as db_exc
from sqlalchemy import exc as sa_exc

from nova_aggext.db import urls

# Characters of a cause that are told.
_MAX_CAUSE = 300


class Kind(enum.Enum):
    """What to do about an error.

    :cvar RACE: another transaction came first; a repeat would see that
    :cvar LATE: the database let it wait as long as it does
    :cvar BROKEN: there is no connection, or it broke
    :cvar AWAY: the server cannot serve at present
    :cvar READ_ONLY: the server takes no writes at present
    :cvar LASTING: it is so until somebody mends it
    """

    RACE = enum.auto()
    LATE = enum.auto()
    BROKEN = enum.auto()
    AWAY = enum.auto()
    READ_ONLY = enum.auto()
    LASTING = enum.auto()


# Kinds that last until an operator does something.
OF_OPERATORS = frozenset({Kind.READ_ONLY, Kind.LASTING})
# Kinds that a server gets over which is about to start.
OF_SERVERS = frozenset({Kind.BROKEN, Kind.AWAY})

_NUMBERS = {
    number: kind
    for kind, numbers in {
        # Changed since it was read, a key that is taken, a row that is
        # referred to or gone, deadlock, failed certification.
        Kind.RACE: (1020, 1062, 1213, 1451, 1452, 3101),
        Kind.LATE: (1205, 1317, 1969, 3024),
        Kind.BROKEN: (1047, 1927, 2002, 2003, 2006, 2013, 2055, 4031),
        # Memory, disk, connections, shutdown.
        Kind.AWAY: (1021, 1037, 1038, 1040, 1041, 1053, 1114, 1203, 1226),
        Kind.READ_ONLY: (1290, 1792, 1836),
        # Address, database, user, password, privileges, TLS.
        Kind.LASTING: (
            *(1044, 1045, 1049, 1129, 1130, 1142, 1143, 1227, 1370, 1698),
            *(2026, 2054, 2059, 4151),
            # Columns, tables, defaults, functions, variables, statements.
            *(1054, 1064, 1146, 1193, 1235, 1305, 1364, 1665),
        ),
    }.items()
    for number in numbers
}

# The longest beginning counts.
_STATES = {
    state: kind
    for kind, states in {
        Kind.RACE: ('23503', '23505', '40001', '40P01'),
        Kind.LATE: ('55P03', '57014'),
        Kind.BROKEN: ('08', '25P03', '57P'),
        Kind.AWAY: ('53', '55', '57', '58'),
        Kind.READ_ONLY: ('25006',),
        Kind.LASTING: ('0A', '28', '3D', '3F', '42'),
    }.items()
    for state in states
}

# Beginnings of what SQLite says; the texts are part of its sources.
_SQLITE = {
    'attempt to write a readonly': Kind.READ_ONLY,
    'file is not a database': Kind.LASTING,
    'no such ': Kind.LASTING,
    'unable to open': Kind.LASTING,
    'database disk image is malformed': Kind.LASTING,
    'database or disk is full': Kind.AWAY,
    'disk i/o error': Kind.AWAY,
}

# Of who is not let in, libpq gives no state but only a text.
_NOT_LET_IN = re.compile(
    r'authentication failed|no password supplied|no pg_hba\.conf entry'
    r'|(role|database) ".*" does not exist|permission denied'
    r'|is not permitted to log in|certificate'
)

_CLASSES: tuple[tuple[type[Exception], Kind], ...] = (
    (db_exc.DBConnectionError, Kind.BROKEN),
    (db_exc.DBDeadlock, Kind.RACE),
    (db_exc.DBDuplicateEntry, Kind.RACE),
    (db_exc.DBReferenceError, Kind.RACE),
    (db_exc.DBNonExistentDatabase, Kind.LASTING),
    (db_exc.DBNonExistentTable, Kind.LASTING),
    (db_exc.DBNotSupportedError, Kind.LASTING),
    (sa_exc.TimeoutError, Kind.AWAY),
    (sa_exc.NotSupportedError, Kind.LASTING),
    (sa_exc.ProgrammingError, Kind.LASTING),
    # What no table above has, such as a wrong TLS setting of a server.
    (sa_exc.OperationalError, Kind.AWAY),
)
# SQLite reports wrong statements in the same way.
_BLAMED = (sa_exc.ProgrammingError, sa_exc.OperationalError)


def kind_of(error: BaseException | None) -> Kind | None:
    """Say what an error of oslo.db or SQLAlchemy means.

    None for one that the statement is to blame for, and so this package.
    """
    if error is None:
        return None
    original = _original(error)
    if isinstance(original, sqlite3.Error):
        return _of_sqlite(str(original)) or _of_class(error, original)
    state = _state_of(original)
    number = next(iter(getattr(original, 'args', ())), None)
    if isinstance(number, int):
        known = _NUMBERS.get(number)
    elif state:
        known = _of_state(state)
    else:
        known = _of_text(original)
    return known or _of_class(error, original)


def is_sqlite_busy(error: BaseException) -> bool:
    """Say whether SQLite gave up waiting for another writer."""
    original = _original(error)
    return isinstance(original, sqlite3.OperationalError) and (
        'locked' in str(original)
    )


def describe(error: BaseException, url: sa.URL | None) -> str:
    """Say what an error is about and where, without a secret.

    No more than its first line: drivers quote the statement in others.
    """
    original = _original(error)
    args: tuple[object, ...] = getattr(original, 'args', ())
    if len(args) > 1 and isinstance(args[0], int):
        text = f'{args[1]} ({args[0]})'
    elif original is error:
        # Of oslo.db itself, which knows no cause.
        text = ''
    else:
        text = next(iter(str(original).strip().splitlines()), '')
    text = urls.without_secrets(text, url)[:_MAX_CAUSE]
    name = type(error).__name__
    where = '' if url is None else f' at {urls.place(url)}'
    return f'{name}{where}: {text}' if text else f'{name}{where}'


def _original(error: BaseException) -> object:
    """Give the error of the driver, wrapped by oslo.db or SQLAlchemy only."""
    inner = getattr(error, 'inner_exception', None) or error
    return getattr(inner, 'orig', inner)


def _of_sqlite(text: str) -> Kind | None:
    text = text.lower()
    if 'locked' in text:
        return Kind.RACE
    if 'has no column' in text:
        return Kind.LASTING
    for beginning, kind in _SQLITE.items():
        if text.startswith(beginning):
            return kind
    return None


def _state_of(original: object) -> str | None:
    """Give the state as psycopg2 names it, or its successor."""
    return getattr(original, 'pgcode', getattr(original, 'sqlstate', None))


def _of_state(state: str) -> Kind | None:
    for length in range(len(state), 1, -1):
        if state[:length] in _STATES:
            return _STATES[state[:length]]
    return None


def _of_text(original: object) -> Kind | None:
    if _NOT_LET_IN.search(str(original)):
        return Kind.LASTING
    return None


def _of_class(error: BaseException, original: object) -> Kind | None:
    inner = getattr(error, 'inner_exception', None) or error
    blamed = _BLAMED if isinstance(original, sqlite3.Error) else ()
    for known, kind in _CLASSES:
        if known not in blamed and (
            isinstance(error, known) or isinstance(inner, known)
        ):
            return kind
    return None
