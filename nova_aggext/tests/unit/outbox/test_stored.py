# SPDX-License-Identifier: Apache-2.0
"""In which order, and in which stream, what has to be told is stored."""

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

    def refuse(
        self, error: Exception, *taken: steps.Step, **arguments: str
    ) -> None:
        """Tell of a refusal."""
        refusal = steps.Refusal('operation', arguments, taken, error)
        self.outbox.refused(stubs.caller(), refusal)

    def test_order_of_moments(self) -> None:
        """Each step has its moments; the last has one more."""
        taken = (
            steps.Renaming(AGGREGATE, AGGREGATE),
            steps.SettingMetadata(AGGREGATE, {}, AGGREGATE),
        )
        self.database.write(
            lambda s: self.outbox.append(s, stubs.caller(), AGGREGATE, taken)
        )
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

    def test_refusal(self) -> None:
        """What had begun is told before the refusal, by the id's number."""
        error = exception.AggregateNotFound(aggregate_id=7)
        self.refuse(error, steps.Deleting('007'), aggregate_id='007')
        self.assertEqual(
            [
                ('aggregate:7', 'Deleting STARTED'),
                ('aggregate:7', 'operation'),
            ],
            self.rows(),
        )

    def test_refusal_without_aggregate(self) -> None:
        """A refused creation has a stream too."""
        self.refuse(exception.AggregateNameExists(aggregate_name='a'))
        self.assertEqual([('aggregate:new', 'operation')], self.rows())

    def test_database_away(self) -> None:
        """Nothing can be stored in a database that is away."""
        error = exception.DatabaseUnavailable(reason='x', option='y')
        self.refuse(error, aggregate_id='7')
        self.assertEqual([], self.rows())

    def test_close(self) -> None:
        """Channels are closed."""
        self.outbox.close()
        self.assertTrue(self.channel.closed)
