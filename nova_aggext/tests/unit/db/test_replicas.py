# SPDX-License-Identifier: Apache-2.0
"""When a replica is read from."""

import sqlalchemy as sa

from nova_aggext import exception
from nova_aggext.db import replicas
from nova_aggext.tests import base
from nova_aggext.tests.unit.db import test_failures
from nova_aggext.tests.unit.db import test_retries


class ReplicaTest(base.TestCase):
    """A replica that fails now and then."""

    def setUp(self) -> None:
        super().setUp()
        self.clock = test_retries.Clock()
        engine = sa.create_engine('sqlite://')
        self.replica = replicas.Replica(engine, '[a] slave', self.clock)
        self.addCleanup(self.replica.close)

    def fails(self, number: int) -> None:
        """Read in vain."""

        def work(session: sa.Connection) -> None:
            raise test_failures.of_mysql(number)

        self.assertRaises(
            exception.DatabaseUnavailable, self.replica.read, work
        )

    def works(self) -> None:
        """Read."""
        self.assertEqual(7, self.replica.read(lambda session: 7))

    def test_each_read_while_it_works(self) -> None:
        for _ in range(3):
            self.assertTrue(self.replica.is_due())
            self.works()
        self.assertEqual('', self.log.output)

    def test_left_alone_once_it_failed(self) -> None:
        """Whether it is away or fits no more."""
        for number in (1040, 1054, 1040):
            self.fails(number)
            self.assertFalse(self.replica.is_due())
            self.clock.now += replicas.PAUSE
            # One reader tries it.
            self.assertTrue(self.replica.is_due())
            self.assertFalse(self.replica.is_due())
        self.assertEqual(1, self.log.output.count('from the primary'))
        self.works()
        self.assertTrue(self.replica.is_due())
        self.assertEqual(1, self.log.output.count('lists are read there'))
        self.fails(1040)
        self.assertEqual(2, self.log.output.count('from the primary'))
