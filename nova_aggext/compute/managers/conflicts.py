# SPDX-License-Identifier: Apache-2.0
"""What several managers claim of one aggregate, and where they disagree.

Pure functions.
"""

import dataclasses
from collections.abc import Iterable
from collections.abc import Iterator
from collections.abc import Mapping

from nova_aggext.compute.managers import fields
from nova_aggext.db import claims
from nova_aggext.db import records

Holding = claims.Holding
Value = fields.Value


@dataclasses.dataclass(frozen=True, slots=True)
class Conflict:
    """Another manager claims a field of an aggregate otherwise.

    :ivar theirs: what it claims; what is not there, if it claims nothing else
        in a collection
    :ivar taken: what of its claims stands against it: the field, the whole
        collection, or both
    """

    aggregate: records.Aggregate
    manager: str
    field: str
    theirs: Value
    yours: Value
    taken: frozenset[str]


def find(
    one: records.Aggregate | None,
    wanted: Mapping[str, Value],
    exclusive: frozenset[str],
    others: Iterable[Holding],
) -> list[Conflict]:
    """Give all claims of others that what is wanted goes against.

    :param one: the aggregate; None if it is to be made
    :param wanted: values by fields
    :param exclusive: collections in which nothing else is wanted
    """
    if one is None:
        return []
    return [
        conflict
        for other in others
        for conflict in (
            *_of_fields(one, wanted, other),
            *_of_collections(one, wanted, exclusive, other),
        )
    ]


def after_force(
    conflicts: Iterable[Conflict], others: Iterable[Holding]
) -> list[Holding]:
    """Give what others claim once each claim in conflict was taken away."""
    taken: dict[str, set[str]] = {}
    for one in conflicts:
        taken.setdefault(one.manager, set()).update(one.taken)
    return [_without(one, taken.get(one.manager, set())) for one in others]


def are_claimed(others: Iterable[Holding]) -> frozenset[str]:
    """Give the fields of which others claim that they are there."""
    return frozenset(
        field
        for one in others
        for field, value in one.fields.items()
        if fields.is_there(field, value)
    )


def _of_fields(
    one: records.Aggregate, wanted: Mapping[str, Value], other: Holding
) -> Iterator[Conflict]:
    for field, yours in wanted.items():
        whole = fields.collection(field)
        is_closed = whole in other.exclusive and fields.is_there(field, yours)
        closed = frozenset({whole} if whole and is_closed else ())
        if field in other.fields:
            theirs = other.fields[field]
            if theirs != yours:
                taken = closed | {field}
                yield Conflict(one, other.manager, field, theirs, yours, taken)
        elif closed:
            theirs = fields.absent(field)
            yield Conflict(one, other.manager, field, theirs, yours, closed)


def _of_collections(
    one: records.Aggregate,
    wanted: Mapping[str, Value],
    exclusive: frozenset[str],
    other: Holding,
) -> Iterator[Conflict]:
    if not exclusive:
        return
    for field, theirs in other.fields.items():
        if fields.collection(field) not in exclusive or field in wanted:
            continue
        if fields.is_there(field, theirs):
            yours = fields.absent(field)
            taken = frozenset({field})
            yield Conflict(one, other.manager, field, theirs, yours, taken)


def _without(one: Holding, taken: set[str]) -> Holding:
    if not taken:
        return one
    return dataclasses.replace(
        one,
        fields={f: v for f, v in one.fields.items() if f not in taken},
        exclusive=one.exclusive - taken,
        skipped=frozenset(
            host for host in one.skipped if fields.of_host(host) not in taken
        ),
    )
