# SPDX-License-Identifier: Apache-2.0
"""Names that two aggregates cannot have."""

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

    def taken(self, *wanted: str, but: int = 0) -> dict[str, int]:
        """Give those of some names that are taken."""
        return self.database.read(
            lambda session: names.taken(session, wanted, [but])
        )

    def test_taken(self) -> None:
        wanted = ('Rack', 'rack', 'R\xc4CK', 'rack ')
        self.assertEqual(
            dict.fromkeys(wanted, self.one.id), self.taken(*wanted, 'free')
        )

    def test_free(self) -> None:
        self.assertEqual({}, self.taken('rack1', ' rack'))

    def test_given_up(self) -> None:
        self.assertEqual({}, self.taken('rack', but=self.one.id))
        self.assertIn('rack', self.taken('rack', but=self.one.id + 1))
