# SPDX-License-Identifier: Apache-2.0
"""Changes as they are shown."""

import datetime
from collections.abc import Collection
from typing import Any

from nova_aggext.compute import feed
from nova_aggext.compute.bulk import effects

View = dict[str, Any]

# What every change has that was not asked for as one.
_UNASKED: View = {
    'dry_run': False,
    'reason': None,
    'manager': None,
    'reverts': None,
    'impact': None,
    'warnings': [],
}

FIELDS = (
    'id',
    'position',
    'kind',
    'dry_run',
    'changed',
    'digest',
    'reason',
    'manager',
    'reverts',
    'reverted_by',
    'user_id',
    'project_id',
    'request_id',
    'global_request_id',
    'changed_at',
    'effects',
    'impact',
    'warnings',
    'delivery',
)
# What is shown whatever is asked for.
ALWAYS = frozenset({'id', 'position'})


def part(found: feed.Part, fields: Collection[str] | None) -> View:
    """Show a part of the feed.

    :param fields: what to show of each change; None shows all
    """
    return {
        'changes': [change(one, fields) for one in found.changes],
        'position': str(found.position),
    }


def change(told: feed.Told, fields: Collection[str] | None) -> View:
    """Show a change: as it was answered, but for what goes on after it.

    :param fields: what to show of it; None shows all
    """
    entry = told.entry
    known = _unasked(told) if entry.asked is None else entry.asked.document
    shown = {
        **known,
        'position': None if entry.position is None else str(entry.position),
        'reverted_by': told.reverted_by,
        'delivery': told.delivery,
    }
    if fields is None:
        return shown
    wanted = ALWAYS.union(fields)
    return {name: value for name, value in shown.items() if name in wanted}


def time(moment: datetime.datetime) -> str:
    """Write the time of a change: in UTC, with microseconds."""
    return f'{moment.isoformat(timespec="microseconds")}Z'


def _unasked(told: feed.Told) -> View:
    entry = told.entry
    row = entry.rows[0]
    return {
        **_UNASKED,
        'id': entry.id,
        'kind': entry.kind,
        'changed': bool(told.effects),
        'digest': effects.digest(told.effects),
        'user_id': row.user_id,
        'project_id': row.project_id,
        'request_id': row.request_id,
        'global_request_id': row.global_request_id,
        'changed_at': time(row.changed_at),
        'effects': told.effects,
    }
