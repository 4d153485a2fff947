# SPDX-License-Identifier: Apache-2.0
"""The meaning of what is asked for by itself, or that undoes a change."""

from collections.abc import Iterable

from nova_aggext.compute.bulk import asked as compute_asked
from nova_aggext.compute import change as compute_change
from nova_aggext.compute.bulk import orders
from nova_aggext.compute.bulk import resolution
from nova_aggext.compute.bulk import reverting
from nova_aggext.compute.managers import warnings
from nova_aggext.db import claims
from nova_aggext.db import database as db_database
from nova_aggext.db import pictures

Change = compute_change.Change
Meaning = orders.Meaning
Order = orders.Order
Session = db_database.Session


class Requested:
    """Orders that say by themselves what is asked, or name what to undo."""

    operation = 'change'

    def lock(self, order: Order) -> str | None:
        """Lock the id that the caller gave, if any."""
        return f'change:{order.id}' if order.id else None

    def read(
        self, session: Session, order: Order, skipped: frozenset[str]
    ) -> Meaning:
        """Read what is named, and what a change did that is to be undone.

        :raises ChangeRefused: when there is no such change
        """
        asked = order.asked
        undone = None
        if asked.revert is not None:
            undone = reverting.read(session, asked, asked.revert)
            if undone is None:
                order.permit(asked, resolution.Picture(()))
                raise reverting.unknown(asked.revert)
            asked = undone.asked
        picture = _picture(session, asked)
        if undone is None:
            return Meaning(asked, picture)
        found = tuple(reverting.overtaken(session, undone, picture))
        return Meaning(asked, picture, first=found)

    def warnings(
        self, session: Session, changes: Iterable[Change]
    ) -> Iterable[orders.Warning]:
        """Tell whose claims a change goes against."""
        changed = [one for one in changes if one.before is not None]
        ids = [one.subject.id for one in changed]
        held = claims.of_aggregates(session, ids) if ids else {}
        return [
            told
            for one in changed
            for told in warnings.managed(one, held.get(one.subject.id, ()))
        ]


def _picture(
    session: Session, asked: compute_asked.Asked
) -> resolution.Picture:
    references = asked.references
    return resolution.Picture(
        pictures.find(
            session,
            ids={one.id for one in references if one.id is not None},
            uuids={
                *(one.uuid for one in references if one.uuid is not None),
                *(one.uuid for one in asked.aggregates if one.uuid),
            },
            names={one.name for one in references if one.name is not None},
            hosts={
                one.host
                for one in asked.hosts
                if one.whole is not None or one.if_match
            },
        )
    )
