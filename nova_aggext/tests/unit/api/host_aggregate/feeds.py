# SPDX-License-Identifier: Apache-2.0
"""A record of changes to be read through the own API."""

import dataclasses
import datetime
from typing import Any

import sqlalchemy as sa

from nova_aggext.db import change_sets
from nova_aggext.db import models
from nova_aggext.tests.unit.api.host_aggregate import shapes
from nova_aggext.tests.unit.db import test_change_sets

OWN = test_change_sets.ONE
PATH = '/os-aggext/changes'


class FeedTestCase(shapes.ShapesTestCase):
    """Changes of Nova's path, and others."""

    def setUp(self) -> None:
        super().setUp()
        self.hosts.add_host('h1', 'h2')

    def ask(self, path: str, body: Any, method: str = 'POST') -> Any:
        """Change something on Nova's path."""
        answer = self.send(
            'server',
            f'/os-aggregates{path}',
            roles='admin',
            method=method,
            **({} if body is None else {'json': body}),
        )
        self.assertEqual(200, answer.status_int, answer.text)
        return answer.json if answer.body else None

    def make(self, name: str) -> int:
        """Make an aggregate."""
        body = {'aggregate': {'name': name}}
        made: int = self.ask('', body)['aggregate']['id']
        return made

    def act(self, one: int, action: str, **arguments: Any) -> None:
        """Do something with an aggregate."""
        self.ask(f'/{one}/action', {action: arguments})

    def insert(self, *rows: dict[str, Any]) -> None:
        """Insert rows as others have recorded them."""
        common = {
            'changed_at': datetime.datetime(2026, 1, 1),
            'operation': 'test',
            'aggregate_id': 1,
            'before': '{"hosts": []}',
            'after': '{"hosts": ["h9"]}',
        }
        insert = sa.insert(models.changes)

        def work(session: sa.Connection) -> None:
            for row in rows:
                session.execute(insert, {**common, **row})

        self.db.database.write(work)

    def insert_own(self, **differing: Any) -> None:
        """Record a change that was asked for as one, with two rows."""
        one = dataclasses.replace(OWN, **differing)
        document = {'id': one.id, 'kind': one.kind, 'effects': ['told']}
        one = dataclasses.replace(one, document=document)
        self.db.database.write(lambda s: change_sets.insert(s, one))
        moment = one.changed_at
        self.insert(
            *(
                {'change_id': one.id, 'changed_at': moment, 'aggregate_id': n}
                for n in (1, 2)
            )
        )

    def get(self, query: str = '', **options: Any) -> Any:
        """Read the feed."""
        answer = self.send('server', f'{PATH}?{query}', **options)
        self.assertEqual(200, answer.status_int, answer.text)
        return answer.json

    def ids(self, query: str = '') -> list[str]:
        """Give the ids of changes in the feed."""
        return [one['id'] for one in self.get(query)['changes']]
