# SPDX-License-Identifier: Apache-2.0
"""What it takes that aggregates are as a manager wants them.

Pure functions of its document, of what was claimed before, and of what was
read. What they ask for goes through all the rules of a change.
"""

import dataclasses
from collections.abc import Collection
from collections.abc import Iterator
from collections.abc import Mapping

from nova_aggext.compute.bulk import asked as compute_asked
from nova_aggext.compute.bulk import resolution
from nova_aggext.compute.managers import conflicts as compute_conflicts
from nova_aggext.compute.managers import desired
from nova_aggext.compute.managers import drift
from nova_aggext.compute.managers import fields
from nova_aggext.compute.managers import items
from nova_aggext.db import claims
from nova_aggext.db import records

Aggregate = records.Aggregate
AggregateItem = compute_asked.AggregateItem
Conflict = compute_conflicts.Conflict
Document = desired.Document
Holding = claims.Holding
Value = fields.Value
Wanted = desired.Wanted


@dataclasses.dataclass(frozen=True, slots=True)
class Situation:
    """What was read.

    :ivar picture: aggregates that the document names, or the manager claims
    :ivar held: what the manager claims, by the ids of aggregates
    :ivar others: what other managers claim of these aggregates
    :ivar skipped: hosts that nobody knows, and that are left out
    """

    manager: str
    picture: resolution.Picture
    held: Mapping[int, Holding]
    others: Mapping[int, tuple[Holding, ...]]
    skipped: frozenset[str] = frozenset()


@dataclasses.dataclass(frozen=True, slots=True)
class Part:
    """What concerns one aggregate.

    :ivar wanted: None where it is not in the document any more
    :ivar held: what the manager claims of it then; None for nothing
    :ivar others: what the others claim then
    """

    wanted: Wanted | None
    item: AggregateItem | None
    held: Holding | None = None
    others: tuple[Holding, ...] = ()
    conflicts: tuple[Conflict, ...] = ()
    drifts: tuple[drift.Drift, ...] = ()


def apply(document: Document, found: Situation) -> list[Part]:
    """Give what is to happen to each aggregate that is wanted, or was."""
    met = matched(document, found)
    left = found.held.keys() - {one.id for one in met.values() if one}
    return [
        *(
            part
            for wanted in document.aggregates
            for part in _entry(wanted, met[wanted.name], document, found)
        ),
        *(_left(number, document, found) for number in sorted(left)),
    ]


def matched(
    document: Document, found: Situation
) -> dict[str, Aggregate | None]:
    """Find the aggregate of each name; None for one that is to be made.

    The one that the manager knew by the name is meant, whatever it is called
    now; else the one that has the name.
    """
    aggregates = found.picture.aggregates
    known = {one.name: number for number, one in found.held.items()}
    names = [one.name for one in document.aggregates]
    met: dict[str, Aggregate | None] = {
        name: aggregates[known[name]] for name in names if name in known
    }
    claimed = {one.id for one in met.values() if one}
    named = {
        one.name: one for one in aggregates.values() if one.id not in claimed
    }
    for name in names:
        met.setdefault(name, named.get(name))
    return met


def _entry(
    wanted: Wanted, one: Aggregate | None, document: Document, found: Situation
) -> Iterator[Part]:
    if not wanted.is_absent:
        yield _present(wanted, one, document, found)
    elif one is not None and one.id in found.held:
        yield _pruned(one, found, wanted.place, anyway=document.force)


def _left(number: int, document: Document, found: Situation) -> Part:
    """Give up an aggregate that the document does not name any more."""
    one = found.picture.aggregates[number]
    if document.prune:
        return _pruned(one, found, f'{document.place}/prune')
    return Part(None, None, others=found.others.get(number, ()))


def _present(
    wanted: Wanted, one: Aggregate | None, document: Document, found: Situation
) -> Part:
    """Make an aggregate what is wanted."""
    number = one.id if one else 0
    held, others = found.held.get(number), found.others.get(number, ())
    values = wanted.fields
    against = compute_conflicts.find(one, values, wanted.exclusive, others)
    if document.force:
        others = tuple(compute_conflicts.after_force(against, others))
    dropped = _dropped(held, values, wanted.exclusive, others)
    part = Part(
        wanted,
        items.of(wanted, one, dropped),
        _held(wanted, values, one, held, found),
        others,
        () if document.force else tuple(against),
    )
    if one is None:
        return part
    asked = {**_leftover(one, wanted, values), **dropped, **values}
    settled = {conflict.field for conflict in against}
    settled |= {fields.of_host(host) for host in found.skipped}
    drifts = tuple(drift.find(one, held, asked, settled))
    return dataclasses.replace(part, drifts=drifts)


def _dropped(
    held: Holding | None,
    values: Mapping[str, Value],
    exclusive: Collection[str],
    others: tuple[Holding, ...],
) -> dict[str, Value]:
    """Give the elements that were wanted last time, and nobody wants now.

    Those of a collection that shall have nothing else go anyway.
    """
    if held is None:
        return {}
    kept = compute_conflicts.are_claimed(others)
    return {
        field: fields.absent(field)
        for field, value in held.fields.items()
        if fields.collection(field) not in (None, *exclusive)
        and field not in values
        and field not in kept
        and fields.is_there(field, value)
    }


def _leftover(
    one: Aggregate, wanted: Wanted, values: Mapping[str, Value]
) -> dict[str, Value]:
    """Give the elements that are not wanted in collections of their own."""
    return {
        field: fields.absent(field)
        for field in fields.values(one)
        if fields.collection(field) in wanted.exclusive and field not in values
    }


def _held(
    wanted: Wanted,
    values: Mapping[str, Value],
    one: Aggregate | None,
    held: Holding | None,
    found: Situation,
) -> Holding:
    """Give what the manager claims once that was done."""
    present = frozenset(one.hosts if one else ())
    return Holding(
        found.manager,
        one.id if one else 0,
        one.uuid if one else None,
        wanted.name,
        is_maker=one is None or (held is not None and held.is_maker),
        fields=values,
        exclusive=wanted.exclusive,
        skipped=found.skipped.intersection(wanted.hosts) - present,
    )


def _pruned(
    one: Aggregate, found: Situation, place: str, *, anyway: bool = False
) -> Part:
    """Undo what the manager did to an aggregate; delete it if it is left.

    :param anyway: delete it also if another made it
    """
    held, others = found.held[one.id], found.others.get(one.id, ())
    dropped = _dropped(held, {}, (), others)
    is_free = not any(other.claimed for other in others)
    gone = {fields.of_host(host) for host in one.hosts} <= dropped.keys()
    may_go = (held.is_maker or anyway) and not one.protected
    if is_free and gone and may_go:
        scalars = (fields.NAME, *fields.SCALARS)
        asked = {**{name: fields.absent(name) for name in scalars}, **dropped}
        item: AggregateItem | None = items.deletion(one, place)
    else:
        asked = dropped
        item = items.removal(one, dropped, place)
    drifts = tuple(drift.find(one, held, asked, ()))
    return Part(None, item, others=others, drifts=drifts)
