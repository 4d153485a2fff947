# SPDX-License-Identifier: Apache-2.0
"""Managers: who keeps aggregates as a document says, and that document.

The row of a manager is written under its lock (see ``locks``).
"""

import dataclasses
import datetime
import json
from collections.abc import Mapping
from typing import Any

import sqlalchemy as sa

from nova_aggext.db import models

MANAGERS = models.managers
_BRIEF = [column for column in MANAGERS.c if column.name != 'document']


@dataclasses.dataclass(frozen=True, slots=True)
class Manager:
    """Who wants what, as it was applied last.

    :ivar document: as it was sent, but for what is of that request alone;
        nothing where only the rest was read
    :ivar etag: of the document
    :ivar applied_at: naive, in UTC, with microseconds; None of one that was
        only planned
    :ivar change_id: of the change that made it so; None if none was needed
    """

    name: str
    description: str | None
    document: Mapping[str, Any]
    etag: str
    applied_at: datetime.datetime | None
    user_id: str | None
    project_id: str | None
    change_id: str | None


def lock(name: str) -> str:
    """Give the name of the lock of a manager, whether or not it is there."""
    return f'manager:{name}'


def get(session: sa.Connection, name: str) -> Manager | None:
    """Read one; None if there is none of that name."""
    statement = sa.select(MANAGERS).where(MANAGERS.c.name == name)
    for row in session.execute(statement):
        return _manager(row, json.loads(row.document))
    return None


def every(session: sa.Connection) -> list[Manager]:
    """Read all, by name, without their documents."""
    rows = session.execute(sa.select(*_BRIEF))
    return sorted(
        (_manager(row, {}) for row in rows), key=lambda one: one.name
    )


def count(session: sa.Connection) -> int:
    """Count them."""
    statement = sa.select(sa.func.count()).select_from(MANAGERS)
    return int(session.scalar(statement) or 0)


def write(session: sa.Connection, one: Manager) -> None:
    """Store one in place of what there was of its name."""
    values = dataclasses.asdict(one)
    for name in ('description', 'document'):
        values[name] = json.dumps(values[name])
    there = MANAGERS.c.name == one.name
    changed = session.execute(sa.select(MANAGERS.c.name).where(there)).first()
    if changed is None:
        session.execute(sa.insert(MANAGERS), values)
    else:
        session.execute(sa.update(MANAGERS).where(there).values(values))


def delete(session: sa.Connection, name: str) -> None:
    """Remove one; not what it claims."""
    session.execute(sa.delete(MANAGERS).where(MANAGERS.c.name == name))


def _manager(row: sa.Row[Any], document: Mapping[str, Any]) -> Manager:
    return Manager(
        row.name,
        json.loads(row.description),
        document,
        row.etag,
        row.applied_at,
        row.user_id,
        row.project_id,
        row.change_id,
    )
