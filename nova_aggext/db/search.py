# SPDX-License-Identifier: Apache-2.0
"""Finds aggregates by what they are; the rest of them is read by id.

Filtered, sorted and cut in the database, with one order on all of them:
texts by code point, and null before everything.
"""

import dataclasses
import enum
from collections.abc import Callable
from collections.abc import Iterator
from collections.abc import Sequence
from typing import Any, TypeAlias

import sqlalchemy as sa

from nova_aggext.db import claims
from nova_aggext.db import models
from nova_aggext.db import records
from nova_aggext.db import texts

AGGREGATES = models.aggregates
HOSTS = models.aggregate_hosts
METADATA = models.aggregate_metadata
ANNOTATIONS = models.annotations

# What a filter compares with; None is null. Protection is true or false.
Value: TypeAlias = str | int | bool | None


class Field(enum.Enum):
    """What aggregates are chosen by."""

    ID = 'id'
    UUID = 'uuid'
    NAME = 'name'
    ZONE = 'availability_zone'
    # One of its hosts; null: it has none.
    HOST = 'host'
    # One that claims something of it.
    MANAGER = 'manager'
    OWNER = 'owner'
    PROTECTED = 'protected'
    METADATA_KEY = 'metadata_key'
    # The value of one key.
    METADATA = 'metadata'


class Key(enum.Enum):
    """What aggregates are sorted by."""

    ID = 'id'
    NAME = 'name'
    ZONE = 'availability_zone'
    HOST_COUNT = 'host_count'
    CREATED_AT = 'created_at'
    UPDATED_AT = 'updated_at'


class Operator(enum.Enum):
    """How a filter compares.

    ``NEQ`` and ``NOT_IN`` fit what has no value; the others, with a value, do
    not. Of several values one must fit, of ``NEQ`` and ``NOT_IN`` all.
    """

    EQ = 'eq'
    NEQ = 'neq'
    IN = 'in'
    NOT_IN = 'nin'
    GT = 'gt'
    GTE = 'gte'
    LT = 'lt'
    LTE = 'lte'
    GLOB = 'glob'


NEGATIVE = frozenset((Operator.NEQ, Operator.NOT_IN))
EQUALITY = frozenset((Operator.EQ, Operator.IN, *NEGATIVE))


@dataclasses.dataclass(frozen=True, slots=True)
class Filter:
    """What must be true of an aggregate.

    :ivar values: one, but for ``IN`` and ``NOT_IN``
    :ivar key: of metadata, whose value is meant
    """

    field: Field
    operator: Operator
    values: tuple[Value, ...]
    key: str | None = None


@dataclasses.dataclass(frozen=True, slots=True)
class Order:
    """One key to sort by."""

    key: Key
    descending: bool = False


@dataclasses.dataclass(frozen=True, slots=True)
class Search:
    """Which aggregates are wanted, in which order, and how many.

    :ivar order: ends with the id, so that there is one order
    :ivar after: the values of these keys of the aggregate before the first
    """

    filters: tuple[Filter, ...] = ()
    order: tuple[Order, ...] = (Order(Key.ID),)
    after: tuple[Any, ...] | None = None
    limit: int = 1000


@dataclasses.dataclass(frozen=True, slots=True)
class Found:
    """What was found.

    :ivar ids: in their order
    :ivar last: the values of the keys of the last; None: there are no more
    """

    ids: tuple[int, ...]
    last: tuple[Any, ...] | None


def find(session: sa.Connection, wanted: Search) -> Found:
    """Find aggregates, in one statement."""
    source = _Source(session.dialect)
    columns = [source.shown(one.key) for one in wanted.order]
    statement = (
        sa.select(AGGREGATES.c.id, *columns)
        .select_from(source.tables(wanted))
        .where(*source.conditions(wanted.filters))
        .order_by(*source.sorting(wanted.order))
        .limit(wanted.limit + 1)
    )
    if wanted.after is not None:
        statement = statement.where(source.behind(wanted.order, wanted.after))
    rows = session.execute(statement).all()
    page = rows[: wanted.limit]
    more = len(rows) > len(page)
    return Found(
        tuple(row[0] for row in page), tuple(page[-1][1:]) if more else None
    )


def count(session: sa.Connection, filters: tuple[Filter, ...]) -> int:
    """Count the aggregates that fit."""
    source = _Source(session.dialect)
    statement = (
        sa.select(sa.func.count())
        .select_from(source.tables(Search(filters)))
        .where(*source.conditions(filters))
    )
    return int(session.scalar(statement) or 0)


# The row of the metadata that holds the zone.
_ZONE = METADATA.alias('zone')
_COUNTS = (
    sa.select(HOSTS.c.aggregate_id, sa.func.count().label('number'))
    .group_by(HOSTS.c.aggregate_id)
    .subquery('counts')
)
_COLUMNS: dict[Key, sa.ColumnElement[Any]] = {
    Key.ID: AGGREGATES.c.id,
    Key.NAME: AGGREGATES.c.name,
    Key.ZONE: _ZONE.c.value,
    Key.HOST_COUNT: sa.func.coalesce(_COUNTS.c.number, 0),
    Key.CREATED_AT: AGGREGATES.c.created_at,
    Key.UPDATED_AT: AGGREGATES.c.updated_at,
}
_TEXTS = frozenset((Key.NAME, Key.ZONE))
_COMPARED: dict[Operator, Callable[[Any, Any], sa.ColumnElement[bool]]] = {
    Operator.GT: lambda left, right: left > right,
    Operator.GTE: lambda left, right: left >= right,
    Operator.LT: lambda left, right: left < right,
    Operator.LTE: lambda left, right: left <= right,
}


@dataclasses.dataclass(frozen=True, slots=True)
class _Source:
    """Makes the parts of a statement for one kind of database."""

    dialect: sa.Dialect

    def tables(self, wanted: Search) -> sa.FromClause:
        """Join what is looked at, one row an aggregate."""
        joined: sa.FromClause = AGGREGATES
        fields = {one.field for one in wanted.filters}
        keys = {one.key for one in wanted.order}
        if Field.ZONE in fields or Key.ZONE in keys:
            is_zone = texts.is_one_of(
                self.dialect, _ZONE.c.key, [records.ZONE_KEY]
            )
            of_this = _ZONE.c.aggregate_id == AGGREGATES.c.id
            joined = joined.outerjoin(_ZONE, sa.and_(of_this, is_zone))
        if Field.OWNER in fields or Field.PROTECTED in fields:
            joined = joined.outerjoin(
                ANNOTATIONS, ANNOTATIONS.c.aggregate_id == AGGREGATES.c.id
            )
        if Key.HOST_COUNT in keys:
            joined = joined.outerjoin(
                _COUNTS, _COUNTS.c.aggregate_id == AGGREGATES.c.id
            )
        return joined

    def shown(self, key: Key) -> sa.ColumnElement[Any]:
        """Give a key as it is told."""
        return _COLUMNS[key]

    def sorted(self, key: Key) -> sa.ColumnElement[Any]:
        """Give a key as it is compared."""
        column = _COLUMNS[key]
        return texts.exact(self.dialect, column) if key in _TEXTS else column

    def sorting(
        self, order: Sequence[Order]
    ) -> Iterator[sa.ColumnElement[Any]]:
        """Sort by keys, null first where they ascend."""
        for one in order:
            column = self.sorted(one.key)
            is_there = sa.case((_COLUMNS[one.key].is_(None), 0), else_=1)
            for part in (is_there, column):
                yield part.desc() if one.descending else part.asc()

    def behind(
        self, order: Sequence[Order], after: Sequence[Any]
    ) -> sa.ColumnElement[bool]:
        """Say what comes after an aggregate."""
        alternatives = []
        same: list[sa.ColumnElement[bool]] = []
        for one, value in zip(order, after, strict=True):
            alternatives.append(sa.and_(*same, self._later(one, value)))
            same.append(self._same(one.key, value))
        return sa.or_(*alternatives)

    def _later(self, one: Order, value: Any) -> sa.ColumnElement[bool]:
        column = self.sorted(one.key)
        later: sa.ColumnElement[bool] = column.is_not(None)
        if value is not None:
            later = column > self._bound(one.key, value)
        if not one.descending:
            return later
        if value is None:
            return sa.false()
        return sa.or_(column < self._bound(one.key, value), column.is_(None))

    def _same(self, key: Key, value: Any) -> sa.ColumnElement[bool]:
        column = self.sorted(key)
        same: sa.ColumnElement[bool] = column.is_(None)
        if value is not None:
            same = column == self._bound(key, value)
        return same

    def _bound(self, key: Key, value: Any) -> Any:
        return texts.value(value) if key in _TEXTS else value

    def conditions(
        self, filters: Sequence[Filter]
    ) -> Iterator[sa.ColumnElement[bool]]:
        """Say what is true of every aggregate that fits."""
        for one in filters:
            fits = self._fits(one)
            yield sa.not_(fits) if one.operator in NEGATIVE else fits

    def _fits(self, one: Filter) -> sa.ColumnElement[bool]:
        """Say what is true of those that fit, or not, if it is negative."""
        match one.field:
            case Field.ID:
                return _numbers(AGGREGATES.c.id, one)
            case Field.UUID:
                return self._texts(AGGREGATES.c.uuid, one)
            case Field.NAME:
                return self._texts(AGGREGATES.c.name, one)
            case Field.ZONE:
                return self._texts(_ZONE.c.value, one)
            case Field.HOST:
                return self._hosts(one)
            case Field.MANAGER:
                fits = self._texts(claims.CLAIMS.c.manager, one)
                return claims.any_of(self.dialect, fits)
            case Field.OWNER:
                return self._texts(ANNOTATIONS.c.owner, one, beyond=True)
            case Field.PROTECTED:
                return _is_protected(one)
            case Field.METADATA_KEY:
                fits = self._texts(METADATA.c.key, one)
                is_zone = self._is_key(records.ZONE_KEY)
                return _owned(METADATA, sa.and_(sa.not_(is_zone), fits))
            case Field.METADATA:
                return self._metadata(one)

    def _hosts(self, one: Filter) -> sa.ColumnElement[bool]:
        fits = [_owned(HOSTS, self._texts(HOSTS.c.host, one))]
        if None in one.values:
            fits.append(sa.not_(_owned(HOSTS, sa.true())))
        return sa.or_(*fits)

    def _metadata(self, one: Filter) -> sa.ColumnElement[bool]:
        # The zone is none of the metadata.
        if one.key is None or one.key == records.ZONE_KEY:
            return sa.false()
        fits = self._texts(METADATA.c.value, one)
        return _owned(METADATA, sa.and_(self._is_key(one.key), fits))

    def _is_key(self, key: str) -> sa.ColumnElement[bool]:
        return texts.is_one_of(self.dialect, METADATA.c.key, [key])

    def _texts(
        self,
        column: sa.ColumnElement[Any],
        one: Filter,
        *,
        beyond: bool = False,
    ) -> sa.ColumnElement[bool]:
        """Compare a text; that is never null."""
        told = [text for text in one.values if isinstance(text, str)]
        if one.operator is Operator.GLOB:
            fits = texts.is_like(self.dialect, column, told[0])
        elif one.operator in EQUALITY:
            fits = texts.is_one_of(self.dialect, column, told, beyond=beyond)
        else:
            compared = _COMPARED[one.operator]
            fits = compared(
                texts.exact(self.dialect, column), texts.value(told[0])
            )
        known = sa.and_(column.is_not(None), fits)
        return sa.or_(column.is_(None), fits) if None in one.values else known


def _numbers(
    column: sa.ColumnElement[Any], one: Filter
) -> sa.ColumnElement[bool]:
    told = [number for number in one.values if isinstance(number, int)]
    if one.operator in EQUALITY:
        return column.in_(told)
    return _COMPARED[one.operator](column, told[0])


def _is_protected(one: Filter) -> sa.ColumnElement[bool]:
    """Compare protection; that is never null."""
    column = ANNOTATIONS.c.protected
    # There is no row where there are no annotations.
    protected = sa.and_(column.is_not(None), column)
    fits = {True: protected, False: sa.not_(protected)}
    return sa.or_(*(fits[bool(value)] for value in one.values))


def _owned(
    table: sa.Table, fits: sa.ColumnElement[bool]
) -> sa.ColumnElement[bool]:
    """Say whether one of the rows that an aggregate has in a table fits."""
    return AGGREGATES.c.id.in_(sa.select(table.c.aggregate_id).where(fits))
