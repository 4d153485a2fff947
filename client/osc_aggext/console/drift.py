# SPDX-License-Identifier: Apache-2.0
"""What others changed of what a manager applied, in words."""

import contextlib
import dataclasses
from collections.abc import Iterable
from collections.abc import Iterator
from collections.abc import Mapping
from collections.abc import Sequence
from typing import Any

from osc_aggext import ranges
from osc_aggext.console import effects
from osc_aggext.sdk import change_records
from osc_aggext.sdk import errors
from osc_aggext.sdk import proxy

# Changes that are looked up to say who made them.
_MOST = 20


@dataclasses.dataclass(frozen=True, slots=True)
class _Deed:
    """What somebody did: to some hosts, or to one value."""

    verb: str
    value: str | None
    change: str | None


def notes(
    client: proxy.Proxy, warnings: Iterable[change_records.Warned]
) -> effects.Notes:
    """Give remarks on the rows of a plan that undo what others did."""
    drifts = [one for one in warnings if one.code == 'drift']
    ids = dict.fromkeys(
        one.members['change'] for one in drifts if one.members.get('change')
    )
    origins = dict(_origins(client, list(ids)[:_MOST]))
    told: dict[tuple[str, str], dict[_Deed, list[str]]] = {}
    for one in drifts:
        aggregate = str(one.members['aggregate']['id'])
        field, _, element = str(one.members['field']).partition('/')
        deed = _deed(one.members, element)
        row = told.setdefault((aggregate, field), {})
        row.setdefault(deed, []).append(element)
    return {
        row: 'drift: '
        + '; '.join(_told(*one, origins) for one in deeds.items())
        for row, deeds in told.items()
    }


def _deed(members: Mapping[str, Any], element: str) -> _Deed:
    """Say what was done to a field, and by which change."""
    found, change = members['found'], members.get('change')
    if element and isinstance(found, bool):
        return _Deed('added' if found else 'removed', None, change)
    value = 'none' if found is None else f'"{found}"'
    name = f'{effects.written(element)} ' if element else ''
    return _Deed('set', f'{name}was {value}', change)


def _told(
    deed: _Deed, elements: Sequence[str], origins: Mapping[str, str]
) -> str:
    said = deed.value or ranges.text(elements)
    if deed.change is None:
        return f'{said}, {deed.verb} by somebody'
    by = origins.get(deed.change, f'somebody, change {deed.change}')
    return f'{said}, {deed.verb} by {by}'


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
            yield change_id, f'{who}, change {change_id}, {day}'
