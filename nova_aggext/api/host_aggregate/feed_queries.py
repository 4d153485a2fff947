# SPDX-License-Identifier: Apache-2.0
"""What may be asked of the feed of changes."""

import base64
import binascii
import csv
import dataclasses
import datetime
import json
import re
from collections.abc import Mapping
from collections.abc import Sequence

from nova_aggext.api.host_aggregate import errors
from nova_aggext.api.host_aggregate import feed_views
from nova_aggext.compute import etags
from nova_aggext.db import changes
from nova_aggext.db import entries

Values = Mapping[str, Sequence[str]]

NEWEST_FIRST = 'changed_at:desc'
KINDS = frozenset({'change', 'apply', 'revert', 'nova', 'repair', 'observed'})

_FILTERS = (
    'aggregate',
    'changed_at',
    'host',
    'kind',
    'manager',
    'project_id',
    'request_id',
    'user_id',
)
_OTHERS = ('after', 'fields', 'limit', 'marker', 'sort')
# Which parameters there are is checked here, to name one that is not.
SCHEMA = {'type': 'object'}

_NUMBER = re.compile(r'0|[1-9][0-9]{0,17}', re.ASCII)
_UUID = re.compile(r'[0-9a-f]{8}-([0-9a-f]{4}-){3}[0-9a-f]{12}')
_OPERATOR = re.compile(r'(in|nin|neq|gt|gte|lt|lte):(.*)', re.DOTALL)
_LEAST = datetime.timedelta(microseconds=1)
# From how many microseconds after the time that is told, and before how many.
_BOUNDS: Mapping[str, tuple[int | None, int | None]] = {
    '': (0, 1),
    'gte': (0, None),
    'gt': (1, None),
    'lt': (None, 0),
    'lte': (None, 1),
}


@dataclasses.dataclass(frozen=True, slots=True)
class Query:
    """What is asked.

    :ivar is_sorted: the newest first, else by position
    :ivar after: the position to go on after
    :ivar place: that of the change to go on after, where they are sorted
    :ivar pairs: all of it but the marker, for a link
    """

    limit: int
    fields: frozenset[str] | None
    filters: entries.Filters
    is_sorted: bool
    after: int | None
    place: entries.Place | None
    pairs: tuple[tuple[str, str], ...]

    def marker(self, entry: entries.Entry) -> str:
        """Give what stands for the place of a change in this very list."""
        told = [
            entry.rows[0].changed_at.isoformat(timespec='microseconds'),
            entry.position,
            _digest(self.pairs),
        ]
        return base64.urlsafe_b64encode(json.dumps(told).encode()).decode()


def is_id(text: str) -> bool:
    """Say whether a text can be the id of a change."""
    return bool(_UUID.fullmatch(text)) or (
        changes.sequence_of(text) is not None
    )


def parse(values: Values, most: int) -> Query:
    """Read a query.

    :param most: changes in one answer; more than these are not given
    :raises Refused: for what cannot be understood
    """
    for name in values:
        if name not in (*_FILTERS, *_OTHERS):
            raise invalid(name, 'There is no such parameter here.')
    single = {name: _single(name, values) for name in _OTHERS}
    sort, marker = single['sort'], single['marker']
    if sort not in (None, NEWEST_FIRST):
        raise invalid('sort', f'It can only be {NEWEST_FIRST}.')
    if marker is not None and sort is None:
        raise invalid('marker', f'It goes with sort={NEWEST_FIRST} only.')
    if single['after'] is not None and sort is not None:
        raise invalid('after', 'It does not go with sort.')
    pairs = tuple(
        (name, value)
        for name, several in sorted(values.items())
        for value in several
        if name != 'marker'
    )
    limit, after = single['limit'], single['after']
    return Query(
        most if limit is None else min(_number('limit', limit), most),
        _fields(single['fields']),
        _filters(values),
        sort is not None,
        None if after is None else _number('after', after),
        None if marker is None else _place(marker, _digest(pairs)),
        pairs,
    )


def invalid(parameter: str, detail: str) -> errors.Refused:
    """Make the error of a parameter that cannot be understood."""
    return errors.refused(400, 'query.invalid', detail, parameter=parameter)


def _single(name: str, values: Values) -> str | None:
    found = values.get(name, ())
    if len(found) > 1:
        raise invalid(name, 'It can be given once.')
    return found[0] if found else None


def _number(name: str, text: str) -> int:
    if not _NUMBER.fullmatch(text):
        raise invalid(name, 'It must be a number in digits.')
    return int(text)


def _fields(text: str | None) -> frozenset[str] | None:
    if text is None:
        return None
    found = frozenset(text.split(','))
    if found - feed_views.FIELDS:
        known = ', '.join(sorted(feed_views.FIELDS))
        raise invalid('fields', f'There are: {known}.')
    return found


def _digest(pairs: Sequence[tuple[str, str]]) -> str:
    """Digest what a marker is bound to: filters, not limit and fields."""
    return etags.digest(
        [one for one in pairs if one[0] not in ('limit', 'fields')]
    )


def _place(marker: str, digest: str) -> entries.Place:
    """Read a marker.

    :raises Refused: for one that is forged, or of another query
    """
    try:
        told = json.loads(base64.b64decode(marker, b'-_', validate=True))
        moment, position, of = told
        place = entries.Place(
            datetime.datetime.fromisoformat(moment), int(position)
        )
    except (binascii.Error, RecursionError, TypeError, ValueError) as error:
        raise invalid('marker', 'It is none of this list.') from error
    is_wild = not 0 < place.position < 2**63 or place.changed_at.tzinfo
    if of != digest or is_wild:
        raise invalid('marker', 'It is none of this list.')
    return place


def _filters(values: Values) -> entries.Filters:
    each: list[entries.Filter] = []
    since: list[datetime.datetime] = []
    until: list[datetime.datetime] = []
    for name in _FILTERS:
        for text in values.get(name, ()):
            operator, told = _operation(text)
            if name == 'changed_at':
                _add_time(operator, told, since, until)
            else:
                each.append(_filter(name, operator, told))
    return entries.Filters(
        tuple(each), max(since, default=None), min(until, default=None)
    )


def _operation(text: str) -> tuple[str, list[str]]:
    """Take a filter apart; without an operator it is literal."""
    found = _OPERATOR.fullmatch(text)
    operator, told = found.groups() if found else ('', text)
    if operator in ('in', 'nin'):
        return operator, next(csv.reader([told]), [''])
    quoted = len(told) > 1 and told[0] == told[-1] == '"'
    return operator, [told[1:-1].replace('""', '"') if quoted else told]


def _filter(name: str, operator: str, told: list[str]) -> entries.Filter:
    if operator not in ('', 'in', 'nin', 'neq'):
        raise invalid(name, f'There is no {operator}: for it.')
    is_negated = operator in ('nin', 'neq')
    if name == 'kind' and not KINDS.issuperset(told):
        raise invalid(name, f'There are: {", ".join(sorted(KINDS))}.')
    if name != 'aggregate':
        return entries.Filter(name, frozenset(told), is_negated)
    if all(_NUMBER.fullmatch(one) for one in told):
        ids = frozenset(int(one) for one in told)
        return entries.Filter('aggregate_id', ids, is_negated)
    if not all(_UUID.fullmatch(one) for one in told):
        raise invalid(name, 'It must be ids, or uuids, of aggregates.')
    return entries.Filter('aggregate_uuid', frozenset(told), is_negated)


def _add_time(
    operator: str,
    told: list[str],
    since: list[datetime.datetime],
    until: list[datetime.datetime],
) -> None:
    """Narrow the times of changes: not before, and before."""
    if operator not in _BOUNDS:
        raise invalid('changed_at', f'There is no {operator}: for it.')
    try:
        moment = datetime.datetime.fromisoformat(told[0])
        if moment.tzinfo is not None:
            moment = moment.astimezone(datetime.UTC).replace(tzinfo=None)
        first, end = _BOUNDS[operator]
        since += [] if first is None else [moment + first * _LEAST]
        until += [] if end is None else [moment + end * _LEAST]
    except (OverflowError, ValueError) as error:
        raise invalid('changed_at', 'It must be a time, in ISO 8601.') from (
            error
        )
