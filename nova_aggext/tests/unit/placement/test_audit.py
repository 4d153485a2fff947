# SPDX-License-Identifier: Apache-2.0
"""What the audit asks placement for."""

import sqlalchemy as sa

from nova_aggext.compute import inventory
from nova_aggext.db import models
from nova_aggext.db import queries
from nova_aggext.placement import audit
from nova_aggext.placement import client
from nova_aggext.tests import base
from nova_aggext.tests.functional import databases


class Placement:
    """A placement in which all is right."""

    def __init__(self) -> None:
        self.asked: list[str] = []

    def members(self, aggregate: str) -> list[tuple[str, str]]:
        """Give no provider."""
        self.asked.append(aggregate)
        return []


class Mirror:
    """Finds a host in the aggregates that it is to be in."""

    def __init__(self, *aggregates: str) -> None:
        self.aggregates = frozenset(aggregates)

    def nodes(self, host: str) -> list[inventory.ComputeNode]:
        """Give one node."""
        return [inventory.ComputeNode(uuid='p', name=host)]

    def find(self, *_: object) -> client.Membership:
        """Give what is to be."""
        return client.Membership('p', self.aggregates, 0)


class MembershipsTest(base.TestCase):
    """A host in two aggregates, one of which has no uuid."""

    def test_without_uuid(self) -> None:
        """It is told of, and placement is asked of the others alone."""
        database = self.useFixture(databases.Database()).database
        table = models.aggregates

        def work(session: sa.Connection) -> int:
            for name in ('good', 'bad'):
                made = queries.insert_aggregate(session, name, name)
                queries.insert_host(session, made.id, 'h1')
            session.execute(
                sa.update(table).where(table.c.name == 'bad').values(uuid=None)
            )
            return made.id

        bad = database.write(work)
        placement = Placement()
        checked = audit.Memberships(placement, Mirror('good'), database)  # type: ignore[arg-type]
        (found,) = checked.find()
        self.assertEqual(((bad,), 'bad'), (found.aggregates, found.subject))
        self.assertIn('no uuid', found.detail)
        self.assertEqual((), found.repairs)
        self.assertEqual(['good'], placement.asked)
