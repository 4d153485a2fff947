# SPDX-License-Identifier: Apache-2.0
"""Filters of hosts: names may be patterns, aggregates ids or uuids."""

import re
from collections.abc import Callable
from collections.abc import Iterator
from collections.abc import Mapping

from nova_aggext.api.host_aggregate import filters
from nova_aggext.api.host_aggregate import queries
from nova_aggext.api.host_aggregate import references
from nova_aggext.compute import host_search
from nova_aggext.compute import patterns
from nova_aggext.db import search

Field = host_search.Field
Filter = host_search.Filter
Operator = search.Operator

# Commas in brackets belong to a pattern.
_PLAIN = re.compile(r'(?!")(?:\[[^\]]*\]|[^,])*')
_FIELDS: Mapping[str, Field] = {one.value: one for one in Field}
_KNOWN: Mapping[str, bool | None] = {
    'true': True,
    'false': False,
    'null': None,
}


def of_hosts(
    name: str, hosts_per_pattern: int
) -> Callable[[str], Filter] | None:
    """Give what reads a filter of hosts; None if there is none."""
    field = _FIELDS.get(name)
    if field is None:
        return None
    return lambda text: _filter(field, text, hosts_per_pattern)


def _filter(field: Field, text: str, most: int) -> Filter:
    """Read a filter.

    :raises queries.Invalid: when it has no valid form
    """
    operator, told = filters.written(text, _PLAIN)
    is_equality = operator in search.EQUALITY
    match field:
        case Field.NAME if is_equality:
            names = [name for one in told for name in _names(one, most)]
            return Filter(field, operator, tuple(names))
        case Field.AGGREGATE if is_equality:
            return Filter(field, operator, tuple(map(_aggregate, told)))
        case Field.KNOWN if is_equality:
            return Filter(field, operator, tuple(map(_known, told)))
        case Field.NAME | Field.ZONE:
            return Filter(field, operator, tuple(map(filters.text_of, told)))
    raise queries.Invalid('it can only be compared for equality')


def _names(told: str, most: int) -> Iterator[str]:
    """Give the names that a name or a pattern stands for."""
    if '[' not in told or told.startswith('"'):
        yield filters.text_of(told)
        return
    try:
        yield from patterns.expand(told, most)
    except patterns.Invalid as error:
        raise queries.Invalid(str(error), 'pattern.invalid') from error
    except patterns.TooMany as error:
        raise queries.Invalid(str(error), 'limit.exceeded') from error


def _aggregate(told: str) -> int | str | None:
    if told == filters.NULL:
        return None
    found = references.aggregate(filters.text_of(told))
    if found is None:
        raise queries.Invalid('it must be an id, a uuid, or null')
    return found


def _known(told: str) -> bool | None:
    if told not in _KNOWN:
        raise queries.Invalid('it must be true, false or null')
    return _KNOWN[told]
