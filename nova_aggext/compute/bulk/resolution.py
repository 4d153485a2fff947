# SPDX-License-Identifier: Apache-2.0
"""What a request asks of each aggregate, once these were found.

Pure functions of the request and of what was read; references name
aggregates as they were before.
"""

import dataclasses
from collections.abc import Iterable
from collections.abc import Iterator
from collections.abc import Mapping

from nova_aggext.compute.bulk import asked as compute_asked
from nova_aggext.compute import requests
from nova_aggext.compute import unset
from nova_aggext.db import records

Aggregate = records.Aggregate
AggregateItem = compute_asked.AggregateItem
Asked = compute_asked.Asked
HostItem = compute_asked.HostItem
Item = requests.Item
Operation = compute_asked.Operation
Places = compute_asked.Places
Reference = compute_asked.Reference

# An aggregate by its id, or by a text while it is made.
Key = int | str


class Picture:
    """The aggregates that a request names, and those of its host items."""

    def __init__(self, aggregates: Iterable[Aggregate]) -> None:
        self.aggregates = {one.id: one for one in aggregates}
        self._by_uuid = {one.uuid: one for one in self.aggregates.values()}
        self._by_name = {one.name: one for one in self.aggregates.values()}

    def find(self, reference: Reference) -> Aggregate | None:
        """Find the one that a reference names; exactly, and in all it says."""
        if reference.id is not None:
            one = self.aggregates.get(reference.id)
        elif reference.uuid is not None:
            one = self._by_uuid.get(reference.uuid)
        else:
            one = self._by_name.get(reference.name or '')
        return one if one and _is_meant(one, reference) else None


def _is_meant(one: Aggregate, reference: Reference) -> bool:
    return (
        reference.id in (None, one.id)
        and reference.uuid in (None, one.uuid)
        # The last: what renames it may be sent again.
        and (
            reference.name in (None, one.name) or reference.becomes == one.name
        )
    )


@dataclasses.dataclass(frozen=True, slots=True)
class Unknown:
    """A reference names no aggregate, or several."""

    place: str


@dataclasses.dataclass(frozen=True, slots=True)
class Contradiction:
    """Two parts of the request speak of the same thing.

    :ivar other: the place of the one that comes first
    """

    place: str
    other: str
    what: str


Problem = Unknown | Contradiction


@dataclasses.dataclass(frozen=True, slots=True)
class Resolution:
    """Items for the core, and where each part of them was asked for.

    :ivar places: of aggregates, by their keys
    :ivar of_hosts: of memberships, by the aggregate's key and the host
    :ivar guarded: hosts that must be as they were read, with all that shows of
        them
    """

    items: tuple[Item, ...]
    places: Mapping[Key, str]
    of_hosts: Mapping[tuple[Key, str], str]
    problems: tuple[Problem, ...] = ()
    guarded: requests.Guarded = requests.Guarded()

    def is_same(self, other: 'Resolution') -> bool:
        """Say whether it asks for, and guards, the same."""
        mine, theirs = (self.items, self.guarded), (other.items, other.guarded)
        return mine == theirs


def resolve(
    asked: Asked, picture: Picture, skipped: frozenset[str] = frozenset()
) -> Resolution:
    """Give what is asked of each aggregate.

    :param skipped: hosts that are not to be added
    """
    found = _Found(asked, picture)
    problems: tuple[Problem, ...] = (
        *found.unknown,
        *_contradictions(found),
    )
    if problems:
        return Resolution((), {}, {}, problems)
    items: list[Item] = []
    of_hosts: dict[tuple[Key, str], str] = {}
    for key, part in found.parts.items():
        add, remove = _memberships(part, skipped)
        for host, place in (*add.items(), *remove.items()):
            of_hosts[key, host] = place
        items.append(_item(key, part, [*add], [*remove]))
    places = {key: part.place for key, part in found.parts.items()}
    guarded = _guarded(asked, picture)
    return Resolution(tuple(items), places, of_hosts, guarded=guarded)


def _guarded(asked: Asked, picture: Picture) -> requests.Guarded:
    hosts = frozenset(one.host for one in asked.hosts if one.if_match)
    ids = (
        number
        for number, one in picture.aggregates.items()
        if not hosts.isdisjoint(one.hosts)
    )
    return requests.Guarded(frozenset(ids), hosts)


@dataclasses.dataclass(slots=True)
class _Part:
    """What is asked of one aggregate from all sides.

    :ivar named: of the hosts to add those that are named in a ``set``
    :ivar left_out: hosts whose own items leave this one out
    """

    place: str
    aggregate: Aggregate | None
    item: AggregateItem | None = None
    add: dict[str, str] = dataclasses.field(default_factory=dict)
    remove: dict[str, str] = dataclasses.field(default_factory=dict)
    named: set[str] = dataclasses.field(default_factory=set)
    left_out: dict[str, str] = dataclasses.field(default_factory=dict)


class _Found:
    """The parts of a request, by aggregates."""

    def __init__(self, asked: Asked, picture: Picture) -> None:
        self.parts: dict[Key, _Part] = {}
        self.unknown: list[Unknown] = []
        self.twice: list[Contradiction] = []
        self._picture = picture
        self._uuids: dict[str, str] = {}
        for item in asked.aggregates:
            self._take_aggregate(item)
        hosts: dict[str, str] = {}
        for one in asked.hosts:
            other = hosts.setdefault(one.host, one.place)
            if other != one.place:
                self.twice.append(
                    Contradiction(one.place, other, f'host {one.host}')
                )
            self._take_host(one)

    def _take_aggregate(self, item: AggregateItem) -> None:
        if item.reference is None:
            self._take_new(item)
            return
        one = self._find(item.reference)
        if one is None:
            return
        part = self.parts.setdefault(one.id, _Part(item.place, one, item))
        if part.item is not item:
            self.twice.append(
                Contradiction(item.place, part.place, f'aggregate {one.id}')
            )

    def _take_new(self, item: AggregateItem) -> None:
        # Several of one place make again what one change has deleted.
        key = f'new {len(self.parts)}'
        self.parts[key] = _Part(item.place, None, item)
        if item.uuid is not None:
            other = self._uuids.setdefault(item.uuid, item.place)
            if other != item.place:
                self.twice.append(
                    Contradiction(item.place, other, f'uuid {item.uuid}')
                )

    def _take_host(self, item: HostItem) -> None:
        named: set[int] = set()
        for references, way in (
            (item.add, 'add'),
            (item.whole or (), 'add'),
            (item.remove, 'remove'),
        ):
            once: dict[int, str] = {}
            for reference in references:
                one = self._find(reference)
                if one is not None:
                    named.add(one.id)
                    place = once.setdefault(one.id, reference.place)
                    self._take_member(one, item.host, way, place)
        if item.whole is None:
            return
        for number in named:
            self.parts[number].named.add(item.host)
        for one in self._picture.aggregates.values():
            concerned = one.id in self.parts or item.host in one.hosts
            if concerned and one.id not in named:
                part = self._part(one, item.place)
                part.left_out[item.host] = item.place

    def _take_member(
        self, one: Aggregate, host: str, way: str, place: str
    ) -> None:
        part = self._part(one, place)
        taken = part.add if way == 'add' else part.remove
        others = {**part.add, **part.remove}
        if host in others and others[host] != place:
            self.twice.append(
                Contradiction(place, others[host], _membership(one, host))
            )
        taken[host] = place

    def _part(self, one: Aggregate, place: str) -> _Part:
        return self.parts.setdefault(one.id, _Part(place, one))

    def _find(self, reference: Reference) -> Aggregate | None:
        one = self._picture.find(reference)
        if one is None:
            self.unknown.append(Unknown(reference.place))
        return one


def _membership(one: Aggregate, host: str) -> str:
    return f'host {host} in aggregate {one.id}'


def _contradictions(found: _Found) -> Iterator[Contradiction]:
    yield from found.twice
    for part in found.parts.values():
        one, item = part.aggregate, part.item
        hosts = item.hosts if item else None
        if one is None or item is None:
            continue
        if item.operation is Operation.DELETE:
            # It names no hosts but those that it removes.
            for host, place in part.add.items():
                yield Contradiction(place, item.place, _membership(one, host))
        if hosts is None:
            continue
        named = {**hosts.add, **hosts.remove, **(hosts.whole or {})}
        for host, place in (*part.add.items(), *part.remove.items()):
            if host in named:
                what = _membership(one, host)
                yield Contradiction(place, named[host], what)
            elif hosts.whole is not None and host in part.add:
                yield Contradiction(place, item.place, _membership(one, host))
        for host, place in part.left_out.items():
            adds = {**hosts.add, **(hosts.whole or {})}
            if host in adds:
                yield Contradiction(place, adds[host], _membership(one, host))


def _memberships(
    part: _Part, skipped: frozenset[str]
) -> tuple[dict[str, str], dict[str, str]]:
    """Give the hosts to add and those to remove, with their places."""
    present = frozenset(part.aggregate.hosts if part.aggregate else ())
    remove = dict(part.remove)
    add = {
        host: at
        for host, at in part.add.items()
        if not (host in present and host in part.named)
    }
    hosts = part.item.hosts if part.item else None
    if hosts is not None:
        add |= hosts.add
        remove |= hosts.remove
        if hosts.whole is not None:
            add |= {h: at for h, at in hosts.whole.items() if h not in present}
            left = present - hosts.whole.keys()
            remove |= {host: _place(part) for host in left}
    remove |= {h: at for h, at in part.left_out.items() if h in present}
    kept = {h: at for h, at in add.items() if h not in skipped or h in present}
    return kept, remove


def _place(part: _Part) -> str:
    return part.item.place if part.item else part.place


def _item(
    key: Key, part: _Part, add: Iterable[str], remove: Iterable[str]
) -> Item:
    one, item = part.aggregate, part.item
    asked = Item(
        one.id if one else None,
        add=tuple(sorted(add)),
        remove=tuple(sorted(remove)),
        key=None if one else str(key),
    )
    if item is None:
        return asked
    return dataclasses.replace(
        asked,
        uuid=item.uuid,
        name=item.name,
        metadata=_metadata(item, one),
        delete=item.operation is Operation.DELETE,
        description=item.description,
        owner=item.owner,
        protected=item.protected,
    )


def _metadata(
    item: AggregateItem, one: Aggregate | None
) -> dict[str, str | None] | None:
    """Give values by keys, the zone among them, with None to remove one."""
    values: dict[str, str | None] = {}
    if item.metadata is not None:
        present = one.metadata if one else {}
        whole = item.metadata.whole
        if whole is not None:
            values |= {key: None for key in present if key not in whole}
            values.pop(records.ZONE_KEY, None)
            values |= whole
        values |= dict.fromkeys(item.metadata.remove)
        values |= item.metadata.add
    if item.zone is not unset.UNSET:
        values[records.ZONE_KEY] = item.zone
    return values or None
