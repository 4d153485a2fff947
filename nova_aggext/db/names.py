# SPDX-License-Identifier: Apache-2.0
"""No two aggregates have names that compare equal (see ``collation``).

MariaDB keeps that rule itself, by the unique key and the collation of Nova's
table. On the other databases it is kept here, under a lock on all names.
"""

import sqlalchemy as sa

from nova_aggext import exception
from nova_aggext.db import collation
from nova_aggext.db import models


def require_free(
    session: sa.Connection, name: str, *, of: int | None = None
) -> None:
    """Refuse a name that another aggregate has; names must be locked.

    :param of: the aggregate that is to get the name
    :raises AggregateNameExists: for a name that compares equal
    """
    if collation.is_kept(session):
        return
    wanted = collation.fold(name)
    columns = (models.aggregates.c.id, models.aggregates.c.name)
    for row in session.execute(sa.select(*columns)):
        if row.id != of and collation.fold(row.name or '') == wanted:
            raise exception.AggregateNameExists(aggregate_name=name)
