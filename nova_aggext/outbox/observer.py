# SPDX-License-Identifier: Apache-2.0
"""The observer: records what others did to the tables past us.

It follows our own record, some aggregates at a time, and compares with the
tables what that comes to; what is left over is recorded as observed, by
nobody. That is late, and perhaps after later changes, but nothing stays
untold, and no request pays for it.
"""

import dataclasses
import logging
from collections.abc import Collection

from nova_aggext.db import changes
from nova_aggext.db import database as db_database
from nova_aggext.db import locks
from nova_aggext.db import marks
from nova_aggext.db import seen

LOG = logging.getLogger(__name__)

Session = db_database.Session

# Stored once all aggregates were seen: from then on a new one that the record
# does not tell of was made by others.
_COMPLETE = 'observed'


class Observer:
    """Looks at aggregates; one process at a time does."""

    def __init__(self, database: db_database.Database) -> None:
        self._database = database

    def look(self, after: int, last: int | None) -> None:
        """Look at aggregates in a range of ids, be they there or gone.

        :param after: less than all of the ids
        :param last: the greatest of them; None for no end, and the end of
            the whole
        """
        ids = self._database.read(lambda s: seen.numbers(s, after, last))
        while ids:
            ids = self._look(ids)
        if last is None:
            self._database.write(lambda s: marks.write(s, _COMPLETE, 1))

    def _look(self, ids: Collection[int]) -> list[int]:
        """Look at some; give those of which not all was played yet."""
        is_complete, pictures = self._database.read(
            lambda s: (bool(marks.read(s, _COMPLETE)), seen.look(s, ids))
        )
        others = [one for one in pictures if _is_of_others(one, is_complete)]
        kept = [
            (one, one.told if one.is_known else one.found)
            for one in pictures
            if one.is_stale and one not in others
        ]
        if kept:
            self._database.write(lambda s: seen.store(s, kept))
        for one in others:
            self._record(one.aggregate_id)
        return [one.aggregate_id for one in pictures if not one.is_whole]

    def _record(self, number: int) -> None:
        def work(session: Session) -> None:
            locks.take(session, aggregates=[number])
            (picture,) = seen.look(session, [number])
            if not _is_of_others(picture, True):
                return
            changes.append_observed(session, picture.told, picture.found)
            last = changes.last_sequence(session, number)
            now = dataclasses.replace(picture, sequence=last)
            seen.store(session, [(now, picture.found)])
            if picture.found is None:
                locks.forget(session, aggregates=[number])

        self._database.write(work)
        LOG.info('Aggregate %s was changed past this API', number)


def _is_of_others(picture: seen.Picture, is_complete: bool) -> bool:
    """Say whether others did what the record does not tell of.

    Of what is seen for the first time nobody knows, unless all that there
    was has been seen before.
    """
    return picture.differs and (picture.is_known or is_complete)
