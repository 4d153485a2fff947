# SPDX-License-Identifier: Apache-2.0
"""ChangeAPI: changes of many aggregates, planned or made, each as a whole."""

from nova_aggext import exception
from nova_aggext.compute import findings
from nova_aggext.compute import ports
from nova_aggext.compute import requests
from nova_aggext.compute import runner
from nova_aggext.compute.bulk import case as bulk_case
from nova_aggext.compute.bulk import documents
from nova_aggext.compute.bulk import orders
from nova_aggext.compute.bulk import resolution
from nova_aggext.db import change_sets
from nova_aggext.db import database as db_database

Made = orders.Made
Order = orders.Order

# What it means has changed, or Nova, which takes none of our locks, has made
# meanwhile what was found to be free.
_AGAIN = (
    runner.Again,
    exception.AggregateNameExists,
    exception.AggregateHostExists,
)
# How often a request is begun anew, as what it names has changed meanwhile.
_ROUNDS = 20


class ChangeAPI:
    """What can be done with many aggregates at once.

    Every method may raise ``ServiceUnavailable`` when the database or the
    inventory is away.
    """

    def __init__(
        self,
        database: db_database.Database,
        hosts: ports.HostInventory,
        outbox: ports.Outbox,
        default_zone: str,
    ) -> None:
        """Take what it works with.

        :param default_zone: of hosts that no aggregate gives one
        """
        self._database = database
        self._hosts = hosts
        self._runner = runner.Runner(database, hosts, outbox)
        self._default_zone = default_zone

    def plan(self, order: Order) -> Made:
        """Answer what would happen; take no lock, and change nothing.

        :raises ChangeRefused: as ``make`` would
        """
        self._find(order)
        for _ in range(_ROUNDS):
            case = bulk_case.Case(self._prepare(order))
            try:
                verdict = self._database.read(case.plan)
            except runner.Again:
                continue
            if verdict is not None:
                raise verdict
            document = documents.document(order, case.outcome(), dry_run=True)
            return Made(document)
        raise exception.AggregateBusy()

    def make(self, order: Order) -> Made:
        """Make a change, in one transaction, or give what it was before.

        :raises ChangeRefused: with all that speaks against it
        """
        for _ in range(_ROUNDS):
            known = self._find(order)
            if known is not None:
                return Made(known.document, is_repeated=True)
            prepared = self._prepare(order)
            case = bulk_case.Case(prepared)
            try:
                self._runner.run(prepared.request, case, prepared.plan)
            except _AGAIN:
                continue
            return case.made()
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

    def _prepare(self, order: Order) -> bulk_case.Prepared:
        """Find what is named, and what has to be known, on snapshots."""
        skipped: frozenset[str] = frozenset()
        known = self._guarded(order)
        for _ in range(_ROUNDS):
            meaning = self._database.read(
                lambda session: bulk_case.understand(session, order)
            )
            resolved = bulk_case.resolve(order, meaning, skipped)
            request = self._request(order, resolved)
            plan = self._runner.plan(request)
            unknown = frozenset(
                one.host
                for one in plan.decision.found
                if isinstance(one, findings.HostUnknown)
            )
            if not (unknown and order.asked.skip_unknown):
                return bulk_case.Prepared(
                    order, resolved, request, plan, skipped, known
                )
            skipped |= unknown
        raise exception.AggregateBusy()

    def _guarded(self, order: Order) -> dict[str, bool]:
        """Ask for hosts that must be as they were read: what shows of them."""
        names = {one.host for one in order.asked.hosts if one.if_match}
        found = self._hosts.get_hosts(names) if names else {}
        return {name: name in found for name in names}

    def _request(
        self, order: Order, resolved: resolution.Resolution
    ) -> requests.Request:
        return requests.Request(
            order.who,
            resolved.items,
            bulk_case.OPERATION,
            judging=requests.Judging.ALTERED,
            strict=order.asked.strict,
            default_zone=self._default_zone,
            lock=f'change:{order.id}' if order.id else None,
            guarded=resolved.guarded,
        )
