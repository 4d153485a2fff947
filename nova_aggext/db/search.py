# SPDX-License-Identifier: Apache-2.0
"""Finds aggregates by what they are; the rest of them is read by id."""

import sqlalchemy as sa

from nova_aggext.db import models

AGGREGATES = models.aggregates


def id_of_uuid(session: sa.Connection, uuid: str) -> int | None:
    """Give the id of the aggregate of a uuid; it compares exactly."""
    statement = sa.select(AGGREGATES.c.id, AGGREGATES.c.uuid).where(
        AGGREGATES.c.uuid == uuid
    )
    for number, found in session.execute(statement):
        if found == uuid:
            return int(number)
    return None
