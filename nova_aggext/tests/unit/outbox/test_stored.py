# SPDX-License-Identifier: Apache-2.0
"""In which order, and in which stream, what has to be told is stored."""

import dataclasses

from nova_aggext import exception
from nova_aggext.compute import steps
from nova_aggext.db import outbox
from nova_aggext.outbox import stored
from nova_aggext.tests import base
from nova_aggext.tests.functional import databases
from nova_aggext.tests.unit import stubs
from nova_aggext.tests.unit.outbox import channel

AGGREGATE = stubs.aggregate(7)


class StoredOutboxTest(base.TestCase):
    """An outbox with one channel and no relay."""

    def setUp(self) -> None:
        super().setUp()
        self.database = self.useFixture(databases.Database()).database
        self.channel = channel.Channel()
        self.outbox = stored.StoredOutbox(self.database, [self.channel], [], 0)

    def rows(self) -> list[tuple[str, object]]:
        """Give stream and text of what is stored."""
        found = self.database.read(lambda s: outbox.select(s, 100))
        return [(one.stream, one.body['text']) for one in found]

    def append(self, done: steps.Done) -> None:
        """Store what has to be told of what was done."""
        self.database.write(lambda s: self.outbox.append(s, done))

    def refuse(self, error: Exception, **arguments: str) -> None:
        """Tell of a refusal."""
        refusal = steps.Refusal(
            stubs.caller(), 'operation', arguments, (), error
        )
        self.outbox.refused(refusal)

    def test_order_of_moments(self) -> None:
        """Each step has its moments; the last has one more."""
        done = stubs.done(
            AGGREGATE,
            steps.Renaming(AGGREGATE, 'a', AGGREGATE),
            steps.SettingMetadata(AGGREGATE, {}, AGGREGATE),
        )
        self.database.write(lambda s: self.outbox.append(s, done))
        moments = ('STARTED', 'CHANGED', 'ENDED')
        self.assertEqual(
            [
                *(('aggregate:7', f'Renaming {one}') for one in moments),
                *(
                    ('aggregate:7', f'SettingMetadata {one}')
                    for one in (*moments, 'FINISHED')
                ),
            ],
            self.rows(),
        )

    def test_change_id(self) -> None:
        """Messages of a change that has an id have it too."""
        renaming = steps.Renaming(AGGREGATE, 'a', AGGREGATE)
        for change_id in (None, 'an id'):
            done = dataclasses.replace(
                stubs.done(AGGREGATE, renaming), change_id=change_id
            )
            self.append(done)
        found = self.database.read(lambda s: outbox.select(s, 100))
        ids = [one.change_id for one in found]
        self.assertEqual([None] * 4 + ['an id'] * 4, ids)

    def test_refusal(self) -> None:
        """It is for the channels to say what is told of one."""
        self.refuse(exception.AggregateNotFound(aggregate_id=7))
        self.assertEqual([('aggregate:7', 'operation')], self.rows())

    def test_database_away(self) -> None:
        """Nothing can be stored in a database that is away."""
        error = exception.DatabaseUnavailable(reason='x', option='y')
        self.refuse(error, aggregate_id='7')
        self.assertEqual([], self.rows())

    def test_close(self) -> None:
        """Channels are closed."""
        self.outbox.close()
        self.assertTrue(self.channel.closed)
