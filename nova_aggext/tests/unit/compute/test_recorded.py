# SPDX-License-Identifier: Apache-2.0
"""Effects, by the rows that the record has of them."""

import datetime
from typing import Any

from nova_aggext.compute import recorded
from nova_aggext.db import changes
from nova_aggext.tests import base

UNKNOWN = {'etag': None, 'etag_before': None}


def row(
    before: dict[str, Any], after: dict[str, Any], uuid: str | None = 'u7'
) -> changes.Change:
    """Make a row of aggregate 7."""
    return changes.Change(
        sequence=3,
        changed_at=datetime.datetime(2026, 1, 1),
        request_id=None,
        global_request_id=None,
        user_id=None,
        project_id=None,
        operation='test',
        aggregate_id=7,
        aggregate_uuid=uuid,
        host=None,
        before=before,
        after=after,
    )


class RecordedTest(base.TestCase):
    """One row after the other."""

    def effect(
        self,
        before: dict[str, Any],
        after: dict[str, Any],
        name: str | None = None,
    ) -> Any:
        """Give the only effect of a row without its tags, and its subject."""
        names = {} if name is None else {(7, 3): name}
        (effect,) = recorded.effects([row(before, after)], names)
        for tag in UNKNOWN:
            self.assertIsNone(effect.pop(tag))
        subject = effect.pop('aggregate')
        self.assertEqual((7, 'u7'), (subject['id'], subject['uuid']))
        return subject['name'], effect

    def test_nothing(self) -> None:
        for same in ({}, {'metadata': {'x': '1'}}):
            self.assertEqual([], recorded.effects([row(same, same)], {}))

    def test_create(self) -> None:
        for after, wanted in (
            ({'hosts': [], 'metadata': {}}, {}),
            (
                {
                    'hosts': ['h2', 'h1'],
                    'metadata': {'availability_zone': 'z', 'x': '1'},
                },
                {
                    'availability_zone': 'z',
                    'metadata': {'add': {'x': '1'}},
                    'hosts': {'add': ['h1', 'h2']},
                },
            ),
        ):
            self.assertEqual(
                ('a', {'op': 'create', 'name': 'a', **wanted}),
                self.effect({}, {'name': 'a', **after}, 'other'),
            )

    def test_delete(self) -> None:
        for before, lists, was in (
            ({'hosts': [], 'metadata': {}}, {}, {'availability_zone': None}),
            (
                {
                    'hosts': ['h2', 'h1'],
                    'metadata': {'availability_zone': 'z', 'x': '1'},
                },
                {'hosts': {'remove': ['h1', 'h2']}},
                {'availability_zone': 'z', 'metadata': {'x': '1'}},
            ),
        ):
            self.assertEqual(
                (
                    'a',
                    {'op': 'delete', **lists, 'before': {'name': 'a', **was}},
                ),
                self.effect({'name': 'a', **before}, {}),
            )

    def test_delete_of_what_was_left(self) -> None:
        """Nobody knows any more what it was called."""
        before = {'name': '', 'hosts': ['h'], 'metadata': {}}
        (effect,) = recorded.effects([row(before, {}, '')], {})
        self.assertEqual(
            {'id': 7, 'uuid': None, 'name': None}, effect['aggregate']
        )
        self.assertIsNone(effect['before']['name'])

    def test_rename(self) -> None:
        self.assertEqual(
            ('a', {'op': 'update', 'name': 'b', 'before': {'name': 'a'}}),
            self.effect({'name': 'a'}, {'name': 'b'}, 'other'),
        )

    def test_hosts(self) -> None:
        self.assertEqual(
            (
                'a',
                {'op': 'update', 'hosts': {'add': ['h2'], 'remove': ['h1']}},
            ),
            self.effect({'hosts': ['h1']}, {'hosts': ['h2']}, 'a'),
        )

    def test_unknown_name(self) -> None:
        name, _ = self.effect({'hosts': []}, {'hosts': ['h2']})
        self.assertIsNone(name)

    def test_metadata(self) -> None:
        self.assertEqual(
            (
                'a',
                {
                    'op': 'update',
                    'metadata': {
                        'add': {'new': '1', 'other': '3'},
                        'remove': ['gone'],
                    },
                    'before': {'metadata': {'other': '2', 'gone': '4'}},
                },
            ),
            self.effect(
                {'metadata': {'new': None, 'other': '2', 'gone': '4'}},
                {'metadata': {'new': '1', 'other': '3', 'gone': None}},
                'a',
            ),
        )

    def test_zone(self) -> None:
        """It is a field, and no metadata."""
        for before, after in (('x', 'y'), (None, 'y'), ('x', None)):
            self.assertEqual(
                (
                    None,
                    {
                        'op': 'update',
                        'availability_zone': after,
                        'before': {'availability_zone': before},
                    },
                ),
                self.effect(
                    {'metadata': {'availability_zone': before}},
                    {'metadata': {'availability_zone': after}},
                ),
            )
