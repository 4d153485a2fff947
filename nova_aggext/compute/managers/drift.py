# SPDX-License-Identifier: Apache-2.0
"""What others have changed of what a manager applied last. Pure functions."""

import dataclasses
from collections.abc import Collection
from collections.abc import Iterator
from collections.abc import Mapping

from nova_aggext.compute.managers import fields
from nova_aggext.db import claims
from nova_aggext.db import records

Value = fields.Value


@dataclasses.dataclass(frozen=True, slots=True)
class Drift:
    """A field is not what a manager left, and not what it wants now.

    :ivar change: the id of the change that did it, where that is known
    """

    aggregate: records.Aggregate
    field: str
    expected: Value
    found: Value
    change: str | None = None


def find(
    one: records.Aggregate,
    held: claims.Holding | None,
    wanted: Mapping[str, Value],
    but: Collection[str],
) -> Iterator[Drift]:
    """Give all that was changed since, of what is to be something else.

    :param held: what the manager left
    :param wanted: all fields that are to have a value now, or not to be there
    :param but: fields that do not count
    """
    if held is None:
        return
    present = fields.values(one)
    skipped = {fields.of_host(host) for host in held.skipped}
    for field in sorted(wanted.keys() - skipped - set(but)):
        if field in held.fields:
            expected = held.fields[field]
        elif fields.collection(field) in held.exclusive:
            expected = fields.absent(field)
        else:
            continue
        found = present.get(field, fields.absent(field))
        if found not in (expected, wanted[field]):
            yield Drift(one, field, expected, found)
