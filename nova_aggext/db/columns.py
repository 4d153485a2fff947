# SPDX-License-Identifier: Apache-2.0
"""Columns of aggregates as they are read, and what is made of them."""

from collections.abc import Iterable
from collections.abc import Mapping
from collections.abc import Sequence
from typing import Any

import sqlalchemy as sa

from nova_aggext.db import models
from nova_aggext.db import records

AGGREGATES = models.aggregates
ANNOTATIONS = models.annotations

COLUMNS = (
    AGGREGATES.c.id,
    AGGREGATES.c.uuid,
    AGGREGATES.c.name,
    AGGREGATES.c.created_at,
    AGGREGATES.c.updated_at,
)
ANNOTATED = (
    *COLUMNS,
    ANNOTATIONS.c.description,
    ANNOTATIONS.c.owner,
    ANNOTATIONS.c.protected,
)
_WITH_ANNOTATIONS = AGGREGATES.outerjoin(
    ANNOTATIONS, ANNOTATIONS.c.aggregate_id == AGGREGATES.c.id
)


def table(annotated: bool) -> sa.FromClause:
    """Give where the columns are, with annotations or without."""
    return _WITH_ANNOTATIONS if annotated else AGGREGATES


def assemble(
    rows: Iterable[Sequence[Any]],
    hosts_of: Mapping[int, Sequence[str]],
    metadata_of: Mapping[int, dict[str, str]],
) -> list[records.Aggregate]:
    """Make aggregates of rows, with the hosts and the metadata of each."""
    return [
        aggregate(row, hosts_of.get(row[0], ()), metadata_of.get(row[0], {}))
        for row in rows
    ]


def aggregate(
    columns: Sequence[Any], hosts: Sequence[str], metadata: dict[str, str]
) -> records.Aggregate:
    """Make an aggregate of its columns, with annotations or without."""
    one, uuid, name, created_at, updated_at, *annotations = columns
    description, owner, protected = annotations or (None, None, False)
    return records.Aggregate(
        id=one,
        uuid=uuid,
        name=name,
        hosts=tuple(hosts),
        metadata=metadata,
        created_at=created_at,
        updated_at=updated_at,
        description=description,
        owner=owner,
        # There is no row where there are no annotations.
        protected=bool(protected),
    )
