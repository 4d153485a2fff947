# SPDX-License-Identifier: Apache-2.0
"""Reader: what the own API shows, one method a use case.

Policies are the caller's business. Every method may raise
``ServiceUnavailable`` when the database or the inventory is away.
"""

from nova_aggext import exception
from nova_aggext.compute import ports
from nova_aggext.db import database as db_database
from nova_aggext.db import queries
from nova_aggext.db import records
from nova_aggext.db import search


class Reader:
    """Reads aggregates and hosts, and changes nothing."""

    def __init__(
        self, database: db_database.Database, hosts: ports.HostInventory
    ) -> None:
        """Take what it works with."""
        self._database = database
        self._hosts = hosts

    def get_aggregate(self, one: int | str) -> records.Aggregate:
        """Give one aggregate.

        :param one: its id, or its uuid in canonical form
        :raises AggregateNotFound: when there is none
        """

        def read(session: db_database.Session) -> records.Aggregate:
            found = one
            if isinstance(found, str):
                found = search.id_of_uuid(session, found) or 0
            return queries.get_aggregate(session, found)

        try:
            return self._database.read(read)
        except exception.AggregateNotFound as error:
            raise exception.AggregateNotFound(aggregate_id=one) from error
