# SPDX-License-Identifier: Apache-2.0
"""What is stored of a manager beside the change that it makes."""

import dataclasses
import datetime
from collections.abc import Collection
from collections.abc import Mapping

from nova_aggext import context
from nova_aggext.compute import change as compute_change
from nova_aggext.compute import etags
from nova_aggext.compute.bulk import orders as bulk_orders
from nova_aggext.compute.managers import applying
from nova_aggext.compute.managers import orders
from nova_aggext.db import claims
from nova_aggext.db import database as db_database
from nova_aggext.db import managers

Change = compute_change.Change
Holding = claims.Holding
Manager = managers.Manager
Session = db_database.Session
Stored = bulk_orders.Stored


@dataclasses.dataclass(frozen=True, slots=True)
class Keeping:
    """The document of a manager, and the claims that follow from it.

    :ivar before: what is stored of it; None of a new one
    :ivar held: what it claims by now, by the ids of aggregates
    :ivar others: what others claim of these by now
    """

    who: context.RequestContext
    application: orders.Application
    parts: Collection[applying.Part]
    before: Manager | None
    held: Mapping[int, Holding]
    others: Mapping[int, tuple[Holding, ...]]

    @property
    def planned(self) -> Stored:
        """What is stored already, or would be."""
        if self.before is not None and self._is_same:
            return Stored(self.before)
        return Stored(self._manager(None, None))

    def is_stored(self) -> bool:
        """Say whether document and claims are there already."""
        return self._is_same and not (self._altered() or self._released())

    def store(
        self,
        session: Session,
        changes: tuple[Change, ...],
        change_id: str | None,
    ) -> Stored:
        """Store document and claims, in the transaction of the change."""
        if self._is_same and self.before and not change_id:
            change_id = self.before.change_id
        moment = datetime.datetime.now(datetime.UTC).replace(tzinfo=None)
        manager = self._manager(moment, change_id)
        managers.write(session, manager)
        made = {one.subject.name: one for one in changes if not one.before}
        altered = self._altered()
        claims.delete(
            session, [(manager.name, one) for one in self._released()]
        )
        claims.write(
            session,
            [_of_made(one, made) for one in altered if self._is_own(one)],
        )
        claims.update(
            session, [one for one in altered if not self._is_own(one)]
        )
        claims.sweep(session)
        return Stored(manager, is_new=self.before is None)

    @property
    def _is_same(self) -> bool:
        """Whether the document is the one that is stored."""
        return self.before is not None and self.before.etag == self._etag

    @property
    def _etag(self) -> str:
        return etags.digest(self.application.document)

    def _manager(
        self, moment: datetime.datetime | None, change_id: str | None
    ) -> Manager:
        return Manager(
            self.application.manager,
            self.application.description,
            self.application.document,
            self._etag,
            moment,
            self.who.user_id,
            self.who.project_id,
            change_id,
        )

    def _altered(self) -> list[Holding]:
        """Give claims that are not what is stored, of all managers."""
        stored = {
            (one.aggregate_id, one.manager): one
            for one in (
                *self.held.values(),
                *(one for of in self.others.values() for one in of),
            )
        }
        return [
            one
            for part in self.parts
            for one in (*part.others, *([part.held] if part.held else []))
            if stored.get((one.aggregate_id, one.manager)) != one
        ]

    def _is_own(self, one: Holding) -> bool:
        return one.manager == self.application.manager

    def _released(self) -> list[int]:
        """Give the aggregates of which nothing is claimed any more."""
        kept = {part.held.aggregate_id for part in self.parts if part.held}
        return sorted(self.held.keys() - kept)


def _of_made(one: Holding, made: Mapping[str, Change]) -> Holding:
    """Name the aggregate of a claim, now that it is there."""
    if one.aggregate_id:
        return one
    subject = made[one.name].subject
    return dataclasses.replace(
        one, aggregate_id=subject.id, aggregate_uuid=subject.uuid
    )
