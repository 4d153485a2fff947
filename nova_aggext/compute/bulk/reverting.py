# SPDX-License-Identifier: Apache-2.0
"""Undoes changes: the inverse of their effects, as a request like others."""

import dataclasses
from collections.abc import Iterator
from collections.abc import Mapping
from collections.abc import Sequence
from typing import Any

import nova_aggext.compute.bulk.asked as compute_asked
from nova_aggext.compute.bulk import effects as compute_effects
from nova_aggext.compute import etags
from nova_aggext.compute.bulk import problems
from nova_aggext.compute.bulk import resolution
from nova_aggext.db import change_sets
from nova_aggext.db import changes
from nova_aggext.db import database as db_database
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


def read(session: Session, asked: Asked) -> Undone | None:
    """Read the change that a request is to undo; None if there is none.

    :raises ChangeRefused: when there is no such change
    """
    if asked.revert is None:
        return None
    found = _effects(session, asked.revert)
    if found is None:
        unknown = problems.ChangeUnknown(PLACE, asked.revert)
        raise problems.ChangeRefused([Problem(unknown, PLACE)])
    items = tuple(_inverse(one) for one in found)
    inverse = dataclasses.replace(asked, aggregates=items, strict=False)
    return Undone(inverse, asked.revert, found)


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


def _effects(session: Session, change: str) -> Sequence[Effect] | None:
    """Give what a change did; None when it is not recorded."""
    known = change_sets.get(session, change)
    return None if known is None else known.document['effects']


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
            metadata=compute_asked.Metadata(add=was.get('metadata', {})),
            hosts=compute_asked.Hosts(add=removed),
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
        zone=was.get('availability_zone', compute_asked.UNSET),
        metadata=compute_asked.Metadata(
            add=old,
            remove=tuple(k for k in values.get('add', {}) if k not in old),
        ),
        hosts=compute_asked.Hosts(add=removed, remove=added),
    )


def _reference(effect: Effect) -> compute_asked.Reference:
    """Name the aggregate; made anew it has the uuid that it had."""
    one = effect['aggregate']
    if one['uuid']:
        return compute_asked.Reference(PLACE, uuid=one['uuid'])
    return compute_asked.Reference(PLACE, id=one['id'])


def _changed(effect: Effect, picture: resolution.Picture) -> Iterator[str]:
    """Give what is not as an effect left it."""
    if effect['op'] == 'delete':
        return
    one = picture.find(_reference(effect))
    if one is None:
        yield 'aggregate'
    elif effect['op'] == 'create':
        if etags.etag(one) != effect['etag']:
            yield 'aggregate'
    else:
        yield from _fields(effect, one)


def _fields(effect: Effect, one: records.Aggregate) -> Iterator[str]:
    for name in ('name', 'availability_zone'):
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
