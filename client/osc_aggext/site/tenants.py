# SPDX-License-Identifier: Apache-2.0
"""Projects that an aggregate is kept for, as the scheduler reads them.

Its filter takes every key that begins with ``filter_tenant_id``, with ids
parted by commas. A value has a limited length, so that many need many keys.
"""

from collections.abc import Iterable
from collections.abc import Iterator
from collections.abc import Mapping

KEY = 'filter_tenant_id'
# Characters of a value.
_LONGEST = 255


def is_project(text: str) -> bool:
    """Say whether a text can be the id of a project."""
    return (
        0 < len(text) <= _LONGEST
        and text.isprintable()
        and not set(text) & set(', ')
    )


def keys_of(metadata: Mapping[str, object]) -> list[str]:
    """Give the keys that say for whom an aggregate is."""
    return [key for key in metadata if key.startswith(KEY)]


def metadata(projects: Iterable[str]) -> dict[str, str]:
    """Write projects as metadata; sorted, so that it is always the same."""
    values = list(_values(sorted(set(projects))))
    return {
        KEY if number == 1 else f'{KEY}_{number}': value
        for number, value in enumerate(values, 1)
    }


def _values(projects: list[str]) -> Iterator[str]:
    """Part projects into values that are not too long."""
    value = ''
    for project in projects:
        longer = f'{value},{project}' if value else project
        if len(longer) > _LONGEST:
            yield value
            longer = project
        value = longer
    if value:
        yield value
