# SPDX-License-Identifier: Apache-2.0
"""One change of many: prepared on snapshots, then judged and recorded."""

import dataclasses
import uuid
from collections.abc import Iterator
from collections.abc import Mapping

from nova_aggext.compute.bulk import asked as compute_asked
from nova_aggext.compute import change as compute_change
from nova_aggext.compute import decisions
from nova_aggext.compute import findings
from nova_aggext.compute import host_content
from nova_aggext.compute import host_reader
from nova_aggext.compute import requests
from nova_aggext.compute import runner
from nova_aggext.compute import transactions
from nova_aggext.compute import world as compute_world
from nova_aggext.compute.bulk import documents
from nova_aggext.compute.bulk import effects
from nova_aggext.compute.bulk import orders
from nova_aggext.compute.bulk import outcome as bulk_outcome
from nova_aggext.compute.bulk import problems
from nova_aggext.compute.bulk import resolution
from nova_aggext.db import change_sets
from nova_aggext.db import collation
from nova_aggext.db import changes as db_changes
from nova_aggext.db import database as db_database
from nova_aggext.db import locks
from nova_aggext.db import pictures

Change = compute_change.Change
Meaning = orders.Meaning
Order = orders.Order
Outcome = bulk_outcome.Outcome
Problem = problems.Problem
Resolution = resolution.Resolution
Session = db_database.Session


@dataclasses.dataclass(frozen=True, slots=True)
class Prepared:
    """A request that can be run.

    :ivar source: what it got its meaning from
    :ivar skipped: hosts that are left out, as nobody knows them
    :ivar known: whether the inventory knows hosts that must be as they were
        read
    """

    order: Order
    source: orders.Source
    meaning: Meaning
    resolved: Resolution
    request: requests.Request
    plan: runner.Plan
    skipped: frozenset[str]
    known: Mapping[str, bool]


class Case:
    """A change of many, while it is run: what the runner has to ask."""

    def __init__(self, prepared: Prepared) -> None:
        self._prepared = prepared
        self._meaning = prepared.meaning
        self._outcome: Outcome | None = None
        self._made: orders.Made | None = None

    def made(self) -> orders.Made:
        """Give what was made, once the transaction was committed."""
        if self._made is None:
            raise ValueError('nothing was recorded')
        return self._made

    def planned(self) -> orders.Made:
        """Give what would be made, once it was judged."""
        return self._told(dry_run=True)

    def settled(self) -> orders.Made | None:
        """Give what it is where there is nothing to do, once it was judged."""
        aside = self._meaning.aside
        if self._judged().effects or not (aside and aside.is_stored()):
            return None
        return self._told(dry_run=False)

    def _told(self, *, dry_run: bool) -> orders.Made:
        aside = self._meaning.aside
        return orders.Made(
            documents.document(
                self._prepared.order, self._judged(), dry_run=dry_run
            ),
            stored=aside.planned if aside else None,
        )

    def _judged(self) -> Outcome:
        if self._outcome is None:
            raise ValueError('nothing was judged')
        return self._outcome

    def plan(self, session: Session) -> Exception | None:
        """Judge it on one snapshot; give what it is refused with, if it is.

        :raises Again: when more has to be known by now
        """
        request = self._prepared.request
        world = transactions.read(
            session, request, self._prepared.plan.world.known
        )
        decision = decisions.decide(world, request)
        verdict = self._judge(session, world, decision)
        if verdict is None or isinstance(verdict, Exception):
            return verdict
        raise runner.Again

    def judge(
        self,
        session: Session,
        world: compute_world.World,
        decision: decisions.Decision,
    ) -> runner.Verdict:
        """Find out whether it may be done, by what this session reads."""
        number = self._prepared.order.id
        if number is not None and change_sets.get(session, number):
            # Somebody has made it meanwhile.
            raise runner.Again
        return self._judge(session, world, decision)

    def _judge(
        self,
        session: Session,
        world: compute_world.World,
        decision: decisions.Decision,
    ) -> runner.Verdict:
        prepared, order = self._prepared, self._prepared.order
        meaning = prepared.source.read(session, order, prepared.skipped)
        resolved = resolve(order, meaning, prepared.skipped)
        if not resolved.is_same(prepared.resolved):
            raise runner.Again
        wanted = findings.wanted(decision.found)
        if wanted:
            return wanted[0]
        outcome = bulk_outcome.outcome(
            decision,
            world,
            prepared.request,
            _surroundings(session, decision.changes),
            prepared.skipped,
        )
        found = [
            *meaning.first,
            *meaning.problems,
            *problems.of_uuids(meaning.asked, meaning.picture),
            *problems.of_etags(meaning.asked, meaning.picture),
            *_of_hosts(session, prepared),
            *_of_digest(order.asked, outcome),
            *problems.of_findings(decision.found, resolved),
            *_collisions(session, decision.changes, resolved),
        ]
        if found:
            return problems.ChangeRefused(found)
        warnings = (
            *outcome.warnings,
            *meaning.warnings,
            *prepared.source.warnings(session, decision.changes),
        )
        self._outcome = dataclasses.replace(outcome, warnings=warnings)
        self._meaning = meaning
        return None

    def record(
        self, session: Session, changes: tuple[Change, ...]
    ) -> str | None:
        """Store what was asked for and done; give its id.

        Without effect that is done only where it has an id to be found by.
        """
        order = self._prepared.order
        done = tuple(effects.effect(one) for one in changes)
        outcome = dataclasses.replace(self._judged(), effects=done)
        if not changes and order.id is None:
            stored = self._store(session, changes, None)
            document = documents.document(order, outcome)
            self._made = orders.Made(document, stored=stored)
            return None
        number = order.id or str(uuid.uuid4())
        document = documents.document(order, outcome, change_id=number)
        change_sets.insert(session, documents.change_set(order, document))
        recorded = [(one.before, one.after, one.host) for one in changes]
        if recorded:
            operation = self._prepared.source.operation
            db_changes.append(session, order.who, operation, recorded, number)
        gone = [one.subject.id for one in changes if one.after is None]
        # Whoever waits for the lock of the id finds what was just stored.
        lock = self._prepared.request.lock if order.id else None
        locks.forget(session, first=lock, aggregates=gone)
        stored = self._store(session, changes, number)
        self._made = orders.Made(document, is_new=True, stored=stored)
        return number

    def _store(
        self,
        session: Session,
        changes: tuple[Change, ...],
        change_id: str | None,
    ) -> orders.Stored | None:
        aside = self._meaning.aside
        if aside is None:
            return None
        return aside.store(session, changes, change_id)


def resolve(
    order: Order, meaning: Meaning, skipped: frozenset[str]
) -> Resolution:
    """Give what is asked of each aggregate.

    :raises ChangeRefused: when that cannot be told
    """
    picture = order.permit(meaning.asked, meaning.picture)
    if any(one.status == problems.CONFLICT for one in meaning.first):
        raise problems.ChangeRefused(meaning.first)
    resolved = resolution.resolve(meaning.asked, picture, skipped)
    if resolved.problems:
        raise problems.ChangeRefused(problems.of_resolution(resolved))
    if len(resolved.items) > order.most:
        exceeded = problems.LimitExceeded('aggregates_per_change', order.most)
        raise problems.ChangeRefused([Problem(exceeded, order.asked.place)])
    return resolved


def require_same(known: change_sets.ChangeSet, order: Order) -> None:
    """Refuse an id that somebody has used for something else.

    :raises ChangeRefused: which says so
    """
    asked = (order.digest, order.who.user_id, order.who.project_id)
    if asked != (known.request_digest, known.user_id, known.project_id):
        reused = Problem(problems.IdReused(known.id), None)
        raise problems.ChangeRefused([reused])


def _surroundings(
    session: Session, changes: tuple[Change, ...]
) -> bulk_outcome.Surroundings:
    return bulk_outcome.Surroundings(
        pictures.with_key(
            session,
            bulk_outcome.may_lose_isolation(changes),
            host_content.ISOLATION,
        ),
        pictures.used_zones(
            session,
            bulk_outcome.left_zones(changes),
            [one.before.id for one in changes if one.before],
        ),
    )


def _of_hosts(session: Session, prepared: Prepared) -> Iterator[Problem]:
    """Give the hosts that are not what the caller has read."""
    if not prepared.known:
        return
    default = prepared.request.default_zone or ''
    found = host_reader.read(session, prepared.known, default)
    tags = {name: host_content.etag(one) for name, one in found.items()}
    yield from problems.of_host_etags(prepared.order.asked, tags)


def _collisions(
    session: Session, changes: tuple[Change, ...], resolved: Resolution
) -> Iterator[Problem]:
    if collation.is_kept(session):
        yield from problems.of_hosts(changes, resolved)


def _of_digest(asked: compute_asked.Asked, outcome: Outcome) -> list[Problem]:
    if asked.expect_digest in (None, outcome.digest):
        return []
    stale = problems.PlanStale(outcome.digest)
    return [Problem(stale, f'{asked.place}/expect_digest')]
