# SPDX-License-Identifier: Apache-2.0
"""Aggregates before and after what a request asks of them."""

import dataclasses
from collections.abc import Iterable
from collections.abc import Mapping
from typing import TypeVar

from nova_aggext.compute import metadata
from nova_aggext.compute import requests
from nova_aggext.compute import unset
from nova_aggext.db import records

Aggregate = records.Aggregate
Item = requests.Item
T = TypeVar('T')


@dataclasses.dataclass(frozen=True, slots=True)
class Change:
    """What happens to one aggregate.

    :ivar item: what was asked, but for what has no effect where that is
        allowed
    :ivar before: None of one that is made
    :ivar after: None of one that is deleted. What the database gives, the id
        of a new one and the times, is there once it was written.
    """

    item: Item
    before: Aggregate | None
    after: Aggregate | None

    @property
    def subject(self) -> Aggregate:
        """The aggregate as it is, or was before it was deleted."""
        subject = self.after or self.before
        if subject is None:
            raise ValueError('a change has a state before or after')
        return subject

    @property
    def host(self) -> str | None:
        """The host that is added or removed, if that is only one."""
        hosts = (*self.item.add, *self.item.remove)
        return hosts[0] if len(hosts) == 1 else None

    @property
    def is_renamed(self) -> bool:
        """Whether it had another name before."""
        before, name = self.before, self.item.name
        return before is not None and name not in (None, before.name)

    @property
    def touches(self) -> bool:
        """Whether the row of the aggregate is written, and with it a time."""
        return self.item.metadata is not None or self.is_renamed

    @property
    def zone_before(self) -> str | None:
        """The zone that it gave its hosts."""
        return self.before.availability_zone if self.before else None

    @property
    def zone_after(self) -> str | None:
        """The zone that it gives its hosts."""
        return self.after.availability_zone if self.after else None

    @property
    def judged_hosts(self) -> tuple[str, ...]:
        """The hosts whose zone may change with it.

        Those that it has come first, in its order.
        """
        asked = (*self.item.add, *self.item.remove)
        if self.item.names_zone:
            present = self.before.hosts if self.before else ()
            return tuple(dict.fromkeys((*present, *asked)))
        if asked and self.zone_before is self.zone_after is None:
            return ()
        return asked


def changes_of(
    request: requests.Request, aggregates: Mapping[int, Aggregate]
) -> tuple[Change, ...]:
    """Give what happens to each aggregate that there is or will be.

    Those that there are come first, by id, then those that are made, by name.
    """
    found = (_change(item, aggregates) for item in _ordered(request.items))
    changes = [one for one in found if one is not None]
    if request.judging is requests.Judging.NAMED:
        return tuple(changes)
    effective = (_effective(one) for one in changes)
    return tuple(one for one in effective if one is not None)


def judged_hosts(changes: Iterable[Change]) -> frozenset[str]:
    """Give the hosts whose zone changes may change."""
    return frozenset(host for one in changes for host in one.judged_hosts)


def _ordered(items: Iterable[Item]) -> list[Item]:
    return sorted(
        items,
        key=lambda one: (
            one.aggregate_id is None,
            one.aggregate_id or 0,
            one.name or '',
        ),
    )


def _change(item: Item, aggregates: Mapping[int, Aggregate]) -> Change | None:
    if item.aggregate_id is None:
        return Change(item, None, _made(item))
    before = aggregates.get(item.aggregate_id)
    if before is None:
        return None
    return Change(item, before, None if item.delete else _after(item, before))


def _made(item: Item) -> Aggregate:
    return Aggregate(
        id=0,
        uuid=item.uuid,
        name=item.name or '',
        hosts=item.add,
        metadata=metadata.result({}, item.metadata or {}),
        created_at=None,
        updated_at=None,
        description=_said(item.description, None),
        owner=_said(item.owner, None),
        protected=_said(item.protected, False),
    )


def _after(item: Item, before: Aggregate) -> Aggregate:
    hosts = before.hosts
    if item.remove:
        removed = frozenset(item.remove)
        hosts = tuple(host for host in hosts if host not in removed)
    if item.add:
        present = frozenset(before.hosts)
        hosts += tuple(host for host in item.add if host not in present)
    return Aggregate(
        id=before.id,
        uuid=before.uuid,
        name=before.name if item.name is None else item.name,
        hosts=hosts,
        metadata=metadata.result(before.metadata, item.metadata or {}),
        created_at=before.created_at,
        updated_at=before.updated_at,
        description=_said(item.description, before.description),
        owner=_said(item.owner, before.owner),
        protected=_said(item.protected, before.protected),
    )


def _said(asked: T | unset.Unset, before: T) -> T:
    """Give an annotation after what was asked."""
    return before if asked is unset.UNSET else asked


def _effective(change: Change) -> Change | None:
    """Leave out what is so already; None where nothing is left."""
    before, item = change.before, change.item
    if before is None:
        return change
    asked = item.metadata or {}
    differing = {k: v for k, v in asked.items() if before.metadata.get(k) != v}
    present = frozenset(before.hosts)
    left = dataclasses.replace(
        item,
        name=None if item.name == before.name else item.name,
        metadata=differing or None,
        add=tuple(host for host in item.add if host not in present),
        remove=tuple(host for host in item.remove if host in present),
        description=_differing(item.description, before.description),
        owner=_differing(item.owner, before.owner),
        protected=_differing(item.protected, before.protected),
    )
    nothing = Item(item.aggregate_id, item.uuid)
    return None if left == nothing else dataclasses.replace(change, item=left)


def _differing(asked: T | unset.Unset, before: T) -> T | unset.Unset:
    return unset.UNSET if asked == before else asked
