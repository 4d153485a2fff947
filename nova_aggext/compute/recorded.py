# SPDX-License-Identifier: Apache-2.0
"""What a change did, by the rows that the record has of it.

Pure functions. The form is that of the effects of a change that was asked for
as one; the tags of what was not recorded as a whole are unknown, and None.
"""

from collections.abc import Iterable
from collections.abc import Iterator
from collections.abc import Mapping
from typing import Any

from nova_aggext.compute.bulk import effects as bulk_effects
from nova_aggext.db import changes
from nova_aggext.db import records

Change = changes.Change
Effect = bulk_effects.Effect
Names = Mapping[tuple[int, int], str]

_UNKNOWN = {'etag': None, 'etag_before': None}


def effects(rows: Iterable[Change], names: Names) -> list[Effect]:
    """Give the effects of rows; those that changed nothing have none.

    :param names: of aggregates before rows of an older release, by aggregate
        id and sequence
    """
    return [effect for row in rows for effect in _effects(row, names)]


def _effects(row: Change, names: Names) -> Iterator[Effect]:
    if row.before == row.after:
        return
    name = row.aggregate_name
    if name is None:
        name = _told(row) or names.get((row.aggregate_id, row.sequence))
    subject = {
        'id': row.aggregate_id,
        # What was left of one that was gone has neither.
        'uuid': row.aggregate_uuid or None,
        'name': name or None,
    }
    if not row.before:
        yield {'op': 'create', 'aggregate': subject, **_made(row)}
    elif not row.after:
        yield {'op': 'delete', 'aggregate': subject, **_gone(row)}
    else:
        yield {'op': 'update', 'aggregate': subject, **_changed(row)}


def _told(row: Change) -> str | None:
    """Give the name before a row, where it is among what changed."""
    side = row.before or row.after
    name: str | None = side.get('name')
    return name


def _made(row: Change) -> Effect:
    after = row.after
    zone, values = _zone(after), _plain(after)
    return {
        'name': after['name'],
        **({'availability_zone': zone} if zone is not None else {}),
        **bulk_effects.lists('metadata', values, []),
        **bulk_effects.lists('hosts', sorted(after['hosts']), []),
        **_annotations(after),
        **_UNKNOWN,
    }


def _gone(row: Change) -> Effect:
    before = row.before
    values = _plain(before)
    return {
        **bulk_effects.lists('hosts', [], sorted(before['hosts'])),
        'before': {
            'name': before['name'] or None,
            'availability_zone': _zone(before),
            **({'metadata': values} if values else {}),
            **_annotations(before),
        },
        **_UNKNOWN,
    }


def _changed(row: Change) -> Effect:
    old, new = row.before, row.after
    effect: Effect = {}
    before: Effect = {}
    if 'name' in new:
        effect['name'], before['name'] = new['name'], old['name']
    effect |= _annotations(new)
    before |= _annotations(old)
    if _zone(old) != _zone(new):
        effect['availability_zone'] = _zone(new)
        before['availability_zone'] = _zone(old)
    values, was = _plain(new), _plain(old)
    gone = sorted(key for key in was if key not in values)
    if was:
        before['metadata'] = was
    return {
        **effect,
        **bulk_effects.lists('metadata', values, gone),
        **bulk_effects.lists(
            'hosts', sorted(new.get('hosts', ())), sorted(old.get('hosts', ()))
        ),
        **({'before': before} if before else {}),
        **_UNKNOWN,
    }


def _annotations(side: changes.State) -> dict[str, Any]:
    return {name: side[name] for name in records.ANNOTATIONS if name in side}


def _zone(side: changes.State) -> str | None:
    zone: str | None = side.get('metadata', {}).get(records.ZONE_KEY)
    return zone


def _plain(side: changes.State) -> dict[str, str]:
    """Give the metadata that were there, without the zone."""
    return {
        key: value
        for key, value in side.get('metadata', {}).items()
        if key != records.ZONE_KEY and value is not None
    }
