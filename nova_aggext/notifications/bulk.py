# SPDX-License-Identifier: Apache-2.0
"""Many notifications of one aggregate, stored as one message.

Each would name all hosts of the aggregate: stored one by one they would take
the square of what changed. They are made when they are told.
"""

import dataclasses
import uuid
from collections.abc import Mapping
from typing import Any

from nova_aggext.compute import change as compute_change
from nova_aggext.compute import requests
from nova_aggext.db import records

Change = compute_change.Change


def pack(change: Change) -> dict[str, Any]:
    """Give what is stored of a change, as JSON can hold it.

    The hosts that it leaves are not among it: they follow from those that
    were there before.
    """
    asked = dataclasses.asdict(dataclasses.replace(change.item, key=None))
    return {
        'item': {
            name: value
            for name, value in asked.items()
            if value not in (None, False, ())
            and name not in records.ANNOTATIONS
        },
        'before': _packed(change.before, hosts=True),
        'after': _packed(change.after, hosts=False),
    }


def unpack(packed: Mapping[str, Any]) -> Change:
    """Give the change that was stored, without times and what it leaves."""
    asked: dict[str, Any] = {'aggregate_id': None, **packed['item']}
    for name in ('add', 'remove'):
        asked[name] = tuple(asked.get(name, ()))
    item = requests.Item(**asked)
    before, after = packed['before'], packed['after']
    return Change(item, _unpacked(before), _unpacked(after))


def identify(message_id: str, number: int) -> str:
    """Give the id of one of the notifications, whenever it is told."""
    return str(uuid.uuid5(uuid.UUID(message_id), str(number)))


def _packed(
    aggregate: records.Aggregate | None, *, hosts: bool
) -> dict[str, Any] | None:
    if aggregate is None:
        return None
    return {
        'id': aggregate.id,
        'uuid': aggregate.uuid,
        'name': aggregate.name,
        'hosts': list(aggregate.hosts) if hosts else [],
        'metadata': dict(aggregate.metadata),
    }


def _unpacked(packed: Mapping[str, Any] | None) -> records.Aggregate | None:
    if packed is None:
        return None
    values = {**packed, 'hosts': tuple(packed['hosts'])}
    return records.Aggregate(**values, created_at=None, updated_at=None)
