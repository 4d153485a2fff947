# SPDX-License-Identifier: Apache-2.0
"""What a request did, or began, for who has to be told: plain facts.

Where a request was refused, what was not found out yet is None.
"""

import dataclasses
import itertools
import uuid
from collections.abc import Iterable
from collections.abc import Iterator
from collections.abc import Mapping
from typing import Any, TypeAlias

from nova_aggext import context
from nova_aggext import exception
from nova_aggext.compute import change as compute_change
from nova_aggext.compute import inventory
from nova_aggext.compute import requests
from nova_aggext.db import records

Aggregate = records.Aggregate
Change = compute_change.Change

# So many are stored as messages of their own.
_FEW = 2
# What Nova finds out when it has begun to set metadata.
_OF_METADATA = (
    exception.AggregateMetadataKeyExists,
    exception.MetadataNotStorable,
)


@dataclasses.dataclass(frozen=True, slots=True)
class Creating:
    """An aggregate is made."""

    uuid: str | None
    name: str
    zone: str | None
    after: Aggregate | None = None


@dataclasses.dataclass(frozen=True, slots=True)
class Renaming:
    """An aggregate is given a name, perhaps the one it has."""

    before: Aggregate
    name: str
    after: Aggregate | None = None


@dataclasses.dataclass(frozen=True, slots=True)
class SettingMetadata:
    """Metadata or zone of an aggregate are set.

    :ivar asked: what the caller asked for, with None for keys to remove
    """

    before: Aggregate
    asked: Mapping[str, str | None]
    after: Aggregate | None = None


@dataclasses.dataclass(frozen=True, slots=True)
class AddingHost:
    """A host is put into an aggregate."""

    host: str
    before: Aggregate | None = None
    after: Aggregate | None = None


@dataclasses.dataclass(frozen=True, slots=True)
class RemovingHost:
    """A host is taken out of an aggregate."""

    host: str
    before: Aggregate | None = None
    after: Aggregate | None = None


@dataclasses.dataclass(frozen=True, slots=True)
class Deleting:
    """An aggregate is deleted."""

    before: Aggregate | None = None


@dataclasses.dataclass(frozen=True, slots=True)
class Several:
    """More was done to one aggregate than is told step by step."""

    change: Change


@dataclasses.dataclass(frozen=True, slots=True)
class CachingImages:
    """The hosts of an aggregate are asked to cache images."""

    before: Aggregate
    image_ids: tuple[str, ...]


Single: TypeAlias = (
    Creating
    | Renaming
    | SettingMetadata
    | AddingHost
    | RemovingHost
    | Deleting
    | CachingImages
)
Step: TypeAlias = Single | Several


@dataclasses.dataclass(frozen=True, slots=True)
class Subject:
    """An aggregate, as it is or was before it was deleted, and its steps."""

    aggregate: Aggregate
    steps: tuple[Step, ...]

    @property
    def is_deleted(self) -> bool:
        """Whether it is gone."""
        last = self.steps[-1]
        if isinstance(last, Several):
            return last.change.after is None
        return isinstance(last, Deleting)

    @property
    def added(self) -> tuple[str, ...]:
        """The hosts that were put into it."""
        return tuple(host for step in self.steps for host in _added(step))

    @property
    def removed(self) -> tuple[str, ...]:
        """The hosts that were taken out of it."""
        return tuple(host for step in self.steps for host in _removed(step))


@dataclasses.dataclass(frozen=True, slots=True)
class Done:
    """What one request did, to one aggregate or to many.

    :ivar id: of this, and nothing else
    :ivar arguments: what it was called with, under Nova's names
    :ivar found: what the inventory has just said of hosts that were added
    :ivar change_id: of the change, if it has one of its own
    """

    who: context.RequestContext
    subjects: tuple[Subject, ...]
    id: uuid.UUID = dataclasses.field(default_factory=uuid.uuid4)
    arguments: Mapping[str, Any] = dataclasses.field(default_factory=dict)
    found: Mapping[str, inventory.Host | None] = dataclasses.field(
        default_factory=dict
    )
    change_id: str | None = None

    def written(self, aggregate: Aggregate) -> str:
        """Give the id of an aggregate as the caller wrote it."""
        return str(self.arguments.get('aggregate_id', aggregate.id))


@dataclasses.dataclass(frozen=True, slots=True)
class Refusal:
    """A request that was refused and changed nothing.

    :ivar operation: the name of the use case
    :ivar arguments: what it was called with, under Nova's names
    :ivar begun: the steps that it had begun
    """

    who: context.RequestContext
    operation: str
    arguments: Mapping[str, Any]
    begun: tuple[Single, ...]
    error: Exception


def subjects(changes: Iterable[Change]) -> tuple[Subject, ...]:
    """Give the steps of what happened, of each aggregate that has any.

    Annotations concern nobody outside: where only they change is no step.
    """
    found = (_subject(one) for one in changes)
    return tuple(one for one in found if one.steps)


def _subject(change: Change) -> Subject:
    few: tuple[Single, ...] = tuple(itertools.islice(each(change), _FEW + 1))
    if len(few) > _FEW:
        return Subject(change.subject, (Several(change),))
    return Subject(change.subject, few)


def each(change: Change) -> Iterator[Single]:
    """Give steps as if each had been taken by a request of its own."""
    state, item = change.before, change.item
    if state is None:
        state = _without_hosts(change.subject)
        zone = state.availability_zone
        yield Creating(state.uuid, state.name, zone, state)
    elif item.name is not None:
        after = dataclasses.replace(state, name=item.name)
        yield Renaming(state, item.name, after)
        state = after
    yield from _rest(change, state)


def count(change: Change) -> int:
    """Say how many steps ``each`` gives, without making any."""
    item = change.item
    of_itself = change.before is None or item.name is not None
    return sum(
        (
            of_itself,
            _sets_metadata(change),
            len(item.add),
            len(item.remove),
            change.after is None,
        )
    )


def begun(
    request: requests.Request,
    aggregates: Mapping[int, Aggregate],
    error: Exception,
) -> tuple[Single, ...]:
    """Give what Nova would have begun of a request that was refused.

    :param aggregates: of the request, those that were found before that
    """
    if len(request.items) != 1 or isinstance(error, exception.Forbidden):
        return ()
    (item,) = request.items
    before = aggregates.get(item.aggregate_id or 0)
    if item.aggregate_id is None:
        zone = (item.metadata or {}).get(records.ZONE_KEY)
        return (Creating(item.uuid, item.name or '', zone),)
    if item.delete:
        return (Deleting(before),)
    memberships: tuple[Single, ...] = (
        *(AddingHost(host, before) for host in item.add),
        *(RemovingHost(host, before) for host in item.remove),
    )
    if memberships or before is None:
        return memberships
    return tuple(_begun_of_itself(item, before, error))


def _added(step: Step) -> tuple[str, ...]:
    match step:
        case AddingHost(host):
            return (host,)
        case Several(change):
            return change.item.add
    return ()


def _removed(step: Step) -> tuple[str, ...]:
    match step:
        case RemovingHost(host):
            return (host,)
        case Several(change):
            return change.item.remove
    return ()


def _begun_of_itself(
    item: requests.Item, before: Aggregate, error: Exception
) -> Iterator[Single]:
    """Give the steps begun of an aggregate that is no question of hosts."""
    if item.name is not None:
        yield Renaming(before, item.name)
    # It begins when all rules on zones were kept.
    if item.metadata is not None and isinstance(error, _OF_METADATA):
        yield SettingMetadata(before, item.metadata)


def _without_hosts(made: Aggregate) -> Aggregate:
    """Give an aggregate as Nova makes it: with a zone and nothing else."""
    zone = made.availability_zone
    metadata = {} if zone is None else {records.ZONE_KEY: zone}
    return dataclasses.replace(made, hosts=(), metadata=metadata)


def _sets_metadata(change: Change) -> bool:
    """Say whether it takes a step; one that is made has its zone before."""
    if change.before is not None:
        return change.item.metadata is not None
    return change.subject.metadata != _without_hosts(change.subject).metadata


def _rest(change: Change, state: Aggregate) -> Iterator[Single]:
    item, end = change.item, change.after
    if item.metadata is not None and _sets_metadata(change):
        metadata = end.metadata if end else state.metadata
        after = dataclasses.replace(state, metadata=metadata)
        yield SettingMetadata(state, item.metadata, after)
        state = after
    for host in item.add:
        after = dataclasses.replace(state, hosts=(*state.hosts, host))
        yield AddingHost(host, state, after)
        state = after
    for host in item.remove:
        left = tuple(one for one in state.hosts if one != host)
        after = dataclasses.replace(state, hosts=left)
        yield RemovingHost(host, state, after)
        state = after
    if end is None:
        yield Deleting(state)
