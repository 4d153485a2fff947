# SPDX-License-Identifier: Apache-2.0
"""Entries of the feed: whole changes, by position, by time or by id.

Only what has a position is read, but by id; see ``feed.read``.
"""

import dataclasses
import datetime
import json
from collections.abc import Callable
from collections.abc import Collection
from collections.abc import Iterable
from collections.abc import Iterator
from typing import Any, TypeAlias

import sqlalchemy as sa

from nova_aggext.db import batches
from nova_aggext.db import change_sets
from nova_aggext.db import changes
from nova_aggext.db import feed
from nova_aggext.db import models

CHANGES = models.changes
SETS = models.change_sets
Change = changes.Change
ChangeSet = change_sets.ChangeSet
Condition: TypeAlias = sa.ColumnElement[bool]

# Entries that are read at a time, and rows after which a page ends early.
_CHUNK = 200
_ROWS = 5000
# After every sequence.
_NOW = 2**63


@dataclasses.dataclass(frozen=True, slots=True)
class Place:
    """Where an entry is in the order of times."""

    changed_at: datetime.datetime
    position: int


@dataclasses.dataclass(frozen=True, slots=True)
class Entry:
    """One change as a whole.

    :ivar rows: at least one, but of a change that had no effect
    :ivar asked: what was asked for by a change that has an id
    """

    id: str
    position: int | None
    rows: tuple[Change, ...]
    asked: ChangeSet | None = None

    @property
    def kind(self) -> str:
        """How it came about."""
        if self.asked is not None:
            return self.asked.kind
        row = self.rows[0]
        if row.operation == changes.OBSERVED:
            return 'observed'
        if row.user_id == changes.REPAIRER:
            return 'repair'
        is_orphan = row.operation == changes.DELETE_ORPHANS
        return 'repair' if is_orphan else 'nova'

    @property
    def place(self) -> Place:
        """Where it is by its time; it has a position."""
        return Place(self.rows[0].changed_at, self.position or 0)

    @property
    def hosts(self) -> frozenset[str]:
        """The hosts that joined or left an aggregate."""
        return frozenset(
            host
            for row in self.rows
            for side in (row.before, row.after)
            for host in side.get('hosts', ())
        )


# The fields of an entry that a filter may look at.
_VALUES: dict[str, Callable[[Entry], Iterable[str | int | None]]] = {
    'aggregate_id': lambda one: [row.aggregate_id for row in one.rows],
    'aggregate_uuid': lambda one: [row.aggregate_uuid for row in one.rows],
    'host': lambda one: one.hosts,
    'kind': lambda one: [one.kind],
    'manager': lambda one: [one.asked.manager if one.asked else None],
    'project_id': lambda one: [one.rows[0].project_id],
    'request_id': lambda one: [one.rows[0].request_id],
    'user_id': lambda one: [one.rows[0].user_id],
}


@dataclasses.dataclass(frozen=True, slots=True)
class Filter:
    """A field of an entry has one of some values, or none of them.

    :ivar field: 'aggregate_id', 'aggregate_uuid', 'host', 'kind', 'manager',
        'project_id', 'request_id' or 'user_id'
    """

    field: str
    values: frozenset[str | int]
    is_negated: bool = False

    def holds(self, entry: Entry) -> bool:
        """Say whether an entry passes; values are compared exactly."""
        found = self.values.intersection(_VALUES[self.field](entry))
        return bool(found) is not self.is_negated


@dataclasses.dataclass(frozen=True, slots=True)
class Filters:
    """What an entry has to fulfil.

    :ivar since: not before this moment, naive in UTC
    :ivar until: before this moment
    """

    each: tuple[Filter, ...] = ()
    since: datetime.datetime | None = None
    until: datetime.datetime | None = None

    def hold(self, entry: Entry) -> bool:
        """Say whether an entry passes."""
        return all(one.holds(entry) for one in self.each)


@dataclasses.dataclass(frozen=True, slots=True)
class Page:
    """Some entries, one after the other.

    :ivar position: how far was looked, also where nothing passed
    """

    entries: tuple[Entry, ...]
    position: int


def page(
    session: sa.Connection, after: int, limit: int, filters: Filters
) -> Page:
    """Read entries that come after a position, in the order of theirs.

    They may be fewer than asked for; they are none only at the end.
    """
    found: list[Entry] = []
    while len(found) < limit and _count_rows(found) < _ROWS:
        wanted = min(limit - len(found), _CHUNK)
        statement = _passing(filters).where(CHANGES.c.position > after)
        places = _places(
            session, statement.order_by(CHANGES.c.position).limit(wanted)
        )
        if not places:
            after = feed.head(session)
            break
        after = places[-1].position
        found += filter(filters.hold, _load(session, places))
    return Page(tuple(found), after)


def newest(
    session: sa.Connection, before: Place | None, limit: int, filters: Filters
) -> tuple[Entry, ...]:
    """Read entries by the time of the change, the newest first.

    They may be fewer than asked for; they are none only at the end.

    :param before: the place of the entry to go on after
    """
    found: list[Entry] = []
    while len(found) < limit and _count_rows(found) < _ROWS:
        wanted = min(limit - len(found), _CHUNK)
        statement = _passing(filters).order_by(
            CHANGES.c.changed_at.desc(), CHANGES.c.position.desc()
        )
        if before is not None:
            statement = statement.where(_is_older(before))
        places = _places(session, statement.limit(wanted))
        if not places:
            break
        before = places[-1]
        found += filter(filters.hold, _load(session, places))
    return tuple(found)


def find(session: sa.Connection, entry_id: str) -> Entry | None:
    """Read the entry of an id; None if there is none."""
    number = changes.sequence_of(entry_id)
    if number is not None:
        condition = sa.and_(
            CHANGES.c.sequence == number, CHANGES.c.change_id.is_(None)
        )
    else:
        condition = CHANGES.c.change_id == entry_id
    rows = _rows(session, condition)
    asked = change_sets.get(session, entry_id) if number is None else None
    if not rows and asked is None:
        return None
    position = rows[0].position if rows else None
    return Entry(entry_id, position, tuple(rows), asked)


def names(
    session: sa.Connection, entries: Iterable[Entry]
) -> dict[tuple[int, int], str]:
    """Give the names that aggregates had before rows of an older release.

    By aggregate id and sequence. The name is what the next row that changed
    it tells, else what it is now.
    """
    wanted = [
        row
        for entry in entries
        for row in entry.rows
        if row.aggregate_name is None
        and not {'name'} & {*row.before, *row.after}
    ]
    ids = sorted({row.aggregate_id for row in wanted})
    if not ids:
        return {}
    first = min(row.sequence for row in wanted)
    told: dict[int, list[tuple[int, str]]] = {}
    for batch in batches.of(ids, batches.VALUES):
        for number, sequence, before in session.execute(_named(batch, first)):
            name = json.loads(before).get('name')
            told.setdefault(number, []).append((sequence, name))
        now = sa.select(models.aggregates.c.id, models.aggregates.c.name)
        for number, name in session.execute(
            now.where(models.aggregates.c.id.in_(batch))
        ):
            told.setdefault(number, []).append((_NOW, name))
    return {
        (row.aggregate_id, row.sequence): name
        for row in wanted
        for name in _first(told.get(row.aggregate_id, ()), row.sequence)
    }


def _named(ids: list[int], first: int) -> sa.Select[Any]:
    """Select rows that tell the name before them: it comes first in JSON."""
    return (
        sa.select(CHANGES.c.aggregate_id, CHANGES.c.sequence, CHANGES.c.before)
        .where(
            CHANGES.c.aggregate_id.in_(ids),
            CHANGES.c.sequence > first,
            CHANGES.c.before.like('{"name": %'),
        )
        .order_by(CHANGES.c.sequence)
    )


def _first(told: Collection[tuple[int, str]], sequence: int) -> Iterator[str]:
    """Give the first name that is told after a row, if any."""
    later = (name for number, name in told if number > sequence)
    yield from list(later)[:1]


def _count_rows(entries: Iterable[Entry]) -> int:
    return sum(len(one.rows) for one in entries)


def _passing(filters: Filters) -> sa.Select[Any]:
    """Select places of rows; some may be of entries that do not pass."""
    statement = sa.select(CHANGES.c.changed_at, CHANGES.c.position).where(
        CHANGES.c.position.is_not(None)
    )
    if filters.since is not None:
        statement = statement.where(CHANGES.c.changed_at >= filters.since)
    if filters.until is not None:
        statement = statement.where(CHANGES.c.changed_at < filters.until)
    return statement.where(
        *(_condition(one) for one in filters.each if not one.is_negated)
    )


def _is_older(place: Place) -> Condition:
    return sa.or_(
        CHANGES.c.changed_at < place.changed_at,
        sa.and_(
            CHANGES.c.changed_at == place.changed_at,
            CHANGES.c.position < place.position,
        ),
    )


def _places(session: sa.Connection, statement: sa.Select[Any]) -> list[Place]:
    """Read places, each once, in their order."""
    rows = session.execute(statement)
    found = (Place(row.changed_at, row.position) for row in rows)
    return list({one.position: one for one in found}.values())


def _load(session: sa.Connection, places: list[Place]) -> list[Entry]:
    """Read the entries of some places, in their order."""
    numbers = [one.position for one in places]
    rows: dict[int, list[Change]] = {one: [] for one in numbers}
    for row in _rows(session, CHANGES.c.position.in_(numbers)):
        if row.position is not None:
            rows[row.position].append(row)
    ids = [one[0].change_id for one in rows.values()]
    asked = change_sets.some(session, [one for one in ids if one is not None])
    return [
        Entry(
            _id(of[0]), position, tuple(of), asked.get(of[0].change_id or '')
        )
        for position, of in rows.items()
    ]


def _id(row: Change) -> str:
    return row.change_id or changes.id_of(row.sequence)


def _rows(session: sa.Connection, condition: Condition) -> list[Change]:
    statement = sa.select(CHANGES).where(condition)
    return changes.read(session, statement.order_by(CHANGES.c.sequence))


def _condition(one: Filter) -> Condition:
    """Give what each row that passes fulfils, and maybe others."""
    # Nothing of ours holds it, and PostgreSQL cannot be asked for it.
    values = [each for each in one.values if '\0' not in str(each)]
    values.sort(key=str)
    if not values:
        return sa.false()
    if one.field == 'host':
        return sa.or_(*(_has_host(str(host)) for host in values))
    if one.field == 'kind':
        return sa.or_(*(_is_of_kind(str(kind)) for kind in values))
    if one.field == 'manager':
        return _is_asked(SETS.c.manager.in_(values))
    if one.field == 'aggregate_id':
        known = [number for number in values if models.is_id(int(number))]
        return CHANGES.c.aggregate_id.in_(known)
    return CHANGES.c[one.field].in_(values)


def _has_host(host: str) -> Condition:
    """Give what holds for rows with the membership of a host.

    Nova's path changes one at a time, and names it in a column.
    """
    told = json.dumps(host)
    many = sa.or_(
        CHANGES.c.change_id.is_not(None),
        CHANGES.c.operation.in_([changes.OBSERVED, changes.DELETE_ORPHANS]),
    )
    return sa.or_(
        CHANGES.c.host == host,
        sa.and_(
            many,
            sa.or_(
                CHANGES.c.before.contains(told, autoescape=True),
                CHANGES.c.after.contains(told, autoescape=True),
            ),
        ),
    )


def _is_of_kind(kind: str) -> Condition:
    has_id = CHANGES.c.change_id.is_not(None)
    observed = CHANGES.c.operation == changes.OBSERVED
    by_repairer = sa.func.coalesce(CHANGES.c.user_id, '') == changes.REPAIRER
    repair = sa.or_(CHANGES.c.operation == changes.DELETE_ORPHANS, by_repairer)
    match kind:
        case 'observed':
            return sa.and_(~has_id, observed)
        case 'repair':
            return sa.and_(~has_id, repair, ~observed)
        case 'nova':
            return sa.and_(~has_id, ~repair, ~observed)
    return _is_asked(SETS.c.kind == kind)


def _is_asked(condition: Condition) -> Condition:
    """Give what holds for rows of changes that were asked for so."""
    return CHANGES.c.change_id.in_(sa.select(SETS.c.id).where(condition))
