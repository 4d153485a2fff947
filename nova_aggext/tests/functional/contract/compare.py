# SPDX-License-Identifier: Apache-2.0
"""Differences between a recorded answer and one that came."""

import json
from collections.abc import Iterator
from typing import Any

from nova_aggext.tests.functional.contract import normalise

# Recorded for the "updated_at" of an aggregate of which only the metadata or
# the zone was changed: Nova answers null, a server that keeps the time of
# every change answers that time.
MAYBE_CHANGED = '<null or timestamp>'

# Lists whose order no one promises.
_UNORDERED = ('hosts', 'aggregates')


def differences(
    expected: dict[str, Any], got: dict[str, Any], *, unchanged: bool = False
) -> list[str]:
    """Describe each difference; nothing when the answers agree.

    :param unchanged: whether no change was made, so that ``MAYBE_CHANGED``
        stands for null and not for a time
    """
    found = []
    if expected['status'] != got['status']:
        found.append(
            f'status: expected {expected["status"]}, got {got["status"]}'
        )
    for name, value in expected.get('headers', {}).items():
        if _header(name, value) != _header(name, got['headers'][name]):
            found.append(
                f'{name}: expected {value!r}, got {got["headers"][name]!r}'
            )
    if 'body' in expected:
        maybe = None if unchanged else normalise.TIMESTAMP
        wanted = _settle(_sort(expected['body']), maybe)
        found.extend(_diff(wanted, _sort(got['body']), 'body'))
    return found


def _header(name: str, value: str | None) -> str | None:
    if name == 'Content-Type' and value is not None:
        return value.replace(' ', '').lower()
    return value


def _settle(value: Any, maybe: str | None) -> Any:
    """Replace ``MAYBE_CHANGED`` in a JSON value."""
    if isinstance(value, dict):
        return {key: _settle(item, maybe) for key, item in value.items()}
    if isinstance(value, list):
        return [_settle(item, maybe) for item in value]
    return maybe if value == MAYBE_CHANGED else value


def _sort(value: Any, key: str = '') -> Any:
    """Sort the lists that have no order, by what does not change."""
    if isinstance(value, dict):
        return {name: _sort(item, name) for name, item in value.items()}
    if not isinstance(value, list):
        return value
    items = [_sort(item) for item in value]
    return sorted(items, key=_identity) if key in _UNORDERED else items


def _identity(item: Any) -> str:
    if isinstance(item, dict):
        item = {
            name: value for name, value in item.items() if name != 'updated_at'
        }
    return json.dumps(item, sort_keys=True)


def _diff(expected: Any, got: Any, where: str) -> Iterator[str]:
    if isinstance(expected, dict) and isinstance(got, dict):
        for key in sorted({*expected, *got}):
            if key not in got:
                yield f'{where}.{key}: missing'
            elif key not in expected:
                yield f'{where}.{key}: unexpected {got[key]!r}'
            else:
                yield from _diff(expected[key], got[key], f'{where}.{key}')
    elif _are_alike(expected, got):
        for number, pair in enumerate(zip(expected, got, strict=True)):
            yield from _diff(*pair, f'{where}[{number}]')
    elif type(expected) is not type(got) or expected != got:
        yield f'{where}: expected {expected!r}, got {got!r}'


def _are_alike(expected: Any, got: Any) -> bool:
    """Tell whether both are lists whose items can be compared."""
    if isinstance(expected, list) and isinstance(got, list):
        return len(expected) == len(got)
    return False
