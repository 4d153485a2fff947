# SPDX-License-Identifier: Apache-2.0
"""Which hosts are wanted: criteria, and whether a host fits.

Hosts are told by an inventory, which no database of ours can search.
"""

import dataclasses
import enum
from collections.abc import Callable
from collections.abc import Iterable
from collections.abc import Mapping
from typing import Any, TypeAlias

from nova_aggext.compute import globs
from nova_aggext.db import memberships
from nova_aggext.db import search

Operator = search.Operator
# A name, a zone, the id or uuid of an aggregate, or whether it is known.
Value: TypeAlias = str | int | bool | None


class Field(enum.Enum):
    """What hosts are chosen by."""

    NAME = 'name'
    ZONE = 'availability_zone'
    # One of its aggregates; null: it is in none.
    AGGREGATE = 'aggregate'
    # Whether it is in the inventory; null: nobody can tell.
    KNOWN = 'known'


@dataclasses.dataclass(frozen=True, slots=True)
class Filter:
    """What must be true of a host; see ``search.Filter``."""

    field: Field
    operator: Operator
    values: tuple[Value, ...]


@dataclasses.dataclass(frozen=True, slots=True)
class Search:
    """Which hosts are wanted, by name, and how many.

    :ivar after: the name of the host before the first
    """

    filters: tuple[Filter, ...] = ()
    descending: bool = False
    after: str | None = None
    limit: int = 1000


@dataclasses.dataclass(frozen=True, slots=True)
class Candidate:
    """A host as filters look at it.

    :ivar known: None: nobody can tell
    :ivar aggregates: the ids of those that it is in
    """

    name: str
    known: bool | None
    zone: str
    aggregates: tuple[int, ...]


@dataclasses.dataclass(frozen=True, slots=True)
class Host:
    """A host with its aggregates.

    :ivar known: see ``Candidate``
    :ivar zone: that of its aggregates, else the default
    :ivar in_default_zone: no aggregate gives it a zone
    :ivar aggregates: by id
    :ivar instances: None where they were not asked for, or nobody can tell
    """

    name: str
    known: bool | None
    zone: str
    in_default_zone: bool
    aggregates: tuple[memberships.Summary, ...]
    instances: int | None = None


_POSITIVE = search.EQUALITY - search.NEGATIVE
_COMPARED: Mapping[Operator, Callable[[Any, Any], bool]] = {
    Operator.GT: lambda left, right: left > right,
    Operator.GTE: lambda left, right: left >= right,
    Operator.LT: lambda left, right: left < right,
    Operator.LTE: lambda left, right: left <= right,
    Operator.GLOB: lambda text, glob: globs.matches(glob, text),
}


def names(filters: Iterable[Filter]) -> frozenset[str] | None:
    """Give the names that a host must have one of; None: any."""
    found: frozenset[str] | None = None
    for one in filters:
        if one.field is Field.NAME and one.operator in _POSITIVE:
            listed = frozenset(map(str, one.values))
            found = listed if found is None else found & listed
    return found


def fits(one: Candidate, filters: Iterable[Filter]) -> bool:
    """Say whether a host fits all filters."""
    return all(
        _fits(one, each) is not (each.operator in search.NEGATIVE)
        for each in filters
    )


def _fits(one: Candidate, each: Filter) -> bool:
    told = _values(one, each.field)
    if each.operator in search.EQUALITY:
        return any(value in each.values for value in told)
    compared = _COMPARED[each.operator]
    return any(compared(value, each.values[0]) for value in told)


def _values(one: Candidate, field: Field) -> tuple[Value, ...]:
    match field:
        case Field.NAME:
            return (one.name,)
        case Field.ZONE:
            return (one.zone,)
        case Field.AGGREGATE:
            return one.aggregates or (None,)
        case Field.KNOWN:
            return (one.known,)
