# SPDX-License-Identifier: Apache-2.0
"""Runs requests: asks, decides, writes, and tells who has to be told.

What was committed, or refused, is answered as that, whatever goes wrong in
what follows it: it is logged here.
"""

import dataclasses
import logging
from collections.abc import Callable
from collections.abc import Mapping
from typing import Protocol

from nova_aggext import exception
from nova_aggext.compute import change as compute_change
from nova_aggext.compute import decisions
from nova_aggext.compute import findings
from nova_aggext.compute import ports
from nova_aggext.compute import refusals
from nova_aggext.compute import requests
from nova_aggext.compute import steps
from nova_aggext.compute import transactions
from nova_aggext.compute import world as compute_world
from nova_aggext.db import database as db_database
from nova_aggext.db import queries
from nova_aggext.db import records

LOG = logging.getLogger(__name__)

Change = compute_change.Change
Known = compute_world.Known
Request = requests.Request
Session = db_database.Session

# What a request is refused with, or what has to be known to go on; None when
# it may be done.
Verdict = Exception | findings.Wanted | None

# Asked whether an aggregate may be changed; raises when not.
Permit = Callable[[records.Aggregate], None]

# What the database itself refuses.
_TAKEN = (exception.AggregateNameExists, exception.AggregateHostExists)

# How often a request is judged anew, because its hosts changed meanwhile.
_ROUNDS = 20


class Case(Protocol):
    """What a kind of request has of its own; both are called under locks."""

    def judge(
        self,
        session: Session,
        world: compute_world.World,
        decision: decisions.Decision,
    ) -> Verdict:
        """Judge a request by what was found.

        :raises Again: when it is not to be decided by what is locked
        """

    def record(
        self, session: Session, changes: tuple[Change, ...]
    ) -> str | None:
        """Store what happened, in the same transaction; perhaps nothing.

        Gives the id of the change, if it has one of its own.
        """


class NovaCase:
    """A use case of Nova: the first finding refuses, a row is recorded."""

    def __init__(self, request: Request, permit: Permit | None = None) -> None:
        """Take what is asked.

        :param permit: asked about each aggregate that is there
        """
        self._request = request
        self._permit = permit

    def judge(
        self,
        session: Session,
        world: compute_world.World,
        decision: decisions.Decision,
    ) -> Verdict:
        """Find what Nova would find first, of what is permitted."""
        if self._permit is not None:
            for one in world.aggregates.values():
                self._permit(one)
        return refusals.judge(self._request, decision.found)

    def record(
        self, session: Session, changes: tuple[Change, ...]
    ) -> str | None:
        """Record who made it."""
        if changes:
            transactions.record(session, self._request, changes)
        return None


class Again(Exception):
    """What is asked has another meaning by now; it is to be begun anew."""


@dataclasses.dataclass(frozen=True, slots=True)
class Plan:
    """What would happen, and by what that is judged."""

    decision: decisions.Decision
    world: compute_world.World


class _Wanted(Exception):
    """The transaction has to be begun anew, knowing more of some hosts."""

    def __init__(self, wanted: findings.Wanted) -> None:
        super().__init__(wanted)
        self.wanted = wanted


class _Overtaken(Exception):
    """Somebody who takes none of our locks has come in between."""


class Runner:
    """Makes changes, each in one transaction.

    :raises ServiceUnavailable: from each method, when the database or the
        inventory is away
    """

    def __init__(
        self,
        database: db_database.Database,
        hosts: ports.HostInventory,
        outbox: ports.Outbox,
    ) -> None:
        self._database = database
        self._hosts = hosts
        self._outbox = outbox

    def run(
        self, request: Request, case: Case, plan: Plan | None = None
    ) -> tuple[Change, ...]:
        """Do what is asked, and tell of it; or tell that it was refused.

        Gives what happened to each aggregate. What ``case`` refuses with is
        raised, and nothing is changed then.

        :param plan: of the same request, if it was planned a moment ago
        :raises Again: when the case does; nobody is told
        :raises PolicyNotAuthorized: when the case does; nobody is told
        """
        attempt = _Attempt(request, case, self._outbox)
        try:
            known = self._first_known(request, plan)
            changes, committed = self._rounds(attempt, known)
        except (Again, exception.PolicyNotAuthorized):
            raise
        except Exception as error:
            self._refused(attempt, error)
            raise
        follow(committed)
        return changes

    def plan(self, request: Request) -> Plan:
        """Decide on a snapshot what would happen, without a lock.

        What is found speaks against it; everything else is known.
        """
        known = Known()
        for _ in range(_ROUNDS):
            world = self._read(request, known)
            decision = decisions.decide(world, request)
            wanted = findings.wanted(decision.found)
            if not wanted:
                return Plan(decision, world)
            for one in wanted:
                known = self._learn(known, one)
        raise exception.AggregateBusy()

    def _read(self, request: Request, known: Known) -> compute_world.World:
        return self._database.read(
            lambda session: transactions.read(session, request, known)
        )

    def _rounds(
        self, attempt: '_Attempt', known: Known
    ) -> tuple[tuple[Change, ...], ports.Committed]:
        """Begin a transaction until it knows enough."""
        for _ in range(_ROUNDS):
            try:
                return self._try(attempt, known)
            except _Wanted as error:
                known = self._learn(known, error.wanted)
            except _Overtaken:
                LOG.debug('Others have changed the same; it is begun anew')
        raise exception.AggregateBusy()

    def _try(
        self, attempt: '_Attempt', known: Known
    ) -> tuple[tuple[Change, ...], ports.Committed]:
        return self._database.write(
            lambda session: attempt.work(session, known)
        )

    def _first_known(self, request: Request, plan: Plan | None) -> Known:
        """Find out, while no transaction is open, what one surely needs."""
        if request.judging is requests.Judging.ALTERED:
            world = (plan or self.plan(request)).world
            judged = compute_change.judged_hosts(world.changes)
            return dataclasses.replace(
                world.known, hosts=request.hosts | judged
            )
        known = Known(hosts=request.hosts)
        for item in request.items:
            for host in item.add:
                known = known.with_hosts({host: self._hosts.get_host(host)})
            if item.remove and self._has_zone(item.aggregate_id):
                counted = self._hosts.count_instances(item.remove)
                known = known.with_counts(counted)
        return known

    def _has_zone(self, aggregate_id: int | None) -> bool:
        return self._database.ask(
            lambda session: queries.has_zone(session, aggregate_id or 0)
        )

    def _learn(self, known: Known, wanted: findings.Wanted) -> Known:
        """Ask the inventory, while no transaction is open."""
        hosts = wanted.hosts
        match wanted:
            case findings.LocksWanted():
                return dataclasses.replace(known, hosts=known.hosts | hosts)
            case findings.HostsWanted():
                found = self._hosts.get_hosts(hosts)
                return known.with_hosts({**dict.fromkeys(hosts), **found})
            case findings.CountsWanted():
                return known.with_counts(self._hosts.count_instances(hosts))

    def _refused(self, attempt: '_Attempt', error: Exception) -> None:
        try:
            self._outbox.refused(attempt.refusal(error))
        except Exception:
            LOG.exception('Nobody is told of a refused request')


class _Attempt:
    """A request, begun perhaps several times.

    How far it came is told when it is refused.
    """

    def __init__(
        self, request: Request, case: Case, outbox: ports.Outbox
    ) -> None:
        self.request = request
        self._case = case
        self._outbox = outbox
        self._aggregates: Mapping[int, records.Aggregate] = {}

    def work(
        self, session: Session, known: Known
    ) -> tuple[tuple[Change, ...], ports.Committed]:
        """Read, decide, write; all in the transaction."""
        request = self.request
        world = transactions.read_locked(session, request, known)
        self._aggregates = world.aggregates
        decision = decisions.decide(world, request)
        verdict = self._case.judge(session, world, decision)
        if isinstance(verdict, Exception):
            raise verdict
        if verdict is not None:
            raise _Wanted(verdict)
        changes = decision.changes
        if changes:
            changes = self._write(session, changes)
        change_id = self._case.record(session, changes)
        subjects = steps.subjects(changes)
        if not subjects:
            return changes, ports.nothing
        return changes, self._outbox.append(
            session,
            steps.Done(
                request.who,
                subjects,
                arguments=request.arguments,
                found=known.found,
                change_id=change_id,
            ),
        )

    def _write(
        self, session: Session, changes: tuple[Change, ...]
    ) -> tuple[Change, ...]:
        """Write; of ours everything is found by reading, never here."""
        try:
            return transactions.write(session, changes)
        except _TAKEN as error:
            if self.request.judging is requests.Judging.NAMED:
                raise
            raise _Overtaken from error

    def refusal(self, error: Exception) -> steps.Refusal:
        """Give what is told when it is refused."""
        request = self.request
        begun = steps.begun(request, self._aggregates, error)
        return steps.Refusal(
            request.who, request.operation, request.arguments, begun, error
        )


def follow(committed: ports.Committed) -> None:
    """Do what follows a commit; log what goes wrong there."""
    try:
        committed()
    except Exception:
        LOG.exception('What was changed is told later')
