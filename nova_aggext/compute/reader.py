# SPDX-License-Identifier: Apache-2.0
"""Reader: aggregates as the own API shows them, one method a use case.

Policies are the caller's business. Every method may raise
``ServiceUnavailable`` when the database is away.
"""

import dataclasses
from typing import Any

from nova_aggext import exception
from nova_aggext.db import database as db_database
from nova_aggext.db import feed
from nova_aggext.db import reading
from nova_aggext.db import records
from nova_aggext.db import search

Session = db_database.Session


@dataclasses.dataclass(frozen=True, slots=True)
class Aggregates:
    """A page of a list of aggregates.

    :ivar last: see ``search.Found``
    :ivar position: of the feed; all that it has from there on may not be in
        the list
    :ivar count: of all pages, where it was asked for
    """

    page: tuple[records.Aggregate, ...]
    last: tuple[Any, ...] | None
    position: int
    count: int | None


class Reader:
    """Reads aggregates, and changes nothing."""

    def __init__(self, database: db_database.Database) -> None:
        """Take what it works with."""
        self._database = database

    def get_aggregate(self, one: int | str) -> records.Aggregate:
        """Give one aggregate.

        :param one: its id, or its uuid in canonical form
        :raises AggregateNotFound: when there is none
        """

        field = search.Field.UUID if isinstance(one, str) else search.Field.ID
        same = search.Filter(field, search.Operator.EQ, (one,))

        def read(session: Session) -> list[records.Aggregate]:
            found = search.find(session, search.Search((same,), limit=1))
            return reading.some(session, found.ids, annotated=True)

        for aggregate in self._database.read(read):
            return aggregate
        raise exception.AggregateNotFound(aggregate_id=one)

    def find_aggregates(
        self, wanted: search.Search, *, counted: bool = False
    ) -> Aggregates:
        """Give the aggregates that are wanted, all as they are at one moment.

        :param counted: count those of all pages as well
        """

        def read(session: Session) -> Aggregates:
            position = feed.head(session)
            found = search.find(session, wanted)
            whole = reading.some(session, found.ids, annotated=True)
            by_id = {one.id: one for one in whole}
            count = search.count(session, wanted.filters) if counted else None
            page = tuple(by_id[number] for number in found.ids)
            return Aggregates(page, found.last, position, count)

        return feed.read(self._database, read)
