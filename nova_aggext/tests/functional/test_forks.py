# SPDX-License-Identifier: Apache-2.0
"""Parts that are made before a server forks its children."""

import multiprocessing
from collections.abc import Sequence
from typing import Any

from nova_aggext.db import changes
from nova_aggext.db import database as db_database
from nova_aggext.outbox import sweep
from nova_aggext.outbox import types
from nova_aggext.tests import aggregates
from nova_aggext.tests import base
from nova_aggext.tests.functional import databases

PATIENCE = 60
LEASE = 600
# Of a sweep that has begun: seconds to its next step, and not claimed.
RATE = 0.01
INTERVAL = 0.000002
CHILDREN = 3

_FORKING = multiprocessing.get_context('fork')


class Casts:
    """Tells nothing."""

    def recast(self, aggregate_ids: Sequence[int]) -> list[types.Draft]:
        """Make no messages."""
        return []

    def recast_deleted(
        self, gone: Sequence[changes.Change]
    ) -> list[types.Draft]:
        """Make no messages."""
        return []


class ForksTest(base.TestCase):
    """One sweep, and children that have it from their parent."""

    def setUp(self) -> None:
        super().setUp()
        made = self.useFixture(databases.Database())
        made.database.write(lambda session: aggregates.make(session, 'a name'))
        # Nothing of it may be open when the children are forked.
        self.database = db_database.Database(made.conf)
        self.addCleanup(self.database.close)

    def test_sweep(self) -> None:
        """Only one of the children sweeps."""
        one = sweep.Sweep(
            self.database, Casts(), interval=INTERVAL, rate=RATE, lease=LEASE
        )
        pauses = _FORKING.SimpleQueue()
        for _ in range(CHILDREN):
            child = _FORKING.Process(target=self._step, args=(one, pauses))
            child.start()
            child.join(PATIENCE)
            self.assertEqual(0, child.exitcode)
        waits = [pauses.get() > INTERVAL for _ in range(CHILDREN)]
        self.assertEqual([True, False, False], waits)

    def _step(self, one: sweep.Sweep, pauses: Any) -> None:
        pauses.put(one.step())
