# SPDX-License-Identifier: Apache-2.0
"""What may be asked of the feed of changes."""

import dataclasses
import datetime
import re
from collections.abc import Callable
from collections.abc import Iterable
from collections.abc import Mapping
from collections.abc import Sequence
from typing import Any, TypeAlias

from nova_aggext.api.host_aggregate import errors
from nova_aggext.api.host_aggregate import feed_views
from nova_aggext.api.host_aggregate import filters
from nova_aggext.api.host_aggregate import paging
from nova_aggext.api.host_aggregate import queries
from nova_aggext.api.host_aggregate import references
from nova_aggext.db import changes
from nova_aggext.db import entries
from nova_aggext.db import search

Given = Mapping[str, Sequence[str]]
Operator = search.Operator

KINDS = frozenset({'change', 'apply', 'revert', 'nova', 'repair', 'observed'})

_TEXTS = frozenset({'host', 'manager', 'project_id', 'request_id', 'user_id'})
_NUMBER = re.compile(r'0|[1-9][0-9]{0,17}', re.ASCII)
_LEAST = datetime.timedelta(microseconds=1)


@dataclasses.dataclass(frozen=True, slots=True)
class _Times:
    """Not before a moment, and before another."""

    since: datetime.datetime | None = None
    until: datetime.datetime | None = None


_Filter: TypeAlias = entries.Filter | _Times


@dataclasses.dataclass(frozen=True, slots=True)
class Query:
    """What is asked.

    :ivar is_sorted: the newest first, else by position
    :ivar after: the position to go on after
    :ivar place: that of the change to go on after, where they are sorted
    :ivar bound: what a marker is bound to
    """

    limit: int
    fields: Sequence[str] | None
    filters: entries.Filters
    is_sorted: bool
    after: int | None
    place: entries.Place | None
    bound: str

    def marker(self, entry: entries.Entry) -> str:
        """Give what stands for the place of a change in this very list."""
        place = entry.place
        return paging.marker(self.bound, [place.changed_at, place.position])


def is_id(text: str) -> bool:
    """Say whether a text can be the id of a change."""
    return references.is_uuid(text) or (changes.sequence_of(text) is not None)


def read(given: Given, most: int) -> Query:
    """Read a query string.

    :param most: changes in one answer; more than these are not given
    :raises Refused: for what cannot be understood
    """
    parameters: dict[str, queries.Reader] = {
        'after': _number,
        'fields': queries.chosen(feed_views.FIELDS),
        'limit': lambda text: min(_number(text), most),
        'marker': str,
        'sort': _newest_first,
    }
    asked = queries.read(given, parameters, _filter_of)
    values = asked.values
    is_sorted = 'sort' in values
    if is_sorted and 'after' in values:
        raise _misplaced('after', 'It does not go with sort.')
    if 'marker' in values and not is_sorted:
        raise _misplaced('marker', 'It goes with sort only.')
    bound = paging.binding(given, 'limit marker fields')
    return Query(
        values.get('limit', most),
        values.get('fields'),
        _filters(asked.filters),
        is_sorted,
        values.get('after'),
        _place(values['marker'], bound) if 'marker' in values else None,
        bound,
    )


def _misplaced(parameter: str, detail: str) -> errors.Refused:
    return errors.refused(400, 'query.invalid', detail, parameter=parameter)


def _number(text: str) -> int:
    if not _NUMBER.fullmatch(text):
        raise queries.Invalid('it must be a number in digits')
    return int(text)


def _newest_first(text: str) -> None:
    if text != 'changed_at:desc':
        raise queries.Invalid('it can only be changed_at:desc')


def _place(marker: str, bound: str) -> entries.Place:
    """Read a marker."""
    moment, position = paging.after(marker, bound, (paging.moment, _position))
    return entries.Place(moment or datetime.datetime.max, position or 0)


def _position(value: Any) -> int:
    """Take a position as a marker has it."""
    return _number(str(value))


def _filter_of(name: str) -> Callable[[str], _Filter] | None:
    """Give what reads a filter of changes; None if there is none."""
    if name in _TEXTS:
        return lambda text: _filter(name, *_told(text))
    known: dict[str, Callable[[str], _Filter]] = {
        'aggregate': _aggregate,
        'changed_at': _times,
        'kind': _kind,
    }
    return known.get(name)


def _told(text: str) -> tuple[Operator, list[str]]:
    operator, told = filters.parse(text, is_nullable=False)
    return operator, [one for one in told if one is not None]


def _filter(
    field: str, operator: Operator, values: Iterable[str | int]
) -> entries.Filter:
    if operator not in search.EQUALITY:
        raise queries.Invalid('it can only be compared for equality')
    is_negated = operator in search.NEGATIVE
    return entries.Filter(field, frozenset(values), is_negated)


def _kind(text: str) -> entries.Filter:
    operator, told = _told(text)
    if not KINDS.issuperset(told):
        raise queries.Invalid(f'kinds are {", ".join(sorted(KINDS))}')
    return _filter('kind', operator, told)


def _aggregate(text: str) -> entries.Filter:
    """Read ids, or uuids, of aggregates, be they deleted or not."""
    operator, told = _told(text)
    if all(_NUMBER.fullmatch(one) for one in told):
        return _filter('aggregate_id', operator, [int(one) for one in told])
    if all(references.is_uuid(one) for one in told):
        return _filter('aggregate_uuid', operator, told)
    raise queries.Invalid('it must be ids, or uuids, of aggregates')


def _times(text: str) -> _Times:
    operator, told = _told(text)
    try:
        moment = datetime.datetime.fromisoformat(told[0])
        if moment.tzinfo is not None:
            moment = moment.astimezone(datetime.UTC).replace(tzinfo=None)
        return _bounds(operator, moment)
    except (OverflowError, ValueError) as error:
        reason = 'it must be a time in ISO 8601, or gte: and the like of one'
        raise queries.Invalid(reason) from error


def _bounds(operator: Operator, moment: datetime.datetime) -> _Times:
    match operator:
        case Operator.EQ:
            return _Times(moment, moment + _LEAST)
        case Operator.GTE:
            return _Times(since=moment)
        case Operator.GT:
            return _Times(since=moment + _LEAST)
        case Operator.LT:
            return _Times(until=moment)
        case Operator.LTE:
            return _Times(until=moment + _LEAST)
    raise ValueError(operator)


def _filters(asked: Iterable[_Filter]) -> entries.Filters:
    """Put filters together; of several times the narrowest count."""
    found = list(asked)
    times = [one for one in found if isinstance(one, _Times)]
    since = [one.since for one in times if one.since is not None]
    until = [one.until for one in times if one.until is not None]
    return entries.Filters(
        tuple(one for one in found if isinstance(one, entries.Filter)),
        max(since, default=None),
        min(until, default=None),
    )
