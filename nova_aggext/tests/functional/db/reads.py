# SPDX-License-Identifier: Apache-2.0
"""Each way in which aggregates are read."""

from typing import Any

import fixtures

from nova_aggext.tests import base
from nova_aggext.tests.functional import databases

# As MySQL is, which aggregates no JSON in an order.
_BY_ROWS = {'kind': 'mysql', 'rows': True}
WAYS: list[tuple[str, dict[str, Any]]] = [
    *((kind, {'kind': kind, 'rows': False}) for kind in databases.KINDS),
    ('mysql by rows', _BY_ROWS),
]


class ReadsTestCase(base.TestCase):
    """A database that is read as it can; with ``WAYS`` as its scenarios.

    :ivar rows: row by row, though it could do it faster
    """

    kind: str
    rows: bool

    def setUp(self) -> None:
        super().setUp()
        self.database = self.useFixture(databases.Database(self.kind)).database

    def read_that_way(self) -> None:
        """From now on read as the scenario says."""
        if self.rows:
            self.useFixture(
                fixtures.MonkeyPatch(
                    'nova_aggext.db.reading_json.MARIADB', None
                )
            )
