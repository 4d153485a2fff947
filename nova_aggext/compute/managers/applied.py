# SPDX-License-Identifier: Apache-2.0
"""The meaning of a document that a manager applies."""

import dataclasses
from collections.abc import Iterable
from collections.abc import Iterator

from nova_aggext.compute import change as compute_change
from nova_aggext.compute.bulk import orders as bulk_orders
from nova_aggext.compute.bulk import problems
from nova_aggext.compute.bulk import resolution
from nova_aggext.compute.managers import applying
from nova_aggext.compute.managers import drift
from nova_aggext.compute.managers import keeping
from nova_aggext.compute.managers import orders
from nova_aggext.compute.managers import origins
from nova_aggext.compute.managers import places
from nova_aggext.compute.managers import warnings
from nova_aggext.db import claims
from nova_aggext.db import database as db_database
from nova_aggext.db import managers
from nova_aggext.db import pictures

Change = compute_change.Change
Meaning = bulk_orders.Meaning
Order = bulk_orders.Order
Problem = problems.Problem
Session = db_database.Session


@dataclasses.dataclass(frozen=True, slots=True)
class Applied:
    """The application of one document.

    :ivar most: how many managers there may be
    """

    application: orders.Application
    most: int
    operation: str = 'apply'

    def lock(self, order: Order) -> str | None:
        """Lock the manager: it is to be applied once at a time."""
        return managers.lock(self.application.manager)

    def read(
        self, session: Session, order: Order, skipped: frozenset[str]
    ) -> Meaning:
        """Read what is named and claimed; find out what it takes."""
        name, wanted = self.application.manager, self.application.wanted
        before = managers.get(session, name)
        held = {
            one.aggregate_id: one for one in claims.of_manager(session, name)
        }
        picture = resolution.Picture(
            pictures.find(
                session,
                ids=held.keys(),
                names={one.name for one in wanted.aggregates},
            )
        )
        others = {
            number: tuple(one for one in of if one.manager != name)
            for number, of in claims.of_aggregates(
                session, picture.aggregates
            ).items()
        }
        found = applying.Situation(name, picture, held, others, skipped)
        parts = tuple(applying.apply(wanted, found))
        items = tuple(one.item for one in parts if one.item is not None)
        drifts = _drifts(session, parts)
        return Meaning(
            dataclasses.replace(order.asked, aggregates=items),
            picture,
            problems=(
                *self._problems(session, before, parts),
                *self._refused(drifts),
            ),
            warnings=tuple(warnings.drifted(one) for _, one in drifts),
            aside=keeping.Keeping(
                order.who, self.application, parts, before, held, others
            ),
        )

    def warnings(
        self, session: Session, changes: Iterable[Change]
    ) -> Iterable[bulk_orders.Warning]:
        """Nothing: what others claim is in conflict, or taken from them."""
        return ()

    def _problems(
        self,
        session: Session,
        before: managers.Manager | None,
        parts: tuple[applying.Part, ...],
    ) -> Iterator[Problem]:
        wanted = self.application.wanted
        etag = before.etag if before else None
        if not self.application.conditions.are_met(etag):
            cause = problems.ManagerMismatch(self.application.manager, etag)
            yield Problem(cause, None)
        if before is None and managers.count(session) >= self.most:
            exceeded = problems.LimitExceeded('managers', self.most)
            yield Problem(exceeded, wanted.place)
        for part in parts:
            for one in part.conflicts:
                yield Problem(one, places.of(wanted, part.wanted, one.field))

    def _refused(
        self, drifts: Iterable[tuple[applying.Part, drift.Drift]]
    ) -> Iterator[Problem]:
        wanted = self.application.wanted
        if wanted.refuses_drift:
            for part, one in drifts:
                yield Problem(one, places.of(wanted, part.wanted, one.field))


def _drifts(
    session: Session, parts: tuple[applying.Part, ...]
) -> list[tuple[applying.Part, drift.Drift]]:
    """Give what drifted, with the changes that did it, and of which part."""
    found = [(part, one) for part in parts for one in part.drifts]
    if not found:
        return []
    named = origins.named(session, [one for _, one in found])
    return [(part, told) for (part, _), told in zip(found, named, strict=True)]
