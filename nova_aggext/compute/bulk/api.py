# SPDX-License-Identifier: Apache-2.0
"""ChangeAPI: changes of many aggregates, planned or made, each as a whole."""

from nova_aggext import exception
from nova_aggext.compute.bulk import case as bulk_case
from nova_aggext.compute.bulk import maker as bulk_maker
from nova_aggext.compute.bulk import orders
from nova_aggext.compute.bulk import requested
from nova_aggext.db import change_sets
from nova_aggext.db import database as db_database

Made = orders.Made
Order = orders.Order


class ChangeAPI:
    """What can be done with many aggregates at once.

    Every method may raise ``ServiceUnavailable`` when the database or the
    inventory is away.
    """

    def __init__(
        self, database: db_database.Database, maker: bulk_maker.Maker
    ) -> None:
        """Take what it works with."""
        self._database = database
        self._maker = maker
        self._source = requested.Requested()

    def plan(self, order: Order) -> Made:
        """Answer what would happen; take no lock, and change nothing.

        :raises ChangeRefused: as ``make`` would
        """
        self._find(order)
        return self._maker.plan(order, self._source)

    def make(self, order: Order) -> Made:
        """Make a change, in one transaction, or give what it was before.

        :raises ChangeRefused: with all that speaks against it
        """
        for _ in range(bulk_maker.ROUNDS):
            known = self._find(order)
            if known is not None:
                return Made(known.document, is_repeated=True)
            prepared = self._maker.prepare(order, self._source)
            try:
                return self._maker.make(prepared)
            except bulk_maker.AGAIN:
                continue
        raise exception.AggregateBusy()

    def _find(self, order: Order) -> change_sets.ChangeSet | None:
        """Give the change that was made with the id of an order before.

        :raises ChangeRefused: when it was another one
        """
        if order.id is None:
            return None
        change_id = order.id
        known = self._database.ask(
            lambda session: change_sets.get(session, change_id)
        )
        if known is not None:
            bulk_case.require_same(known, order)
        return known
