# SPDX-License-Identifier: Apache-2.0
"""The record of changes."""

import dataclasses
import datetime
from typing import Any

from nova_aggext.db import changes
from nova_aggext.db import records
from nova_aggext.tests import base
from nova_aggext.tests import record
from nova_aggext.tests.functional import databases
from nova_aggext.tests.unit import stubs

ONE = records.Aggregate(
    id=7,
    uuid='uuid of 7',
    name='a',
    hosts=('h1', 'h2'),
    metadata={'x': '1', 'y': '2'},
    created_at=None,
    updated_at=None,
)


class ChangesTest(base.TestCase):
    """What is stored of a change."""

    def setUp(self) -> None:
        super().setUp()
        self.database = self.useFixture(databases.Database()).database
        self.who = stubs.caller(
            user_id='me',
            project_id='mine',
            request_id='req-1',
            global_request_id='req-2',
        )

    def _append(
        self,
        before: records.Aggregate | None,
        after: records.Aggregate | None,
        host: str | None = None,
        operation: str = 'operation',
    ) -> None:
        self.database.write(
            lambda session: changes.append(
                session, self.who, operation, [(before, after, host)]
            )
        )

    def _select(self) -> list[changes.Change]:
        return self.database.read(record.every)

    def _states(self, before: Any, after: Any) -> tuple[Any, Any]:
        self._append(before, after)
        change = self._select()[-1]
        return change.before, change.after

    def test_who_and_when(self) -> None:
        start = datetime.datetime.now(datetime.UTC).replace(tzinfo=None)
        self._append(None, ONE, 'h1')
        (found,) = self._select()
        end = datetime.datetime.now(datetime.UTC).replace(tzinfo=None)
        self.assertTrue(start <= found.changed_at <= end)
        self.assertEqual(
            (
                'req-1',
                'req-2',
                'me',
                'mine',
                'operation',
                7,
                'uuid of 7',
                'h1',
            ),
            (
                found.request_id,
                found.global_request_id,
                found.user_id,
                found.project_id,
                found.operation,
                found.aggregate_id,
                found.aggregate_uuid,
                found.host,
            ),
        )

    def test_created_and_deleted(self) -> None:
        whole = {
            'name': 'a',
            'hosts': ['h1', 'h2'],
            'metadata': {'x': '1', 'y': '2'},
        }
        self.assertEqual(({}, whole), self._states(None, ONE))
        self.assertEqual((whole, {}), self._states(ONE, None))

    def test_deletions(self) -> None:
        """They are found, whatever the operation, and nothing else is."""
        self._append(None, ONE)
        self._append(ONE, ONE)
        self._append(ONE, dataclasses.replace(ONE, name='b'))
        self._append(ONE, None, operation=changes.DELETE_ORPHANS)
        self._append(ONE, None)
        long_ago = datetime.datetime(2000, 1, 1)
        (found,) = self.database.read(
            lambda session: changes.select_deleted(session, long_ago)
        )
        self.assertEqual('operation', found.operation)

    def test_parts_that_changed(self) -> None:
        for changed, before, after in (
            ({}, {}, {}),
            ({'name': 'b'}, {'name': 'a'}, {'name': 'b'}),
            (
                {'hosts': ('h2', 'h3')},
                {'hosts': ['h1']},
                {'hosts': ['h3']},
            ),
            (
                {'metadata': {'x': '3', 'z': '4'}},
                {'metadata': {'x': '1', 'y': '2', 'z': None}},
                {'metadata': {'x': '3', 'y': None, 'z': '4'}},
            ),
        ):
            other = dataclasses.replace(ONE, **changed)
            self.assertEqual((before, after), self._states(ONE, other))

    def test_change_id(self) -> None:
        """All rows of a change have its id; those without have none."""
        other = dataclasses.replace(ONE, id=8)
        self.database.write(
            lambda session: changes.append(
                session,
                self.who,
                'change',
                [(None, ONE, None), (other, None, None)],
                'an id',
            )
        )
        self._append(None, ONE)
        self.assertEqual(
            ['an id', 'an id', None],
            [one.change_id for one in self._select()],
        )

    def test_nothing_before_and_after(self) -> None:
        self.assertRaises(ValueError, self._append, None, None)
