# SPDX-License-Identifier: Apache-2.0
"""AggregateAPI: one method a use case, one transaction each.

Method names are Nova's. A refused change has changed nothing.
"""

import uuid
from collections.abc import Callable
from collections.abc import Mapping
from typing import TypeVar

from nova_aggext import context
from nova_aggext import exception
from nova_aggext.compute import guard
from nova_aggext.compute import metadata as metadata_rules
from nova_aggext.compute import ports
from nova_aggext.db import changes
from nova_aggext.db import database as db_database
from nova_aggext.db import locks
from nova_aggext.db import names
from nova_aggext.db import queries
from nova_aggext.db import records

T = TypeVar('T')
Session = db_database.Session
RequestContext = context.RequestContext
Aggregate = records.Aggregate

Metadata = Mapping[str, str | None]

ZONE_KEY = records.ZONE_KEY

_NOTHING = guard.Known()

# How often a decision is made anew because its hosts changed meanwhile.
_ROUNDS = 20


class AggregateAPI:
    """What can be done with host aggregates, whoever asks.

    Policies are the caller's business. Every method may raise
    ``ServiceUnavailable`` when the database or the inventory is away.
    """

    def __init__(
        self,
        database: db_database.Database,
        hosts: ports.HostInventory,
        outbox: ports.Outbox | None = None,
    ) -> None:
        self._database = database
        self._hosts = hosts
        self._outbox = outbox

    def get_aggregate_list(self, who: RequestContext) -> list[Aggregate]:
        """Give all aggregates, by id."""
        return self._database.read(queries.list_aggregates)

    def get_aggregate(
        self, who: RequestContext, aggregate_id: int
    ) -> Aggregate:
        """Give one aggregate.

        :raises AggregateNotFound: when there is none
        """
        return self._database.read(
            lambda session: queries.get_aggregate(session, aggregate_id)
        )

    def get_aggregates_by_host(
        self, who: RequestContext, host: str
    ) -> list[Aggregate]:
        """Give the aggregates that a host is in, by id."""
        return self._database.read(
            lambda session: queries.list_aggregates_by_host(session, host)
        )

    def create_aggregate(
        self, who: RequestContext, name: str, zone: str | None
    ) -> Aggregate:
        """Make an aggregate.

        :raises AggregateNameExists: when the name is taken
        """
        key = str(uuid.uuid4())
        return self._database.write(
            lambda session: self._create(session, who, name, zone, key)
        )

    def update_aggregate(
        self,
        who: RequestContext,
        aggregate_id: int,
        values: Mapping[str, str | None],
    ) -> Aggregate:
        """Give an aggregate another name, another zone, or both.

        :param values: ``name`` and ``availability_zone``, what is to change
        :raises AggregateNotFound: when there is none
        :raises AggregateNameExists: when the name is taken
        :raises InvalidAggregateActionUpdate: when the zone is empty or its
            hosts cannot change to it
        """

        def work(session: Session, known: guard.Known) -> Aggregate:
            return self._update(session, known, who, aggregate_id, values)

        return self._decide(work)

    def update_aggregate_metadata(
        self, who: RequestContext, aggregate_id: int, asked: Metadata
    ) -> Aggregate:
        """Add and change metadata; keys with None are removed.

        :raises AggregateNotFound: when there is none
        :raises AggregateMetadataKeyExists: when keys would differ in case only
        :raises InvalidAggregateActionUpdateMeta: when the zone is empty or
            the hosts cannot change to it
        """

        def work(session: Session, known: guard.Known) -> Aggregate:
            before = _locked(session, aggregate_id, known)
            if ZONE_KEY in asked:
                self.is_safe_to_update_az(
                    session,
                    before,
                    asked[ZONE_KEY],
                    known,
                    exception.InvalidAggregateActionUpdateMeta,
                )
            after = self._write_metadata(session, who, before, asked)
            changes.append(
                session, who, 'update_aggregate_metadata', before, after
            )
            return after

        return self._decide(work)

    def delete_aggregate(self, who: RequestContext, aggregate_id: int) -> None:
        """Delete an aggregate that has no hosts.

        :raises AggregateNotFound: when there is none
        :raises InvalidAggregateActionDelete: when it has hosts
        """

        def work(session: Session) -> None:
            before = _locked(session, aggregate_id)
            if before.hosts:
                raise exception.InvalidAggregateActionDelete(
                    action='delete',
                    aggregate_id=aggregate_id,
                    reason='it is not empty',
                )
            queries.delete_aggregate(session, aggregate_id)
            locks.forget_aggregate(session, aggregate_id)
            changes.append(session, who, 'delete_aggregate', before, None)
            self._tell(session, who, ports.AggregateDeleted(before))

        self._database.write(work)

    def add_host_to_aggregate(
        self, who: RequestContext, aggregate_id: int, host: str
    ) -> Aggregate:
        """Put a compute host into an aggregate.

        :raises ComputeHostNotFound: when there is no such host; said before
            anything else that may be wrong
        :raises AggregateNotFound: when there is no such aggregate
        :raises InvalidAggregateActionAdd: when the host would be in two
            zones, or has instances that would change their zone
        :raises AggregateHostExists: when it is in there already
        """
        self._hosts.get_host(host)

        def work(session: Session, known: guard.Known) -> Aggregate:
            return self._add_host(session, known, who, aggregate_id, host)

        return self._decide(work, host)

    def remove_host_from_aggregate(
        self, who: RequestContext, aggregate_id: int, host: str
    ) -> Aggregate:
        """Take a host out of an aggregate, also one that is gone.

        :raises AggregateNotFound: when there is no such aggregate
        :raises AggregateHostNotFound: when the host is not in there
        :raises InvalidAggregateActionDelete: when it has instances that would
            change their zone
        """

        def work(session: Session, known: guard.Known) -> Aggregate:
            return self._remove_host(session, known, who, aggregate_id, host)

        return self._decide(work, host)

    def cache_images(
        self, who: RequestContext, aggregate_id: int, image_ids: list[str]
    ) -> None:
        """Ask the hosts of an aggregate to cache images.

        :raises DuplicateImage: when an image is named twice
        :raises AggregateNotFound: when there is none
        :raises ImageServiceUnavailable: always else, as no image service can
            be configured yet
        """
        if len(set(image_ids)) < len(image_ids):
            raise exception.DuplicateImage()
        self.get_aggregate(who, aggregate_id)
        raise exception.ImageServiceUnavailable()

    def is_safe_to_update_az(
        self,
        session: Session,
        aggregate: Aggregate,
        zone: str | None,
        known: guard.Known,
        refusal: guard.Refusal = exception.InvalidAggregateActionUpdateMeta,
    ) -> None:
        """Let an aggregate change its zone only if all of its hosts may.

        The aggregate must be locked.

        :raises InvalidAggregateAction: of the class ``refusal``
        :raises guard.HostsWanted: when more has to be known of its hosts
        """
        guard.Guard(session, known).require_zone(aggregate, zone, refusal)

    def _create(
        self,
        session: Session,
        who: RequestContext,
        name: str,
        zone: str | None,
        key: str,
    ) -> Aggregate:
        names.lock(session)
        names.require_free(session, name)
        aggregate_id = queries.insert_aggregate(session, key, name)
        if zone is not None:
            queries.insert_metadata(session, aggregate_id, {ZONE_KEY: zone})
        made = queries.get_aggregate(session, aggregate_id)
        changes.append(session, who, 'create_aggregate', None, made)
        self._tell(session, who, ports.AggregateCreated(made))
        return made

    def _update(
        self,
        session: Session,
        known: guard.Known,
        who: RequestContext,
        aggregate_id: int,
        values: Mapping[str, str | None],
    ) -> Aggregate:
        if 'name' in values:
            names.lock(session)
        before = _locked(session, aggregate_id, known)
        after = before
        if 'name' in values:
            after = self._rename(session, who, before, values['name'])
        if ZONE_KEY in values:
            zone = values[ZONE_KEY]
            self.is_safe_to_update_az(
                session,
                after,
                zone,
                known,
                exception.InvalidAggregateActionUpdate,
            )
            after = self._write_metadata(session, who, after, {ZONE_KEY: zone})
        changes.append(session, who, 'update_aggregate', before, after)
        return after

    def _rename(
        self,
        session: Session,
        who: RequestContext,
        before: Aggregate,
        name: str | None,
    ) -> Aggregate:
        after = before
        if name is not None and name != before.name:
            names.require_free(session, name, of=before.id)
            queries.rename_aggregate(session, before.id, name)
            after = queries.get_aggregate(session, before.id)
        self._tell(session, who, ports.AggregateRenamed(before, after))
        return after

    def _write_metadata(
        self,
        session: Session,
        who: RequestContext,
        before: Aggregate,
        asked: Metadata,
    ) -> Aggregate:
        plan = metadata_rules.plan(before.id, before.metadata, asked)
        queries.delete_metadata(session, before.id, plan.remove)
        queries.update_metadata(session, before.id, plan.change)
        queries.insert_metadata(session, before.id, plan.add)
        queries.touch_aggregate(session, before.id)
        after = queries.get_aggregate(session, before.id)
        self._tell(session, who, ports.MetadataUpdated(before, after, asked))
        return after

    def _add_host(
        self,
        session: Session,
        known: guard.Known,
        who: RequestContext,
        aggregate_id: int,
        host: str,
    ) -> Aggregate:
        before = _locked(session, aggregate_id, known)
        guard.Guard(session, known).require_may_join(before, host)
        if host in before.hosts:
            raise exception.AggregateHostExists(
                aggregate_id=aggregate_id, host=host
            )
        queries.insert_host(session, aggregate_id, host)
        after = queries.get_aggregate(session, aggregate_id)
        changes.append(
            session, who, 'add_host_to_aggregate', before, after, host
        )
        self._tell(session, who, ports.HostAdded(before, after, host))
        return after

    def _remove_host(
        self,
        session: Session,
        known: guard.Known,
        who: RequestContext,
        aggregate_id: int,
        host: str,
    ) -> Aggregate:
        before = _locked(session, aggregate_id, known)
        if host not in before.hosts:
            raise exception.AggregateHostNotFound(
                aggregate_id=aggregate_id, host=host
            )
        guard.Guard(session, known).require_may_leave(before, host)
        queries.delete_host(session, aggregate_id, host)
        after = queries.get_aggregate(session, aggregate_id)
        changes.append(
            session, who, 'remove_host_from_aggregate', before, after, host
        )
        self._tell(session, who, ports.HostRemoved(before, after, host))
        return after

    def _decide(
        self, work: Callable[[Session, guard.Known], T], *hosts: str
    ) -> T:
        """Run a change whose rules may want to know more of hosts.

        The transaction is then rolled back and begun again, with the hosts
        locked from the start, and after the inventory was asked.

        :param hosts: hosts to be locked in any case
        """
        known = guard.Known(hosts=frozenset(hosts))
        for _ in range(_ROUNDS):
            try:
                return self._attempt(work, known)
            except guard.HostsWanted as wanted:
                known = wanted.learn(known, self._hosts)
        raise exception.AggregateBusy()

    def _attempt(
        self, work: Callable[[Session, guard.Known], T], known: guard.Known
    ) -> T:
        return self._database.write(lambda session: work(session, known))

    def _tell(
        self, session: Session, who: RequestContext, event: ports.Event
    ) -> None:
        if self._outbox is not None:
            self._outbox.append(session, who, event)


def _locked(
    session: Session, aggregate_id: int, known: guard.Known = _NOTHING
) -> Aggregate:
    """Take the locks of a change, then read the aggregate.

    :raises AggregateNotFound: when there is none
    """
    locks.aggregate(session, aggregate_id)
    locks.hosts(session, known.hosts)
    return queries.get_aggregate(session, aggregate_id)
