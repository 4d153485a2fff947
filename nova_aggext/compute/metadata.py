# SPDX-License-Identifier: Apache-2.0
"""Metadata rules, as pure functions."""

from collections.abc import Iterator
from collections.abc import Mapping

from nova_aggext.db import collation

Asked = Mapping[str, str | None]


def result(present: Mapping[str, str], asked: Asked) -> dict[str, str]:
    """Give the metadata after what was asked; None removes a key."""
    merged = {**present, **asked}
    return {key: value for key, value in merged.items() if value is not None}


def collisions(
    present: Mapping[str, str], asked: Asked
) -> Iterator[tuple[str, str]]:
    """Give keys asked for that cannot be beside others that are left.

    Keys are compared exactly, but the table holds only one of those that
    differ in case or trailing blanks alone.
    """
    kept = [key for key in present if asked.get(key, '') is not None]
    by_fold = {collation.fold(key): key for key in kept}
    for key, value in asked.items():
        if value is not None:
            other = by_fold.setdefault(collation.fold(key), key)
            if other != key:
                yield key, other
