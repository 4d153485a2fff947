# SPDX-License-Identifier: Apache-2.0
"""Metadata rules: what has to be written for what was asked."""

import dataclasses
from collections.abc import Mapping

from nova_aggext import exception
from nova_aggext.db import collation


@dataclasses.dataclass(frozen=True, slots=True)
class Plan:
    """The keys to remove, change and add; to be written in this order."""

    remove: tuple[str, ...]
    change: Mapping[str, str]
    add: Mapping[str, str]


def plan(
    aggregate_id: int,
    present: Mapping[str, str],
    asked: Mapping[str, str | None],
) -> Plan:
    """Find out what to write; a key with None is removed if present.

    Keys are compared exactly, but the table holds only one of those that
    differ in case or trailing blanks alone.

    :raises AggregateMetadataKeyExists: when two such keys would be left
    """
    remove = tuple(
        key for key, value in asked.items() if value is None and key in present
    )
    wanted = {key: value for key, value in asked.items() if value is not None}
    kept = [key for key in present if key not in remove]
    _require_distinct(aggregate_id, kept, wanted)
    return Plan(
        remove=remove,
        change={
            key: value
            for key, value in wanted.items()
            if key in present and present[key] != value
        },
        add={
            key: value for key, value in wanted.items() if key not in present
        },
    )


def result(present: Mapping[str, str], planned: Plan) -> dict[str, str]:
    """Give the metadata that a plan leaves."""
    kept = {k: v for k, v in present.items() if k not in planned.remove}
    return {**kept, **planned.change, **planned.add}


def _require_distinct(
    aggregate_id: int, kept: list[str], wanted: Mapping[str, str]
) -> None:
    by_fold = {collation.fold(key): key for key in kept}
    for key in wanted:
        other = by_fold.setdefault(collation.fold(key), key)
        if other != key:
            raise exception.AggregateMetadataKeyExists(
                aggregate_id=aggregate_id, key=key, present=other
            )
