# SPDX-License-Identifier: Apache-2.0
"""What is shown of the database."""

import datetime

import prometheus_client

from nova_aggext.db import claims
from nova_aggext.db import database as db_database
from nova_aggext.db import managers
from nova_aggext.db import outbox
from nova_aggext.db import queries
from nova_aggext.db import streams
from nova_aggext.metrics import stored
from nova_aggext.tests import aggregates
from nova_aggext.tests import base
from nova_aggext.tests.functional import databases

APPLIED = datetime.datetime(2026, 1, 2, 3, 4, 5)
# The same in seconds since 1970.
SECONDS = 1767323045


class StoredTest(base.TestCase):
    """A database of SQLite."""

    def setUp(self) -> None:
        super().setUp()
        self.database = self.useFixture(databases.Database()).database
        self.registry = prometheus_client.CollectorRegistry()
        self.registry.register(stored.Stored(self.database))

    def value(self, metric: str, /, **labels: str) -> float | None:
        """Scrape one value; None where there is none."""
        return self.registry.get_sample_value(metric, labels)

    def test_streams(self) -> None:
        """Streams are counted by lane and by what becomes of them."""
        lanes = frozenset({'host'})
        claim = streams.Claim('me.1', 'me.', 60, lanes)
        self.append('host:a', None)
        self.append('host:b', claim)
        self.append('aggregate:1', None)
        for lane, state, expected in (
            ('host', 'due', 1),
            ('host', 'held', 1),
            ('host', 'put_off', 0),
            ('aggregate', 'due', 1),
            ('aggregate', 'held', 0),
        ):
            found = self.value('aggext_outbox_streams', lane=lane, state=state)
            self.assertEqual(expected, found, f'{lane} {state}')

    def append(self, stream: str, claim: streams.Claim | None) -> None:
        """Store a message."""
        draft = outbox.Draft(stream, 'kind', stream, {})
        self.database.write(lambda s: outbox.append(s, [draft], claim))

    def test_managers(self) -> None:
        """Managers are shown with what they claim that is still there."""
        self.database.write(_apply)
        applied = 'aggext_manager_applied_timestamp_seconds'
        self.assertEqual(SECONDS, self.value(applied, manager='tool'))
        claimed = 'aggext_manager_aggregates'
        self.assertEqual(1, self.value(claimed, manager='tool'))
        self.assertEqual(0, self.value(claimed, manager='idle'))


def _apply(session: db_database.Session) -> None:
    """Store a manager of an aggregate and of one that is gone, and another."""
    for name in ('tool', 'idle'):
        one = managers.Manager(name, None, {}, 'tag', APPLIED, 'u', 'p', None)
        managers.write(session, one)
    aggregates.make(session, 'a name')
    (made,) = queries.list_aggregates(session)
    claims.write(
        session,
        [
            claims.Holding('tool', made.id, made.uuid, made.name),
            claims.Holding('tool', made.id + 1, 'gone', 'gone'),
        ],
    )
