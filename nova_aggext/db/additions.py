# SPDX-License-Identifier: Apache-2.0
"""What a migration may do: add what is not there.

Nothing else is offered to it, so that a process of an older release still
finds all that it knows. Each step may be repeated, and be taken by several at
once: not every database takes back what a migration has done before it failed
or was killed.

Nothing copies a table, or keeps its writers waiting while it is read: columns
that are added are null, which only changes what the database knows of the
table, and indexes of tables that were there are made beside their writers.
PostgreSQL does that in no transaction, so there they are left for later.
"""

import functools
from collections.abc import Callable
from collections.abc import Mapping
from collections.abc import Sequence
from typing import Any

import sqlalchemy as sa
from alembic import migration
from alembic import operations
from alembic.ddl import base
from oslo_db import exception as db_exc
from sqlalchemy import exc as sa_exc
from sqlalchemy import schema


_VALID = sa.text(
    'SELECT indisvalid FROM pg_index '
    'WHERE indexrelid = to_regclass(quote_ident(:name))'
)


class Additions:
    """Adds to the schema of a database.

    :ivar later: indexes that are still to be made, in no transaction
    """

    def __init__(self, session: sa.Connection) -> None:
        self.later: list[sa.Index] = []
        self._session = session
        context = migration.MigrationContext.configure(session)
        self._operations = operations.Operations(context)
        self._new: set[str] = set()

    def has_table(self, name: str) -> bool:
        """Say whether there is a table."""
        found = sa.inspect(self._session).has_table(name)
        self._heed_errors()
        return found

    def table(
        self,
        name: str,
        *parts: sa.schema.SchemaItem,
        indexes: Mapping[str, Sequence[str]] | None = None,
        **options: Any,
    ) -> None:
        """Add a table, and to one that is there the indexes it lacks.

        :param indexes: their columns, by their names
        """
        make = self._operations

        def make_table() -> None:
            make.create_table(name, *parts, **options)
            self._new.add(name)

        self._unless(lambda: self.has_table(name), make_table)
        self._add_indexes(name, indexes or {})

    def columns(
        self,
        table: str,
        *parts: sa.Column[Any],
        indexes: Mapping[str, Sequence[str]] | None = None,
    ) -> None:
        """Add to a table the columns it lacks, which may be null; indexes too.

        :param indexes: their columns, by their names
        """
        for column in parts:
            if not column.nullable or column.server_default is not None:
                raise ValueError(
                    f'{column.name} must be null in what is there'
                )
            self._unless(
                functools.partial(self._has_column, table, column.name),
                functools.partial(self._add_column, table, column),
            )
        self._add_indexes(table, indexes or {})

    def _add_column(self, table: str, column: sa.Column[Any]) -> None:
        self._make(base.AddColumn(table, column), ', ALGORITHM=INSTANT')

    def _add_indexes(
        self, table: str, indexes: Mapping[str, Sequence[str]]
    ) -> None:
        for name, columns in indexes.items():
            self._unless(
                functools.partial(self._has_index, table, name),
                functools.partial(self._add_index, table, name, columns),
            )

    def _add_index(
        self, table: str, name: str, columns: Sequence[str]
    ) -> None:
        of = sa.Table(table, sa.MetaData(), *(sa.Column(c) for c in columns))
        beside = (
            self._session.dialect.name == 'postgresql'
            and table not in self._new
        )
        index = sa.Index(name, *of.columns, postgresql_concurrently=beside)
        if beside:
            self.later.append(index)
        else:
            element = schema.CreateIndex(index)
            self._make(element, ' ALGORITHM=INPLACE LOCK=NONE')

    def _make(self, element: schema.DDLElement, how: str) -> None:
        """Execute a statement; MySQL may do it in no other way."""
        dialect = self._session.dialect
        said = str(element.compile(dialect=dialect))
        self._session.execute(
            sa.text(said + how if dialect.name == 'mysql' else said)
        )

    def _has_column(self, table: str, name: str) -> bool:
        found = sa.inspect(self._session).get_columns(table)
        self._heed_errors()
        return any(column['name'] == name for column in found)

    def _has_index(self, table: str, name: str) -> bool:
        found = sa.inspect(self._session).get_indexes(table)
        self._heed_errors()
        return any(index['name'] == name for index in found) and is_usable(
            self._session, name
        )

    def _heed_errors(self) -> None:
        """Let oslo.db see errors again.

        To inspect MySQL keeps them from it for the rest of the connection,
        so that a lost race would not be known for one.
        """
        self._session.execution_options(skip_user_error_events=False)

    def _unless(
        self, is_there: Callable[[], bool], make: Callable[[], object]
    ) -> None:
        """Make something unless it is there, also if another makes it now."""
        if is_there():
            return
        try:
            make()
        except (db_exc.DBError, sa_exc.DatabaseError):
            # Elsewhere one at a time makes tables.
            if self._session.dialect.name != 'mysql' or not is_there():
                raise


def is_usable(session: sa.Connection, index: str) -> bool:
    """Say whether an index that is there was made to its end.

    PostgreSQL keeps one at which a process was killed, and never uses it.
    """
    if session.dialect.name != 'postgresql':
        return True
    return bool(session.scalar(_VALID, {'name': index}))


def make_later(session: sa.Connection, index: sa.Index) -> None:
    """Make an index of PostgreSQL beside the writers, in no transaction."""
    if is_usable(session, str(index.name)):
        return
    # A half of one, if any.
    session.execute(schema.DropIndex(index, if_exists=True))
    session.execute(schema.CreateIndex(index, if_not_exists=True))
