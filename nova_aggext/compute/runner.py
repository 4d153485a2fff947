# SPDX-License-Identifier: Apache-2.0
"""Runs requests: asks, decides, writes, and tells who has to be told.

What was committed, or refused, is answered as that, whatever goes wrong in
what follows it: it is logged here.
"""

import dataclasses
import logging
from collections.abc import Callable
from collections.abc import Mapping

from nova_aggext import exception
from nova_aggext.compute import change as compute_change
from nova_aggext.compute import decisions
from nova_aggext.compute import findings
from nova_aggext.compute import ports
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
# Judges a request by what was found.
Judge = Callable[[Request, tuple[findings.Finding, ...]], Verdict]

# How often a request is judged anew, because its hosts changed meanwhile.
_ROUNDS = 20


class _Wanted(Exception):
    """The transaction has to be begun anew, knowing more of some hosts."""

    def __init__(self, wanted: findings.Wanted) -> None:
        super().__init__(wanted)
        self.wanted = wanted


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

    def run(self, request: Request, judge: Judge) -> tuple[Change, ...]:
        """Do what is asked, and tell of it; or tell that it was refused.

        Gives what happened to each aggregate. What ``judge`` refuses with is
        raised, and nothing is changed then.
        """
        attempt = _Attempt(request, judge, self._outbox)
        try:
            changes, committed = self._rounds(attempt)
        except Exception as error:
            self._refused(attempt, error)
            raise
        follow(committed)
        return changes

    def plan(self, request: Request) -> decisions.Decision:
        """Decide on a snapshot what would happen, without a lock.

        What is found speaks against it; everything else is known.
        """
        decision, _known = self._plan(request)
        return decision

    def _plan(self, request: Request) -> tuple[decisions.Decision, Known]:
        known = Known()
        for _ in range(_ROUNDS):
            decision = self._decide(request, known)
            wanted = findings.wanted(decision.found)
            if not wanted:
                return decision, known
            for one in wanted:
                known = self._learn(known, one)
        raise exception.AggregateBusy()

    def _decide(self, request: Request, known: Known) -> decisions.Decision:
        world = self._database.read(
            lambda session: transactions.read(session, request, known)
        )
        return decisions.decide(world, request)

    def _rounds(
        self, attempt: '_Attempt'
    ) -> tuple[tuple[Change, ...], ports.Committed]:
        """Begin a transaction until it knows enough."""
        known = self._first_known(attempt.request)
        for _ in range(_ROUNDS):
            try:
                return self._try(attempt, known)
            except _Wanted as error:
                known = self._learn(known, error.wanted)
        raise exception.AggregateBusy()

    def _try(
        self, attempt: '_Attempt', known: Known
    ) -> tuple[tuple[Change, ...], ports.Committed]:
        return self._database.write(
            lambda session: attempt.work(session, known)
        )

    def _first_known(self, request: Request) -> Known:
        """Find out, while no transaction is open, what one surely needs."""
        if request.judging is requests.Judging.ALTERED:
            decision, known = self._plan(request)
            judged = compute_change.judged_hosts(decision.changes)
            return dataclasses.replace(known, hosts=request.hosts | judged)
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
        self, request: Request, judge: Judge, outbox: ports.Outbox
    ) -> None:
        self.request = request
        self._judge = judge
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
        verdict = self._judge(request, decision.found)
        if isinstance(verdict, Exception):
            raise verdict
        if verdict is not None:
            raise _Wanted(verdict)
        if not decision.changes:
            return (), ports.nothing
        changes = transactions.write(session, decision.changes)
        transactions.record(session, request, changes)
        return changes, self._outbox.append(
            session,
            steps.Done(
                request.who,
                tuple(steps.subject(one) for one in changes),
                arguments=request.arguments,
                found=known.found,
            ),
        )

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
