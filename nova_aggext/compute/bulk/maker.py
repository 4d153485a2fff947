# SPDX-License-Identifier: Apache-2.0
"""Makes changes of many, whatever they get their meaning from."""

from nova_aggext import exception
from nova_aggext.compute import findings
from nova_aggext.compute import ports
from nova_aggext.compute import requests
from nova_aggext.compute import runner
from nova_aggext.compute.bulk import case as bulk_case
from nova_aggext.compute.bulk import orders
from nova_aggext.compute.bulk import resolution
from nova_aggext.db import database as db_database

Made = orders.Made
Order = orders.Order
Prepared = bulk_case.Prepared

# What it means has changed, or Nova, which takes none of our locks, has made
# meanwhile what was found to be free.
AGAIN = (
    runner.Again,
    exception.AggregateNameExists,
    exception.AggregateHostExists,
)
# How often a request is begun anew, as what it names has changed meanwhile.
ROUNDS = 20


class Maker:
    """Prepares orders on snapshots; plans and makes what was prepared."""

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

    def plan(self, order: Order, source: orders.Source) -> Made:
        """Answer what would happen; take no lock, and change nothing.

        :raises ChangeRefused: as when it was made
        """
        for _ in range(ROUNDS):
            case = self.judge(self.prepare(order, source))
            if case is not None:
                return case.planned()
        raise exception.AggregateBusy()

    def judge(self, prepared: Prepared) -> bulk_case.Case | None:
        """Judge on one snapshot; None where it has another meaning by now.

        :raises ChangeRefused: with all that speaks against it
        """
        case = bulk_case.Case(prepared)
        try:
            verdict = self._database.read(case.plan)
        except runner.Again:
            return None
        if verdict is not None:
            raise verdict
        return case

    def make(self, prepared: Prepared) -> Made:
        """Make a change, in one transaction.

        :raises ChangeRefused: with all that speaks against it
        :raises Again: or another of ``AGAIN``: it is to be prepared anew
        """
        case = bulk_case.Case(prepared)
        self._runner.run(prepared.request, case, prepared.plan)
        return case.made()

    def prepare(self, order: Order, source: orders.Source) -> Prepared:
        """Find what is named, and what has to be known, on snapshots.

        :raises ChangeRefused: when it cannot be told what is asked
        """
        skipped: frozenset[str] = frozenset()
        known = self._guarded(order)
        for _ in range(ROUNDS):
            meaning = self._read(order, source, skipped)
            resolved = bulk_case.resolve(order, meaning, skipped)
            request = self._request(order, source, resolved)
            plan = self._runner.plan(request)
            unknown = frozenset(
                one.host
                for one in plan.decision.found
                if isinstance(one, findings.HostUnknown)
            )
            if not (unknown and order.asked.skip_unknown):
                return Prepared(
                    order,
                    source,
                    meaning,
                    resolved,
                    request,
                    plan,
                    skipped,
                    known,
                )
            skipped |= unknown
        raise exception.AggregateBusy()

    def _read(
        self, order: Order, source: orders.Source, skipped: frozenset[str]
    ) -> orders.Meaning:
        return self._database.read(
            lambda session: source.read(session, order, skipped)
        )

    def _guarded(self, order: Order) -> dict[str, bool]:
        """Ask for hosts that must be as they were read: what shows of them."""
        names = {one.host for one in order.asked.hosts if one.if_match}
        found = self._hosts.get_hosts(names) if names else {}
        return {name: name in found for name in names}

    def _request(
        self,
        order: Order,
        source: orders.Source,
        resolved: resolution.Resolution,
    ) -> requests.Request:
        return requests.Request(
            order.who,
            resolved.items,
            source.operation,
            judging=requests.Judging.ALTERED,
            strict=order.asked.strict,
            default_zone=self._default_zone,
            lock=source.lock(order),
            guarded=resolved.guarded,
        )
