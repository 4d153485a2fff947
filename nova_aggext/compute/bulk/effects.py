# SPDX-License-Identifier: Apache-2.0
"""What a change did, or would do, in the grammar of a request.

Pure functions. An effect may be sent again without ``before``, ``etag`` and
``etag_before``, and of a creation without ``aggregate``.
"""

from collections.abc import Iterable
from typing import Any

from nova_aggext.compute import change as compute_change
from nova_aggext.compute import etags
from nova_aggext.db import records

Aggregate = records.Aggregate
Change = compute_change.Change
Effect = dict[str, Any]

# What an aggregate has one of, and what may become another.
FIELDS = ('name', 'availability_zone', *records.ANNOTATIONS)
# What tells nothing of what is to happen.
_NOT_DIGESTED = ('etag', 'etag_before')


def effect(change: Change) -> Effect:
    """Give the effect of one aggregate; of a new one the id may be unknown."""
    before, after = change.before, change.after
    if before is None:
        return _created(change)
    if after is None:
        return _deleted(change, before)
    return _updated(change, before, after)


def digest(effects: Iterable[Effect]) -> str:
    """Give the digest of effects, without what a server chooses."""
    digested = [
        {
            name: value
            for name, value in one.items()
            if name not in _NOT_DIGESTED
            and not (one['op'] == 'create' and name == 'aggregate')
        }
        for one in effects
    ]
    return etags.digest(digested)


def lists(name: str, add: Any, remove: list[str]) -> Effect:
    """Give what is added and removed, without what is empty."""
    both = {'add': add, 'remove': remove}
    left = {way: value for way, value in both.items() if value}
    return {name: left} if left else {}


def _created(change: Change) -> Effect:
    made = change.subject
    effect: Effect = {
        'op': 'create',
        'aggregate': {
            'id': made.id or None,
            'uuid': made.uuid,
            'name': made.name,
        },
        'name': made.name,
    }
    if change.item.uuid is not None:
        effect['uuid'] = made.uuid
    if made.availability_zone is not None:
        effect['availability_zone'] = made.availability_zone
    values = etags.plain_metadata(made)
    if values:
        effect['metadata'] = {'add': values}
    if made.hosts:
        effect['hosts'] = {'add': sorted(made.hosts)}
    effect |= made.annotations
    effect['etag'] = etags.etag(made) if made.id else None
    effect['etag_before'] = None
    return effect


def _deleted(change: Change, before: Aggregate) -> Effect:
    effect: Effect = {'op': 'delete', 'aggregate': _named(before)}
    if change.item.remove:
        effect['hosts'] = {'remove': sorted(change.item.remove)}
    values = etags.plain_metadata(before)
    effect['before'] = {
        'name': before.name,
        'availability_zone': before.availability_zone,
        **({'metadata': values} if values else {}),
        **before.annotations,
    }
    effect['etag'] = None
    effect['etag_before'] = etags.etag(before)
    return effect


def _updated(change: Change, before: Aggregate, after: Aggregate) -> Effect:
    effect: Effect = {'op': 'update', 'aggregate': _named(before)}
    was: dict[str, Any] = {}
    for name in FIELDS:
        if getattr(before, name) != getattr(after, name):
            effect[name] = getattr(after, name)
            was[name] = getattr(before, name)
    old, new = etags.plain_metadata(before), etags.plain_metadata(after)
    add = {k: v for k, v in new.items() if old.get(k) != v}
    remove = sorted(key for key in old if key not in new)
    effect |= lists('metadata', add, remove)
    changed = {key: old[key] for key in old if new.get(key) != old[key]}
    if changed:
        was['metadata'] = changed
    item = change.item
    effect |= lists('hosts', sorted(item.add), sorted(item.remove))
    if was:
        effect['before'] = was
    effect['etag'] = etags.etag(after)
    effect['etag_before'] = etags.etag(before)
    return effect


def _named(one: Aggregate) -> dict[str, Any]:
    return {'id': one.id, 'uuid': one.uuid, 'name': one.name}
