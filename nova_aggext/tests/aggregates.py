# SPDX-License-Identifier: Apache-2.0
"""Aggregates that are there before a test begins."""

import datetime
import types
from collections.abc import Mapping
from collections.abc import Sequence

import sqlalchemy as sa

from nova_aggext.db import reading
from nova_aggext.db import records
from nova_aggext.db import writing

MOMENT = datetime.datetime(2026, 1, 2, 3, 4, 5)

_NO_METADATA: Mapping[str, str] = types.MappingProxyType({})


def make(
    session: sa.Connection,
    name: str,
    hosts: Sequence[str] = (),
    metadata: Mapping[str, str] = _NO_METADATA,
    *,
    uuid: str | None = None,
) -> records.Aggregate:
    """Make one in a transaction; its uuid is its name unless it is given."""
    (one,) = writing.insert_aggregates(session, [(uuid or name, name)], MOMENT)
    writing.insert_hosts(session, [(one, host) for host in hosts], MOMENT)
    rows = {(one, key): value for key, value in metadata.items()}
    writing.insert_metadata(session, rows, MOMENT)
    (made,) = reading.some(session, [one])
    return made
