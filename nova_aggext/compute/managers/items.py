# SPDX-License-Identifier: Apache-2.0
"""What is wanted of an aggregate, as it is asked of a change."""

from collections.abc import Collection
from typing import Any

from nova_aggext.compute.bulk import asked as compute_asked
from nova_aggext.compute.managers import desired
from nova_aggext.compute.managers import fields
from nova_aggext.db import records

Aggregate = records.Aggregate
AggregateItem = compute_asked.AggregateItem
Operation = compute_asked.Operation
Wanted = desired.Wanted


def of(
    wanted: Wanted, one: Aggregate | None, dropped: Collection[str]
) -> AggregateItem:
    """Ask for what is wanted.

    :param one: what is to be it; None if it is to be made
    :param dropped: elements that are to go
    """
    values = _scalars(wanted)
    if one is None:
        there = {k: v for k, v in wanted.metadata.items() if v is not None}
        return AggregateItem(
            wanted.place,
            Operation.CREATE,
            name=wanted.name,
            metadata=compute_asked.Metadata(add=there) if there else None,
            hosts=compute_asked.Hosts(add=wanted.hosts)
            if wanted.hosts
            else None,
            **values,
        )
    return AggregateItem(
        wanted.place,
        reference=compute_asked.Reference(wanted.place, id=one.id),
        # The name finds it; to give it that anew is not asked for.
        name=None if one.name == wanted.name else wanted.name,
        metadata=_metadata(wanted, dropped),
        hosts=_hosts(wanted, dropped),
        **values,
    )


def removal(
    one: Aggregate, dropped: Collection[str], place: str
) -> AggregateItem | None:
    """Ask for elements to go; None where there are none."""
    hosts, keys = (
        _names(dropped, fields.HOSTS),
        _names(dropped, fields.METADATA),
    )
    if not hosts and not keys:
        return None
    return AggregateItem(
        place,
        reference=compute_asked.Reference(place, id=one.id),
        metadata=compute_asked.Metadata(remove=tuple(keys)) if keys else None,
        hosts=compute_asked.Hosts(remove=dict.fromkeys(hosts, place))
        if hosts
        else None,
    )


def deletion(one: Aggregate, place: str) -> AggregateItem:
    """Ask for an aggregate to go, with the hosts that are in it."""
    hosts = compute_asked.Hosts(remove=dict.fromkeys(one.hosts, place))
    return AggregateItem(
        place,
        Operation.DELETE,
        reference=compute_asked.Reference(place, id=one.id),
        hosts=hosts if one.hosts else None,
    )


def _scalars(wanted: Wanted) -> dict[str, Any]:
    renamed = {'availability_zone': 'zone'}
    return {
        renamed.get(name, name): value
        for name, value in wanted.scalars.items()
    }


def _metadata(
    wanted: Wanted, dropped: Collection[str]
) -> compute_asked.Metadata | None:
    there = {k: v for k, v in wanted.metadata.items() if v is not None}
    if fields.METADATA in wanted.exclusive:
        return compute_asked.Metadata(whole=there)
    gone = [key for key, value in wanted.metadata.items() if value is None]
    gone += _names(dropped, fields.METADATA)
    if not there and not gone:
        return None
    return compute_asked.Metadata(there, tuple(gone))


def _hosts(
    wanted: Wanted, dropped: Collection[str]
) -> compute_asked.Hosts | None:
    if fields.HOSTS in wanted.exclusive:
        return compute_asked.Hosts(whole=wanted.hosts)
    gone = dict.fromkeys(_names(dropped, fields.HOSTS), wanted.place)
    if not wanted.hosts and not gone:
        return None
    return compute_asked.Hosts(wanted.hosts, gone)


def _names(dropped: Collection[str], collection: str) -> list[str]:
    """Give the names of elements of a collection."""
    found = (fields.split(field) for field in dropped)
    return [name for whole, name in found if whole == collection]
