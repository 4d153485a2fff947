# SPDX-License-Identifier: Apache-2.0
"""Reads that see one state, whatever others write meanwhile."""

from collections.abc import Callable
from typing import TypeVar

import sqlalchemy as sa

from nova_aggext.db import engines
from nova_aggext.db import retries

T = TypeVar('T')


def read(
    engine: sa.Engine,
    work: Callable[[sa.Connection], T],
    _tries: retries.Tries,
) -> T:
    """Read in the transaction that the first statement begins.

    To begin one with a statement of its own would cost a round trip.
    """
    with engine.connect() as session:
        if session.dialect.name == 'postgresql':
            # Sessions of the others are at that level, or have no other.
            session.execution_options(isolation_level=engines.REPEATABLE_READ)
        return work(session)
