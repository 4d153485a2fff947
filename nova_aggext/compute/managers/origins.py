# SPDX-License-Identifier: Apache-2.0
"""Which changes made fields what they are, as far as that is recorded."""

import dataclasses
from collections.abc import Iterable

from nova_aggext.compute.managers import drift
from nova_aggext.compute.managers import fields
from nova_aggext.db import changes
from nova_aggext.db import database as db_database
from nova_aggext.db import records

Drift = drift.Drift
Session = db_database.Session
Value = fields.Value

# Rows of an aggregate that are looked at.
_MOST = 200


def named(session: Session, drifts: Iterable[Drift]) -> list[Drift]:
    """Name the change that each goes back to, if one of the last ones did."""
    found = list(drifts)
    ids = sorted({one.aggregate.id for one in found})
    rows = {one: changes.latest(session, one, _MOST) for one in ids}
    return [
        dataclasses.replace(one, change=_origin(one, rows[one.aggregate.id]))
        for one in found
    ]


def _origin(one: Drift, rows: Iterable[changes.Change]) -> str | None:
    """Find it among the rows of its aggregate, the last of which is first."""
    for row in rows:
        if one.field in _touched(row.before) | _touched(row.after):
            left = _value(row.after, one.field)
            known = row.change_id or changes.id_of(row.sequence)
            return known if left == one.found else None
    return None


def _touched(side: changes.State) -> set[str]:
    return {
        *(name for name in side if name not in fields.COLLECTIONS),
        *map(fields.of_host, side.get(fields.HOSTS, ())),
        *map(_of_key, side.get(fields.METADATA, ())),
    }


def _of_key(key: str) -> str:
    is_zone = key == records.ZONE_KEY
    return records.ZONE_KEY if is_zone else fields.of_key(key)


def _value(side: changes.State, field: str) -> Value:
    """Give what a field is on one side of a row."""
    collection, name = fields.split(field)
    found: Value = fields.absent(field)
    if collection == fields.HOSTS:
        found = name in side.get(fields.HOSTS, ())
    elif collection == fields.METADATA or field == records.ZONE_KEY:
        key = name or field
        found = side.get(fields.METADATA, {}).get(key)
    else:
        found = side.get(field, found)
    return found
