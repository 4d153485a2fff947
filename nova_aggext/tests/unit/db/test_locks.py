# SPDX-License-Identifier: Apache-2.0
"""Rows that transactions write to keep others out."""

import sqlalchemy as sa

from nova_aggext.db import locks
from nova_aggext.db import models
from nova_aggext.tests import base
from nova_aggext.tests.functional import databases

LOCKS = models.locks.c


class LocksTest(base.TestCase):
    """What is locked, and in which order."""

    def setUp(self) -> None:
        super().setUp()
        self.database = self.useFixture(databases.Database()).database

    def rows(self) -> list[tuple[str, int]]:
        """Give the rows in the order in which they were first written."""
        inserted = sa.select(LOCKS.name, LOCKS.generation).order_by(
            sa.text('rowid')
        )
        return [
            (name, generation)
            for name, generation in self.database.read(
                lambda session: session.execute(inserted).all()
            )
        ]

    def test_order(self) -> None:
        """Names come first, then aggregates as numbers, then hosts."""
        self.database.write(
            lambda session: locks.take(
                session, names=True, aggregates=[10, 9], hosts=['b', 'a']
            )
        )
        taken = ['names', 'aggregate:9', 'aggregate:10', 'host:a', 'host:b']
        self.assertEqual([(name, 1) for name in taken], self.rows())

    def test_again(self) -> None:
        """What is there is written, and each row once."""
        for _ in range(2):
            self.database.write(
                lambda session: locks.take(
                    session, aggregates=[1, 1], hosts=iter(['a', 'a'])
                )
            )
        self.assertEqual([('aggregate:1', 2), ('host:a', 2)], self.rows())

    def test_nothing(self) -> None:
        """Nothing to lock needs no statement."""
        self.database.write(locks.take)
        self.assertEqual([], self.rows())
