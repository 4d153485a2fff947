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

FIELDS = frozenset(
    {
        *_UNASKED,
        'changed',
        'changed_at',
        'delivery',
        'digest',
        'effects',
        'global_request_id',
        'id',
        'kind',
        'position',
        'project_id',
        'request_id',
        'reverted_by',
        'user_id',
    }
)
# What is shown whatever is asked for.
ALWAYS = frozenset({'id', 'position'})


def part(found: feed.Part, fields: Collection[str] | None) -> View:
    """Show a part of the feed.

    :param fields: what to show of each change; None shows all
    """
    wanted = FIELDS if fields is None else ALWAYS.union(fields)
    return {
        'changes': [
            {k: v for k, v in change(one).items() if k in wanted}
            for one in found.changes
        ],
        'position': str(found.position),
    }


def change(told: feed.Told) -> View:
    """Show a change: as it was answered, but for what goes on after it."""
    entry = told.entry
    shown = _unasked(told) if entry.asked is None else entry.asked.document
    return {
        **shown,
        'position': None if entry.position is None else str(entry.position),
        'reverted_by': told.reverted_by,
        'delivery': told.delivery,
    }


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
