# SPDX-License-Identifier: Apache-2.0
"""Feed: the changes of aggregates, to be followed, searched and shown.

Policies are the caller's business. Every method may raise
``ServiceUnavailable`` when the database is away.
"""

import dataclasses
from collections.abc import Callable
from collections.abc import Sequence

from nova_aggext.compute import recorded
from nova_aggext.db import change_sets
from nova_aggext.db import database as db_database
from nova_aggext.db import entries as db_entries
from nova_aggext.db import feed
from nova_aggext.db import outbox

Entry = db_entries.Entry
Filters = db_entries.Filters
Place = db_entries.Place
Session = db_database.Session


@dataclasses.dataclass(frozen=True, slots=True)
class Told:
    """A change as it is told.

    :ivar effects: in the grammar of a request
    :ivar reverted_by: the id of the change that undid it
    :ivar delivery: 'pending', 'parked' or 'done'; None where nobody noted
        which messages tell of it
    """

    entry: Entry
    effects: Sequence[recorded.Effect]
    reverted_by: str | None
    delivery: str | None


@dataclasses.dataclass(frozen=True, slots=True)
class Part:
    """A part of the feed.

    :ivar oldest: the smallest position that one may go on after
    :ivar head: the last position there is
    :ivar position: to go on after
    """

    oldest: int
    head: int
    position: int
    changes: tuple[Told, ...] = ()

    def reaches(self, after: int) -> bool:
        """Say whether all that came after a position is there."""
        return self.oldest <= after <= self.head


class Feed:
    """Reads changes; gives them positions by the way."""

    def __init__(self, database: db_database.Database) -> None:
        """Take where they are recorded."""
        self._database = database

    def after(
        self, position: int | None, limit: int, filters: Filters
    ) -> Part:
        """Give changes that came after a position, in their order.

        They may be fewer than asked for; they are none only at the end, and
        where the feed does not reach the position.

        :param position: None to begin with the oldest
        """

        def read(session: Session) -> Part:
            oldest, head = feed.oldest(session), feed.head(session)
            after = oldest if position is None else position
            part = Part(oldest, head, head)
            if limit == 0 or not part.reaches(after):
                return part
            page = db_entries.page(session, after, limit, filters)
            told = _tell(session, page.entries)
            return dataclasses.replace(
                part, position=page.position, changes=told
            )

        return feed.read(self._database, read)

    def newest(
        self, before: Place | None, limit: int, filters: Filters
    ) -> Part:
        """Give changes by their times, the newest first.

        They may be fewer than asked for; they are none only at the end.

        :param before: the place of the one to go on after
        """

        def read(session: Session) -> Part:
            found = db_entries.newest(session, before, limit, filters)
            head = feed.head(session)
            told = _tell(session, found)
            return Part(feed.oldest(session), head, head, told)

        return feed.read(self._database, read)

    def find(self, change_id: str) -> Told | None:
        """Give the change of an id; None if there is none."""

        def read(session: Session) -> Told | None:
            found = db_entries.find(session, change_id)
            return None if found is None else _tell(session, [found])[0]

        return feed.read(self._database, read)


def effects(
    session: Session, found: Sequence[Entry]
) -> list[Sequence[recorded.Effect]]:
    """Give what changes did, in the grammar of a request."""
    unasked = [one for one in found if one.asked is None]
    names = db_entries.names(session, unasked)
    return [
        recorded.effects(one.rows, names)
        if one.asked is None
        else one.asked.document['effects']
        for one in found
    ]


def _tell(session: Session, found: Sequence[Entry]) -> tuple[Told, ...]:
    """Read what is known of changes beside their rows."""
    undone = change_sets.reverted_by(session, [one.id for one in found])
    waiting = outbox.undelivered(
        session, [one.id for one in found if one.asked is not None]
    )
    return tuple(
        Told(
            one,
            did,
            undone.get(one.id),
            _delivery(one, waiting.get),
        )
        for one, did in zip(found, effects(session, found), strict=True)
    )


def _delivery(one: Entry, parked: Callable[[str], bool | None]) -> str | None:
    if one.asked is None:
        return None
    states: dict[bool | None, str] = {
        None: 'done',
        False: 'pending',
        True: 'parked',
    }
    return states[parked(one.id)]
