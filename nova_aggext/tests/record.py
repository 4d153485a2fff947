# SPDX-License-Identifier: Apache-2.0
"""The record of changes, read as a whole."""

import sqlalchemy as sa

from nova_aggext.db import changes
from nova_aggext.db import models


def every(session: sa.Connection) -> list[changes.Change]:
    """Read all changes, the oldest first."""
    statement = sa.select(models.changes).order_by(models.changes.c.sequence)
    return changes.read(session, statement)
