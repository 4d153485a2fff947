# SPDX-License-Identifier: Apache-2.0
"""Statements that are compiled once, with each driver's way to take values."""

import datetime
from typing import Any

import sqlalchemy as sa
import testscenarios

from nova_aggext.db import prepared
from nova_aggext.tests import base
from nova_aggext.tests.functional import databases

load_tests = testscenarios.load_tests_apply_scenarios

NOTES = sa.Table(
    'notes',
    sa.MetaData(),
    sa.Column('id', sa.Integer, primary_key=True),
    sa.Column('text', sa.String(99)),
    sa.Column('read', sa.Boolean),
    sa.Column('written_at', sa.DateTime),
)
INSERT = prepared.Prepared(sa.insert(NOTES))
UPDATE = prepared.Prepared(
    sa.update(NOTES).where(NOTES.c.text == sa.bindparam('old'))
)
SELECT = prepared.Prepared(
    sa.select(NOTES).where(NOTES.c.id >= sa.bindparam('first'))
)
MOMENT = datetime.datetime(2026, 2, 3, 4, 5, 6)
# What a driver may take for a place of a value, or for the end of a text.
ODD = '100 %s, %(text)s, ? and :text; \'"\\'


class PreparedTest(base.TestCase):
    """Values come back as they were given, on each database."""

    scenarios = [
        *((kind, {'kind': kind, 'options': {}}) for kind in databases.KINDS),
        # As the drivers of MySQL do that are written in C.
        (
            'mysql by position',
            {'kind': 'mysql', 'options': {'paramstyle': 'format'}},
        ),
    ]
    kind: str
    options: dict[str, Any]

    def setUp(self) -> None:
        super().setUp()
        made = self.useFixture(databases.Database(self.kind, synced=False))
        self.engine = sa.create_engine(made.url, **self.options)
        self.addCleanup(self.engine.dispose)
        NOTES.create(self.engine)
        self.session = self.engine.connect()
        self.addCleanup(self.session.close)

    def rows(self) -> list[tuple[Any, ...]]:
        """Read all notes."""
        found = SELECT.execute(self.session, {'first': 0})
        return sorted(tuple(row) for row in found)

    def test_one(self) -> None:
        values = {'text': ODD, 'read': True, 'written_at': MOMENT}
        number = INSERT.insert(self.session, values)
        self.assertEqual([(number, ODD, True, MOMENT)], self.rows())

    def test_several(self) -> None:
        texts = ['a', ODD, None]
        rows = [{'id': n, 'text': text} for n, text in enumerate(texts, 1)]
        INSERT.execute(self.session, rows)
        self.assertEqual(
            [(n, text, None, None) for n, text in enumerate(texts, 1)],
            self.rows(),
        )

    def test_other_columns_than_before(self) -> None:
        INSERT.execute(self.session, {'id': 1, 'text': 'a'})
        INSERT.execute(self.session, {'id': 2, 'read': False})
        self.assertEqual(
            [(1, 'a', None, None), (2, None, False, None)], self.rows()
        )

    def test_matched(self) -> None:
        INSERT.execute(self.session, {'id': 1, 'text': 'a'})
        for old, count in (('a', 1), ('a', 0)):
            changed = UPDATE.execute(self.session, {'old': old, 'text': 'b'})
            self.assertEqual(count, changed.rowcount)
