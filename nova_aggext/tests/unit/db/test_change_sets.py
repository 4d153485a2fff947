# SPDX-License-Identifier: Apache-2.0
"""What was asked for by changes that have an id."""

import dataclasses
import datetime
from typing import Any

from nova_aggext.db import change_sets
from nova_aggext.tests import base
from nova_aggext.tests.functional import databases

ONE = change_sets.ChangeSet(
    id='3f0c2d5e-4d0f-4c1b-8a6e-3d2c1b0a5a9c',
    kind='change',
    request_digest='d' * 64,
    digest='e' * 32,
    reason='because',
    manager=None,
    reverts=None,
    document={'effects': [{'name': 'ä'}]},
    changed_at=datetime.datetime(2026, 1, 2, 3, 4, 5, 678901),
    user_id='me',
    project_id='mine',
    request_id='req-1',
    global_request_id=None,
)


class ChangeSetsTest(base.TestCase):
    """On SQLite."""

    def setUp(self) -> None:
        super().setUp()
        self.database = self.useFixture(databases.Database()).database

    def insert(self, **differing: Any) -> change_sets.ChangeSet:
        """Store one that differs."""
        one = dataclasses.replace(ONE, **differing)
        self.database.write(lambda s: change_sets.insert(s, one))
        return one

    def test_get(self) -> None:
        self.insert()
        read = self.database.read
        self.assertEqual(ONE, read(lambda s: change_sets.get(s, ONE.id)))
        self.assertIsNone(read(lambda s: change_sets.get(s, 'other')))

    def test_reverted_by(self) -> None:
        self.insert()
        self.insert(id='r1', kind='revert', reverts=ONE.id)
        self.insert(id='r2', kind='revert', reverts='n-7')
        wanted = {ONE.id: 'r1', 'n-7': 'r2'}
        self.assertEqual(wanted, self.reverted_by(ONE.id, 'n-7', 'n-8', 'r1'))
        self.assertEqual({'n-7': 'r2'}, self.reverted_by('n-7'))
        self.assertEqual({}, self.reverted_by())

    def reverted_by(self, *asked: str) -> dict[str, str]:
        """Ask by which changes others were undone."""
        return self.database.read(lambda s: change_sets.reverted_by(s, asked))
