# SPDX-License-Identifier: Apache-2.0
"""What was asked for by changes that have an id, and answered.

A row is inserted in the transaction of its change, and never changed. It is
kept as long as the rows of the record of changes that have its id; without
any, as long as the record is.
"""

import dataclasses
import datetime
import json
from collections.abc import Collection
from collections.abc import Mapping
from typing import Any

import sqlalchemy as sa

from nova_aggext.db import batches
from nova_aggext.db import models

SETS = models.change_sets


@dataclasses.dataclass(frozen=True, slots=True)
class ChangeSet:
    """A change as it was asked for and answered.

    :ivar kind: 'change', 'apply' or 'revert'
    :ivar request_digest: of what was asked for
    :ivar digest: of its effects
    :ivar reverts: the id of the change in the feed that it undid
    :ivar document: the answer
    :ivar changed_at: naive, in UTC, with microseconds
    """

    id: str
    kind: str
    request_digest: str
    digest: str
    reason: str | None
    manager: str | None
    reverts: str | None
    document: Mapping[str, Any]
    changed_at: datetime.datetime
    user_id: str | None
    project_id: str | None
    request_id: str | None
    global_request_id: str | None


def insert(session: sa.Connection, one: ChangeSet) -> None:
    """Store one in the transaction of its change.

    Whoever calls knows that its id is free; where another has taken it
    meanwhile, the transaction is run again from its start.
    """
    values = {
        field.name: getattr(one, field.name)
        for field in dataclasses.fields(one)
    }
    values['document'] = json.dumps(one.document)
    session.execute(sa.insert(SETS), values)


def get(session: sa.Connection, change_id: str) -> ChangeSet | None:
    """Read one; None if there is none of that id."""
    return some(session, [change_id]).get(change_id)


def some(
    session: sa.Connection, change_ids: Collection[str]
) -> dict[str, ChangeSet]:
    """Read those that there are, by their ids."""
    return {
        row.id: _change_set(row)
        for ids in batches.of(change_ids, batches.VALUES)
        for row in session.execute(sa.select(SETS).where(SETS.c.id.in_(ids)))
    }


def reverted_by(
    session: sa.Connection, change_ids: Collection[str]
) -> dict[str, str]:
    """Give the ids of the changes that undid some, by the ids of those.

    :param change_ids: as they are in the feed
    """
    found = sa.select(SETS.c.reverts, SETS.c.id)
    return {
        str(row.reverts): row.id
        for ids in batches.of(change_ids, batches.VALUES)
        for row in session.execute(found.where(SETS.c.reverts.in_(ids)))
    }


def _change_set(row: sa.Row[Any]) -> ChangeSet:
    values = dict(row._mapping)
    values['document'] = json.loads(values['document'])
    return ChangeSet(**values)
