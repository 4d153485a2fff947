# SPDX-License-Identifier: Apache-2.0
"""Statements on rows that are named by their keys, one or many.

Of many, one statement writes every 500. Of one it is the same statement, but
made once: to make one takes as long as to send it.
"""

from collections.abc import Collection
from collections.abc import Mapping
from typing import Any, TypeAlias

import sqlalchemy as sa

from nova_aggext.db import batches
from nova_aggext.db import prepared

# The values of the key's columns, in their order.
Key: TypeAlias = tuple[Any, ...]
Condition: TypeAlias = sa.ColumnElement[bool]


class Keys:
    """The columns that name a row."""

    def __init__(self, *columns: sa.Column[Any]) -> None:
        self.columns = columns
        # A value to store goes by the name of its column.
        self._names = [f'of_{column.name}' for column in columns]

    def any_one(self) -> list[Condition]:
        """Give what holds for the row whose key is bound."""
        return [
            column == sa.bindparam(name, type_=column.type)
            for name, column in zip(self._names, self.columns, strict=True)
        ]

    def bound(self, key: Key) -> dict[str, Any]:
        """Bind the key of one row."""
        return dict(zip(self._names, key, strict=True))

    def one(self, key: Key) -> Condition:
        """Give what holds for the row of a key."""
        pairs = zip(self.columns, key, strict=True)
        return sa.and_(*(column == value for column, value in pairs))

    def many(self, keys: Collection[Key]) -> Condition:
        """Give what holds for the rows of some keys."""
        if len(keys) == 1:
            # For a list of one pair MariaDB uses no index, so that it would
            # lock all rows of the table.
            (key,) = keys
            return self.one(key)
        if len(self.columns) == 1:
            (column,) = self.columns
            return column.in_([value for (value,) in keys])
        return sa.tuple_(*self.columns).in_(list(keys))


class Deletion:
    """Deletes the rows of some keys, whether or not they are there."""

    def __init__(self, *columns: sa.Column[Any]) -> None:
        self._keys = Keys(*columns)
        self._delete = sa.delete(columns[0].table)
        self._one = prepared.Prepared(
            self._delete.where(*self._keys.any_one())
        )

    def execute(self, session: sa.Connection, keys: Collection[Key]) -> None:
        """Delete them."""
        if not keys:
            return
        if len(keys) == 1:
            (key,) = keys
            self._one.execute(session, self._keys.bound(key))
            return
        for batch in batches.of(keys, batches.ROWS):
            session.execute(self._delete.where(self._keys.many(batch)))


class Update:
    """Changes the rows of some keys, as far as they are there."""

    def __init__(self, *columns: sa.Column[Any]) -> None:
        self._keys = Keys(*columns)
        self._update = sa.update(columns[0].table)
        self._one = prepared.Prepared(
            self._update.where(*self._keys.any_one())
        )

    def execute(
        self, session: sa.Connection, rows: Mapping[Key, prepared.Values]
    ) -> None:
        """Change them.

        :param rows: by their keys; all give the same columns
        """
        if not rows:
            return
        if len(rows) == 1:
            ((key, values),) = rows.items()
            self._one.execute(session, {**self._keys.bound(key), **values})
            return
        for batch in batches.of(rows.items(), batches.ROWS):
            session.execute(self._many(dict(batch)))

    def _many(self, rows: Mapping[Key, prepared.Values]) -> sa.Update:
        names = next(iter(rows.values()))
        values = {name: self._value(rows, name) for name in names}
        return self._update.where(self._keys.many(rows)).values(values)

    def _value(self, rows: Mapping[Key, prepared.Values], name: str) -> Any:
        """Give one value for all rows, or choose that of each."""
        given = {key: values[name] for key, values in rows.items()}
        first, *others = given.values()
        if all(other == first for other in others):
            return first
        cases = ((self._keys.one(key), one) for key, one in given.items())
        return sa.case(*cases)
