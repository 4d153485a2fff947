# SPDX-License-Identifier: Apache-2.0
"""Aggregates as the API shows them in each version."""

import datetime
from collections.abc import Iterable
from typing import Any

from nova_aggext.db import records
from nova_aggext.wsgi import microversion

View = dict[str, Any]

# The uuid is shown from this version on.
UUID_SINCE = microversion.Version(2, 41)


def created(
    aggregate: records.Aggregate, version: microversion.Version
) -> View:
    """Show an aggregate just made: without hosts and metadata."""
    return {'aggregate': _common(aggregate, with_uuid=version >= UUID_SINCE)}


def show(aggregate: records.Aggregate, version: microversion.Version) -> View:
    """Show one aggregate."""
    return {'aggregate': _whole(aggregate, with_uuid=version >= UUID_SINCE)}


def index(
    aggregates: Iterable[records.Aggregate], version: microversion.Version
) -> View:
    """Show many aggregates."""
    with_uuid = version >= UUID_SINCE
    shown = [_whole(one, with_uuid=with_uuid) for one in aggregates]
    return {'aggregates': shown}


def _whole(aggregate: records.Aggregate, *, with_uuid: bool) -> View:
    view = _common(aggregate, with_uuid=with_uuid)
    view['hosts'] = list(aggregate.hosts)
    view['metadata'] = aggregate.metadata
    return view


def _common(aggregate: records.Aggregate, *, with_uuid: bool) -> View:
    view: View = {
        'availability_zone': aggregate.availability_zone,
        'created_at': _time(aggregate.created_at),
        'deleted': False,
        'deleted_at': None,
        'id': aggregate.id,
        'name': aggregate.name,
        'updated_at': _time(aggregate.updated_at),
    }
    if with_uuid:
        view['uuid'] = aggregate.uuid
    return view


def _time(moment: datetime.datetime | None) -> str | None:
    """Write a time as Nova does: always with six digits of a fraction."""
    if moment is None:
        return None
    return f'{moment.isoformat(timespec="seconds")}.000000'
