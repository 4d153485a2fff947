# SPDX-License-Identifier: Apache-2.0
"""Use cases of managers. Policies are the caller's business."""

from nova_aggext import exception
from nova_aggext.compute.bulk import maker as bulk_maker
from nova_aggext.compute.bulk import orders as bulk_orders
from nova_aggext.compute.managers import applied
from nova_aggext.compute.managers import orders
from nova_aggext.db import claims
from nova_aggext.db import database as db_database
from nova_aggext.db import locks
from nova_aggext.db import managers

Application = orders.Application
Made = bulk_orders.Made
Manager = managers.Manager
Order = bulk_orders.Order
Session = db_database.Session


class ManagerAPI:
    """What can be done with managers, each of which keeps some aggregates.

    Every method may raise ``ServiceUnavailable`` when the database or the
    inventory is away.
    """

    def __init__(
        self,
        database: db_database.Database,
        maker: bulk_maker.Maker,
        most: int,
    ) -> None:
        """Take what it works with.

        :param most: how many managers there may be
        """
        self._database = database
        self._maker = maker
        self._most = most

    def plan(self, order: Order, application: Application) -> Made:
        """Answer what would happen; take no lock, and change nothing.

        :raises ChangeRefused: as ``apply`` would
        """
        return self._maker.plan(order, self._source(application))

    def apply(self, order: Order, application: Application) -> Made:
        """Make aggregates what a manager wants, in one transaction.

        Document and claims are stored in the same one. Where there is nothing
        to do and to store, none is begun.

        :raises ChangeRefused: with all that speaks against it
        """
        source = self._source(application)
        for _ in range(bulk_maker.ROUNDS):
            prepared = self._maker.prepare(order, source)
            try:
                if not prepared.plan.decision.changes:
                    case = self._maker.judge(prepared)
                    settled = case.settled() if case else None
                    if settled is not None:
                        return settled
                return self._maker.make(prepared)
            except bulk_maker.AGAIN:
                continue
        raise exception.AggregateBusy()

    def get_manager(self, name: str) -> Manager | None:
        """Give one with its document; None if there is none."""
        return self._database.read(lambda session: managers.get(session, name))

    def list_managers(self) -> list[Manager]:
        """Give all, by name, without their documents."""
        return self._database.read(managers.every)

    def delete_manager(
        self, name: str, conditions: orders.Conditions = orders.ANY
    ) -> bool | None:
        """Forget a manager with all that it claims; change no aggregate.

        Gives whether it was there; None if it is not as it should be.
        """

        def work(session: Session) -> bool | None:
            lock = managers.lock(name)
            locks.take(session, first=lock)
            found = managers.get(session, name)
            if found is None:
                locks.forget(session, first=lock)
                return False
            if not conditions.are_met(found.etag):
                return None
            claims.delete_manager(session, name)
            managers.delete(session, name)
            locks.forget(session, first=lock)
            return True

        return self._database.write(work)

    def _source(self, application: Application) -> applied.Applied:
        return applied.Applied(application, self._most)
