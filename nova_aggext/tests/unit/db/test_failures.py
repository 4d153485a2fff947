# SPDX-License-Identifier: Apache-2.0
"""What errors mean, as drivers and oslo.db of several releases raise them."""

import sqlite3

import sqlalchemy as sa
from oslo_db import exception as db_exc
from sqlalchemy import exc as sa_exc

from nova_aggext.db import failures
from nova_aggext.db import urls
from nova_aggext.tests import base

Kind = failures.Kind
URL = urls.parse('mysql+pymysql://nova:se%40cret@db1/nova_api')


class PostgresError(Exception):
    """An error as psycopg2 raises it."""

    def __init__(self, text: str, pgcode: str | None = None) -> None:
        super().__init__(text)
        self.pgcode = pgcode


def raised(original: Exception, name: str = 'OperationalError') -> Exception:
    """Wrap an error of a driver as SQLAlchemy does."""
    made: Exception = getattr(sa_exc, name)('SELECT 1', {}, original)
    return made


def of_mysql(number: int, name: str = 'OperationalError') -> Exception:
    """Make an error of MySQL or MariaDB."""
    return raised(Exception(number, 'text'), name)


class KindTest(base.TestCase):
    """Errors and their kinds."""

    def require(self, kind: Kind | None, *errors: Exception) -> None:
        """Check the kind of errors, also where oslo.db wraps them."""
        for error in errors:
            self.assertIs(kind, failures.kind_of(error), repr(error))
            wrapped = db_exc.DBError(error)
            self.assertIs(kind, failures.kind_of(wrapped), repr(error))

    def test_numbers(self) -> None:
        for kind, numbers in (
            # An oslo.db of old does not know the first.
            (Kind.RACE, (1020, 1213, 1062, 1452)),
            (Kind.LATE, (1205,)),
            (Kind.BROKEN, (2003, 2006, 2013, 1047, 1927)),
            (Kind.AWAY, (1040, 1053, 9999)),
            (Kind.READ_ONLY, (1290, 1792, 1836)),
            (Kind.LASTING, (1044, 1045, 1049, 1054, 1142, 1305)),
        ):
            self.require(kind, *map(of_mysql, numbers))
        self.require(
            Kind.LASTING,
            of_mysql(1146, 'ProgrammingError'),
            of_mysql(9999, 'ProgrammingError'),
        )
        self.require(None, of_mysql(1406, 'DataError'))

    def test_states(self) -> None:
        for kind, states in (
            (Kind.RACE, ('40001', '40P01', '23505', '23503')),
            (Kind.LATE, ('55P03', '57014')),
            (Kind.BROKEN, ('08006', '57P01', '57P03')),
            (Kind.AWAY, ('53300', '53100', '58030')),
            (Kind.READ_ONLY, ('25006',)),
            (Kind.LASTING, ('42703', '42P01', '42501', '42883', '28P01')),
        ):
            for name in ('OperationalError', 'InternalError', 'DatabaseError'):
                self.require(
                    kind,
                    *[raised(PostgresError('x', one), name) for one in states],
                )
        for state in ('22001', '23502', '40003'):
            error = raised(PostgresError('x', state), 'DataError')
            self.require(None, error)

    def test_texts_of_libpq(self) -> None:
        for text in (
            'FATAL:  password authentication failed for user "nova"',
            'FATAL:  database "nova_api" does not exist',
            'FATAL:  role "nova" does not exist',
            'FATAL:  no pg_hba.conf entry for host "::1", user "nova"',
        ):
            self.require(Kind.LASTING, raised(PostgresError(text)))
        self.require(Kind.AWAY, raised(PostgresError('Connection refused')))

    def test_texts_of_sqlite(self) -> None:
        for kind, text in (
            (Kind.RACE, 'database is locked'),
            (Kind.RACE, 'database table is locked: t'),
            (Kind.READ_ONLY, 'attempt to write a readonly database'),
            (Kind.LASTING, 'no such table: t'),
            (Kind.LASTING, 'no such column: c'),
            (Kind.LASTING, 'table t has no column named c'),
            (Kind.LASTING, 'unable to open database file'),
            (Kind.AWAY, 'disk I/O error'),
            (Kind.AWAY, 'database or disk is full'),
            (None, 'near "x": syntax error'),
        ):
            self.require(kind, raised(sqlite3.OperationalError(text)))

    def test_classes(self) -> None:
        self.require(Kind.AWAY, sa_exc.TimeoutError())
        for kind, error in (
            (Kind.BROKEN, db_exc.DBConnectionError()),
            (Kind.RACE, db_exc.DBDeadlock()),
            (Kind.RACE, db_exc.DBDuplicateEntry()),
            (Kind.RACE, db_exc.DBReferenceError('t', 'c', 'k', 'o')),
            (Kind.LATE, db_exc.DBDeadlock(of_mysql(1205))),
            (Kind.LASTING, db_exc.DBNonExistentDatabase('nova')),
            (None, db_exc.DBError(ValueError('x'))),
            (None, db_exc.DBDataError()),
        ):
            self.assertIs(kind, failures.kind_of(error), repr(error))


class DescribeTest(base.TestCase):
    """What is said of an error."""

    def test_where_and_why(self) -> None:
        text = failures.describe(of_mysql(1045), URL)
        self.assertEqual('OperationalError at db1:3306: text (1045)', text)

    def test_the_first_line_alone(self) -> None:
        error = raised(PostgresError('no column\nLINE 1: SELECT name'))
        text = failures.describe(error, URL)
        self.assertEqual('OperationalError at db1:3306: no column', text)

    def test_no_text(self) -> None:
        text = failures.describe(db_exc.DBConnectionError(), URL)
        self.assertEqual('DBConnectionError at db1:3306', text)

    def test_no_secret(self) -> None:
        for told in ('wrong: se@cret', 'mysql://other:se:@cret@db1/x'):
            for url in (URL, sa.make_url('mysql://db1/nova')):
                error = raised(ValueError(told))
                if url is URL or '://' in told:
                    self.assertNotIn('cret', failures.describe(error, url))
