# SPDX-License-Identifier: Apache-2.0
"""What is told of managers beside a change. Pure functions."""

from collections.abc import Iterable
from collections.abc import Iterator
from typing import Any

from nova_aggext.compute import change as compute_change
from nova_aggext.compute.managers import drift
from nova_aggext.compute.managers import fields
from nova_aggext.db import claims
from nova_aggext.db import records

Warning = dict[str, Any]


def managed(
    change: compute_change.Change, held: Iterable[claims.Holding]
) -> Iterator[Warning]:
    """Give the claims that a change goes against.

    :param held: what managers claim of the aggregate that it changes
    """
    before, after = fields.values(change.before), fields.values(change.after)
    altered = sorted(
        field
        for field in before.keys() | after.keys()
        if before.get(field, fields.absent(field))
        != after.get(field, fields.absent(field))
    )
    one = change.before or change.subject
    for other in held:
        for field in altered:
            whole = fields.collection(field)
            if field in other.fields or whole in other.exclusive:
                yield {
                    'code': 'managed_field',
                    'detail': f'Manager {other.manager} claims {field} of '
                    f'aggregate {one.name}.',
                    'manager': other.manager,
                    'aggregate': _named(one),
                    'field': field,
                }


def drifted(one: drift.Drift) -> Warning:
    """Tell that what others changed is changed back."""
    return {
        'code': 'drift',
        'detail': f'Somebody has changed {one.field} of aggregate '
        f'{one.aggregate.name}.',
        'aggregate': _named(one.aggregate),
        'field': one.field,
        'expected': one.expected,
        'found': one.found,
        'change': one.change,
    }


def _named(one: records.Aggregate) -> dict[str, Any]:
    return {'id': one.id, 'uuid': one.uuid, 'name': one.name}
