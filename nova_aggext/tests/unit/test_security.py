# SPDX-License-Identifier: Apache-2.0
"""The security page grants rights on all tables that there are."""

from nova_aggext.db import models
from nova_aggext.hosts import cells
from nova_aggext.tests import base
from nova_aggext.tests.functional.packaging import rights


class SecurityTest(base.TestCase):
    """A new table has to be on the page; ``test_rights`` works with it."""

    def test_tables(self) -> None:
        tables = (*models.NOVA_TABLES, *models.OWN_TABLES, *cells.TABLES)
        for kind in rights.TITLES:
            text = ' '.join(rights.statements(kind))
            for table in tables:
                self.assertRegex(text, rf'[ .]{table.name} +TO ')
