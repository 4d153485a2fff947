# SPDX-License-Identifier: Apache-2.0
"""What a migration may do: add what is not there.

Nothing else is offered to it, so that a process of an older release still
finds all that it knows. Each step may be repeated, and be taken by several at
once: not every database takes back what a migration has done before it failed
or was killed.
"""

import functools
from collections.abc import Callable
from collections.abc import Mapping
from collections.abc import Sequence
from typing import Any

import sqlalchemy as sa
from alembic import migration
from alembic import operations
from oslo_db import exception as db_exc
from sqlalchemy import exc as sa_exc


class Additions:
    """Adds to the schema of a database."""

    def __init__(self, session: sa.Connection) -> None:
        self._session = session
        context = migration.MigrationContext.configure(session)
        self._operations = operations.Operations(context)

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
        self._unless(
            lambda: self.has_table(name),
            lambda: make.create_table(name, *parts, **options),
        )
        for index, columns in (indexes or {}).items():
            self._unless(
                functools.partial(self._has_index, name, index),
                functools.partial(make.create_index, index, name, columns),
            )

    def _has_index(self, table: str, name: str) -> bool:
        found = sa.inspect(self._session).get_indexes(table)
        self._heed_errors()
        return any(index['name'] == name for index in found)

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
