# SPDX-License-Identifier: Apache-2.0
"""Names that two aggregates cannot have."""

from nova_aggext import exception
from nova_aggext.db import names
from nova_aggext.tests import aggregates
from nova_aggext.tests import base
from nova_aggext.tests.functional import databases


class NamesTest(base.TestCase):
    """The rule where the database does not keep it."""

    def setUp(self) -> None:
        super().setUp()
        self.database = self.useFixture(databases.Database()).database
        self.one = self.database.write(
            lambda session: aggregates.make(session, 'Rack')
        )

    def _require_free(self, name: str, of: int | None = None) -> None:
        self.database.read(
            lambda session: names.require_free(session, name, of=of)
        )

    def test_taken(self) -> None:
        for name in ('Rack', 'rack', 'RÄCK', 'rack '):
            self.assertRaises(
                exception.AggregateNameExists, self._require_free, name
            )

    def test_free(self) -> None:
        self._require_free('rack1')
        self._require_free(' rack')

    def test_by_the_aggregate_itself(self) -> None:
        self._require_free('rack', self.one.id)
        self.assertRaises(
            exception.AggregateNameExists,
            self._require_free,
            'rack',
            self.one.id + 1,
        )
