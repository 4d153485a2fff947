# SPDX-License-Identifier: Apache-2.0
"""What others changed of what a manager applied, in words."""

import contextlib
from collections.abc import Iterable
from collections.abc import Iterator
from typing import Any

from osc_aggext.console import effects
from osc_aggext.sdk import change_records
from osc_aggext.sdk import errors
from osc_aggext.sdk import proxy

# Changes that are looked up to say who made them.
_MOST = 20


def notes(
    client: proxy.Proxy, warnings: Iterable[change_records.Warned]
) -> effects.Notes:
    """Give remarks on the rows of a plan that undo what others did."""
    drifts = [one for one in warnings if one.code == 'drift']
    ids = dict.fromkeys(
        one.members['change'] for one in drifts if one.members.get('change')
    )
    origins = dict(_origins(client, list(ids)[:_MOST]))
    told: dict[tuple[str, str], list[str]] = {}
    for one in drifts:
        aggregate = str(one.members['aggregate']['id'])
        field = str(one.members['field']).partition('/')[0]
        row = told.setdefault((aggregate, field), [])
        row.append(_told(one.members, origins))
    return {row: f'drift: {"; ".join(said)}' for row, said in told.items()}


def _origins(
    client: proxy.Proxy, ids: Iterable[str]
) -> Iterator[tuple[str, str]]:
    """Give who made changes, and when."""
    for change_id in ids:
        # It may be forgotten, or not for everybody to read.
        with contextlib.suppress(errors.Refused):
            found = client.change(change_id)
            who = found.user_id or 'somebody'
            day = (found.changed_at or '').partition('T')[0]
            yield change_id, f', set by {who}, change {change_id}, {day}'


def _told(members: Any, origins: dict[str, str]) -> str:
    _, _, element = str(members['field']).partition('/')
    found = members['found']
    name = f'{effects.written(element)} ' if element else ''
    if isinstance(found, bool) and element:
        said = f'{name}was {"there" if found else "gone"}'
    else:
        value = 'none' if found is None else f'"{found}"'
        said = f'{name}was {value}'
    change = members.get('change')
    origin = f', change {change}' if change else ''
    return said + origins.get(change, origin)
