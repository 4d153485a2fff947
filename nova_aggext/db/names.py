# SPDX-License-Identifier: Apache-2.0
"""No two aggregates have names that compare equal (see ``collation``).

MariaDB keeps that rule itself, by the unique key and the collation of Nova's
table. On the other databases it is kept here, under a lock on all names.
"""

from collections.abc import Collection
from collections.abc import Iterator
from typing import Any

import sqlalchemy as sa

from nova_aggext.db import batches
from nova_aggext.db import collation
from nova_aggext.db import models

_NAMES = sa.select(models.aggregates.c.id, models.aggregates.c.name)
_OF_NAMES = _NAMES.where(
    models.aggregates.c.name.in_(sa.bindparam('names', expanding=True))
)


def taken(
    session: sa.Connection,
    names: Collection[str],
    but: Collection[int] = (),
) -> dict[str, int]:
    """Give those of some names that aggregates have, and who has each.

    Who wants to use the others must hold the lock on names.

    :param names: compare with those that there are, not with each other
    :param but: ids of aggregates that give their names up
    """
    wanted: dict[str, list[str]] = {}
    for name in names:
        wanted.setdefault(collation.fold(name), []).append(name)
    return {
        name: number
        for number, present in _present(session, names)
        if number not in but and present is not None
        for name in wanted.get(collation.fold(present), ())
    }


def _present(session: sa.Connection, names: Collection[str]) -> Iterator[Any]:
    """Read the names of aggregates: those in question, or else all."""
    if not collation.is_kept(session):
        yield from session.execute(_NAMES)
        return
    for batch in batches.of(names, batches.VALUES):
        yield from session.execute(_OF_NAMES, {'names': batch})
