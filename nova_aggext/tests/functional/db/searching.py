# SPDX-License-Identifier: Apache-2.0
"""Which aggregates a search finds, as Python tells it: a model to test by."""

import re
from collections.abc import Callable
from collections.abc import Iterable
from typing import Any

from nova_aggext.compute import etags
from nova_aggext.db import records
from nova_aggext.db import search

Field = search.Field
Key = search.Key
Operator = search.Operator

_COMPARED: dict[Operator, Callable[[Any, Any], bool]] = {
    Operator.GT: lambda left, right: left > right,
    Operator.GTE: lambda left, right: left >= right,
    Operator.LT: lambda left, right: left < right,
    Operator.LTE: lambda left, right: left <= right,
}
_KEYS: dict[Key, Callable[[records.Aggregate], Any]] = {
    Key.ID: lambda one: one.id,
    Key.NAME: lambda one: one.name,
    Key.ZONE: lambda one: one.availability_zone,
    Key.HOST_COUNT: lambda one: len(one.hosts),
    Key.CREATED_AT: lambda one: one.created_at,
    Key.UPDATED_AT: lambda one: one.updated_at,
}


def find(
    every: Iterable[records.Aggregate], wanted: search.Search
) -> list[int]:
    """Give the ids of all that fit, in their order."""
    found = [one for one in every if _fits(one, wanted.filters)]
    for order in reversed(wanted.order):
        value = _KEYS[order.key]
        found.sort(
            key=lambda one: _place(value(one)), reverse=order.descending
        )
    return [one.id for one in found]


def _place(value: Any) -> tuple[bool, Any]:
    """Sort null before everything."""
    return (False, 0) if value is None else (True, value)


def _fits(one: records.Aggregate, filters: Iterable[search.Filter]) -> bool:
    return all(
        _fits_one(one, each) is not (each.operator in search.NEGATIVE)
        for each in filters
    )


def _fits_one(one: records.Aggregate, each: search.Filter) -> bool:
    return any(_is(value, each) for value in _values(one, each))


def _values(one: records.Aggregate, each: search.Filter) -> list[Any]:
    """Give what a filter looks at; null where there is nothing."""
    metadata = etags.plain_metadata(one)
    match each.field:
        case Field.ID:
            return [one.id]
        case Field.UUID:
            return [one.uuid]
        case Field.NAME:
            return [one.name]
        case Field.ZONE:
            return [one.availability_zone]
        case Field.HOST:
            return list(one.hosts) or [None]
        case Field.MANAGER:
            # Nobody claims anything of these.
            return []
        case Field.OWNER:
            return [one.owner]
        case Field.PROTECTED:
            return [one.protected]
        case Field.METADATA_KEY:
            return list(metadata)
        case Field.METADATA:
            return [metadata[key] for key in metadata if key == each.key]


def _is(value: Any, each: search.Filter) -> bool:
    if each.operator in search.EQUALITY:
        return value in each.values
    if value is None:
        return False
    (asked,) = each.values
    if each.operator is Operator.GLOB:
        parts = (
            {'*': '.*', '?': '.'}.get(char, re.escape(char))
            for char in str(asked)
        )
        return re.fullmatch(''.join(parts), value, re.DOTALL) is not None
    return _COMPARED[each.operator](value, asked)
