# SPDX-License-Identifier: Apache-2.0
"""Several aggregates in one cast, so that no moved host is ever in none.

A scheduler replaces the hosts of one aggregate after the other, in the order
of the cast. A host that moves is in both while that goes on: those that gain
hosts come first, still with those that they lose; then all as they are.

That holds for a change that is told before the next one of the same hosts is
made. Of one that is told later all is cast as it is by then: a host that was
moved on is in none until the cast of the move that did it, which follows.
"""

import dataclasses
from collections.abc import Iterable
from collections.abc import Iterator
from collections.abc import Mapping
from typing import Any

from nova_aggext.compute import steps
from nova_aggext.db import records

Aggregate = records.Aggregate


def describe(subjects: Iterable[steps.Subject]) -> dict[str, Any]:
    """Give what has to be remembered of a change, as JSON can hold it."""
    several = list(subjects)
    kept = [one.aggregate.id for one in several if not one.is_deleted]
    gaining = [one.aggregate.id for one in several if one.added]
    return {
        'aggregates': kept,
        'gaining': gaining,
        'lost': {
            str(one.aggregate.id): list(one.removed)
            for one in several
            if one.removed and one.aggregate.id in gaining
        },
    }


def order(
    described: Mapping[str, Any], found: Mapping[int, Aggregate]
) -> Iterator[Aggregate]:
    """Give aggregates in the order in which a scheduler is to take them.

    :param found: as they are now, those that there are still
    """
    done = set()
    for one in described['gaining']:
        if one in found:
            lost = described['lost'].get(str(one), ())
            if not lost:
                done.add(one)
            yield _with(found[one], lost)
    for one in described['aggregates']:
        if one in found and one not in done:
            yield found[one]


def _with(aggregate: Aggregate, hosts: Iterable[str]) -> Aggregate:
    both = dict.fromkeys((*aggregate.hosts, *hosts))
    return dataclasses.replace(aggregate, hosts=tuple(both))
