# SPDX-License-Identifier: Apache-2.0
"""Reader: aggregates as the own API shows them, one method a use case.

Policies are the caller's business. Every method may raise
``ServiceUnavailable`` when the database is away.
"""

import dataclasses
from collections.abc import Iterable
from collections.abc import Mapping
from typing import Any, TypeAlias

from nova_aggext import exception
from nova_aggext.db import claims
from nova_aggext.db import database as db_database
from nova_aggext.db import feed
from nova_aggext.db import reading
from nova_aggext.db import records
from nova_aggext.db import search

Session = db_database.Session

# By the ids of aggregates.
Claims: TypeAlias = Mapping[int, tuple[claims.Holding, ...]]


@dataclasses.dataclass(frozen=True, slots=True)
class Aggregates:
    """A page of a list of aggregates.

    :ivar last: see ``search.Found``
    :ivar position: of the feed; all that it has from there on may not be in
        the list
    :ivar count: of all pages, where it was asked for
    :ivar claims: of managers, by ids of aggregates, where they were asked for
    """

    page: tuple[records.Aggregate, ...]
    last: tuple[Any, ...] | None
    position: int
    count: int | None
    claims: Claims = dataclasses.field(default_factory=dict)


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

    def get_claims(self, aggregate_id: int) -> tuple[claims.Holding, ...]:
        """Give what managers claim of an aggregate."""
        found = self._database.read(
            lambda session: claims.of_aggregates(session, [aggregate_id])
        )
        return found.get(aggregate_id, ())

    def get_aggregates(self, ids: Iterable[int]) -> list[records.Aggregate]:
        """Give those of some ids that there are, by id."""
        wanted = sorted(set(ids))
        return self._database.read(
            lambda session: reading.some(session, wanted, annotated=True)
        )

    def find_aggregates(
        self,
        wanted: search.Search,
        *,
        counted: bool = False,
        claimed: bool = False,
    ) -> Aggregates:
        """Give the aggregates that are wanted, all as they are at one moment.

        :param counted: count those of all pages as well
        :param claimed: read what managers claim of them
        """

        def read(session: Session) -> Aggregates:
            position = feed.head(session)
            found = search.find(session, wanted)
            whole = reading.some(session, found.ids, annotated=True)
            by_id = {one.id: one for one in whole}
            count = search.count(session, wanted.filters) if counted else None
            page = tuple(by_id[number] for number in found.ids)
            held: Claims = {}
            if claimed:
                held = claims.of_aggregates(session, found.ids)
            return Aggregates(page, found.last, position, count, held)

        return feed.read(self._database, read)
