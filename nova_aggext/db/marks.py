# SPDX-License-Identifier: Apache-2.0
"""Marks: numbers by names, 0 until they are stored."""

import sqlalchemy as sa

from nova_aggext.db import models

MARKS = models.marks


def read(session: sa.Connection, name: str) -> int:
    """Give a mark."""
    found = sa.select(MARKS.c.position).where(MARKS.c.name == name)
    return session.scalar(found) or 0


def write(session: sa.Connection, name: str, position: int) -> None:
    """Store a mark; whoever calls keeps others from doing so."""
    moved = session.execute(
        sa.update(MARKS).where(MARKS.c.name == name).values(position=position)
    )
    if not moved.rowcount:
        session.execute(sa.insert(MARKS), {'name': name, 'position': position})
