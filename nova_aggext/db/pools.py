# SPDX-License-Identifier: Apache-2.0
"""How full pools of connections are."""

import dataclasses
from typing import Any

import sqlalchemy as sa


@dataclasses.dataclass(frozen=True, slots=True)
class Pool:
    """A pool of connections at one moment.

    :ivar name: the option group of its database, and what it is used for
    :ivar used: connections that somebody works with
    :ivar idle: connections that wait for work
    :ivar most: connections that there may be; None for no limit
    """

    name: str
    used: int
    idle: int
    most: int | None


def seen(name: str, engine: sa.Engine) -> Pool | None:
    """Look at the pool of an engine; None where connections are not kept."""
    pool: Any = engine.pool
    if not isinstance(pool, sa.QueuePool):
        return None
    overflow: int = pool._max_overflow
    return Pool(
        name,
        used=pool.checkedout(),
        idle=pool.checkedin(),
        most=None if overflow < 0 else pool.size() + overflow,
    )
