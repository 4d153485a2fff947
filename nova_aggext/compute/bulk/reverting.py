# SPDX-License-Identifier: Apache-2.0
"""Undoes changes: the inverse of their effects, as a request like others."""

import dataclasses
from collections.abc import Iterator
from collections.abc import Mapping
from collections.abc import Sequence
from typing import Any

from nova_aggext.compute.bulk import asked as compute_asked
from nova_aggext.compute import etags
from nova_aggext.compute import feed
from nova_aggext.compute import unset
from nova_aggext.compute.bulk import effects as compute_effects
from nova_aggext.compute.bulk import problems
from nova_aggext.compute.bulk import resolution
from nova_aggext.db import change_sets
from nova_aggext.db import changes
from nova_aggext.db import database as db_database
from nova_aggext.db import entries
from nova_aggext.db import records

AggregateItem = compute_asked.AggregateItem
Asked = compute_asked.Asked
Effect = compute_effects.Effect
Operation = compute_asked.Operation
Problem = problems.Problem
Session = db_database.Session

# Where it is asked for.
PLACE = '/change/revert'


@dataclasses.dataclass(frozen=True, slots=True)
class Undone:
    """A change that is to be undone.

    :ivar asked: what undoes it
    :ivar effects: what it did
    """

    asked: Asked
    change: str
    effects: Sequence[Effect]


def read(session: Session, asked: Asked, change: str) -> Undone | None:
    """Read the change that a request is to undo; None if there is none."""
    entry = entries.find(session, change)
    if entry is None:
        return None
    (found,) = feed.effects(session, [entry])
    items = tuple(_inverse(one) for one in found)
    inverse = dataclasses.replace(asked, aggregates=items)
    return Undone(inverse, change, found)


def unknown(change: str) -> problems.ChangeRefused:
    """Make the refusal of a request to undo what nobody knows."""
    cause = problems.ChangeUnknown(PLACE, change)
    return problems.ChangeRefused([Problem(cause, PLACE)])


def overtaken(
    session: Session, undone: Undone, picture: resolution.Picture
) -> Iterator[Problem]:
    """Give what is not as the change left it, or was undone before."""
    first = change_sets.reverted_by(session, [undone.change])
    if first:
        by = tuple(first.values())
        cause = problems.Overtaken(undone.change, 'change', by)
        yield Problem(cause, PLACE)
        return
    for effect in undone.effects:
        fields = list(_changed(effect, picture))
        if fields:
            by = _later(session, undone.change, effect['aggregate']['id'])
            name = effect['aggregate']['name']
            for field in fields:
                yield Problem(problems.Overtaken(name, field, by), PLACE)


def _inverse(effect: Effect) -> AggregateItem:
    """Give what undoes an effect."""
    was, hosts = effect.get('before', {}), effect.get('hosts', {})
    added = dict.fromkeys(hosts.get('add', ()), PLACE)
    removed = dict.fromkeys(hosts.get('remove', ()), PLACE)
    if effect['op'] == 'delete':
        return AggregateItem(
            PLACE,
            Operation.CREATE,
            uuid=effect['aggregate']['uuid'],
            name=was['name'],
            zone=was['availability_zone'],
            metadata=_metadata(was.get('metadata', {}), ()),
            hosts=compute_asked.Hosts(add=removed),
            **_annotations(was),
        )
    reference = _reference(effect)
    if effect['op'] == 'create':
        gone = compute_asked.Hosts(remove=added)
        return AggregateItem(
            PLACE, Operation.DELETE, reference=reference, hosts=gone
        )
    values = effect.get('metadata', {})
    old = was.get('metadata', {})
    return AggregateItem(
        PLACE,
        reference=reference,
        name=was.get('name'),
        zone=was.get('availability_zone', unset.UNSET),
        metadata=_metadata(
            old, tuple(k for k in values.get('add', {}) if k not in old)
        ),
        hosts=compute_asked.Hosts(add=removed, remove=added),
        **_annotations(was),
    )


def _annotations(was: Mapping[str, Any]) -> dict[str, Any]:
    return {name: was[name] for name in records.ANNOTATIONS if name in was}


def _metadata(
    add: Mapping[str, str], remove: tuple[str, ...]
) -> compute_asked.Metadata | None:
    """Ask for values, where there are any: that needs a permission."""
    if not add and not remove:
        return None
    return compute_asked.Metadata(add=add, remove=remove)


def _reference(effect: Effect) -> compute_asked.Reference:
    """Name the aggregate; made anew it has the uuid that it had."""
    one = effect['aggregate']
    if one['uuid']:
        return compute_asked.Reference(PLACE, uuid=one['uuid'])
    return compute_asked.Reference(PLACE, id=one['id'])


def _changed(effect: Effect, picture: resolution.Picture) -> Iterator[str]:
    """Give what is not as an effect left it."""
    if effect['op'] == 'delete':
        if effect['before']['name'] is None:
            # Nobody knows what it was.
            yield 'name'
        return
    one = picture.find(_reference(effect))
    if one is None:
        yield 'aggregate'
    elif effect['op'] == 'create':
        if not _is_as_made(effect, one):
            yield 'aggregate'
    else:
        yield from _fields(effect, one)


def _is_as_made(effect: Effect, one: records.Aggregate) -> bool:
    return (
        one.name == effect['name']
        and one.availability_zone == effect.get('availability_zone')
        and etags.plain_metadata(one)
        == effect.get('metadata', {}).get('add', {})
        and sorted(one.hosts) == effect.get('hosts', {}).get('add', [])
        and one.annotations == _annotations(effect)
    )


def _fields(effect: Effect, one: records.Aggregate) -> Iterator[str]:
    for name in compute_effects.FIELDS:
        if name in effect and effect[name] != getattr(one, name):
            yield name
    values: Mapping[str, Any] = effect.get('metadata', {})
    for key, value in values.get('add', {}).items():
        if one.metadata.get(key) != value:
            yield f'metadata/{key}'
    for key in values.get('remove', ()):
        if key in one.metadata:
            yield f'metadata/{key}'
    hosts, present = effect.get('hosts', {}), frozenset(one.hosts)
    for host in hosts.get('add', ()):
        if host not in present:
            yield f'hosts/{host}'
    for host in hosts.get('remove', ()):
        if host in present:
            yield f'hosts/{host}'


def _later(
    session: Session, change: str, aggregate_id: int
) -> tuple[str, ...]:
    """Give the ids of later changes of an aggregate."""
    return tuple(changes.later(session, change, aggregate_id))
