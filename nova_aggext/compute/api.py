# SPDX-License-Identifier: Apache-2.0
"""AggregateAPI: one method a use case, one transaction each.

Method names are Nova's. A refused change has changed nothing.
"""

import dataclasses
import uuid
from collections.abc import Callable
from collections.abc import Mapping
from typing import Any, TypeVar

from nova_aggext import context
from nova_aggext import exception
from nova_aggext.compute import guard
from nova_aggext.compute import ports
from nova_aggext.compute import steps
from nova_aggext.compute import story as compute_story
from nova_aggext.compute import transactions
from nova_aggext.db import database as db_database
from nova_aggext.db import queries
from nova_aggext.db import records

T = TypeVar('T')
Session = db_database.Session
RequestContext = context.RequestContext
Aggregate = records.Aggregate
Story = compute_story.Story

Metadata = Mapping[str, str | None]

ZONE_KEY = records.ZONE_KEY

# How often a decision is made anew because its hosts changed meanwhile.
_ROUNDS = 20


class AggregateAPI:
    """What can be done with host aggregates, whoever asks.

    Policies are the caller's business. Every method may raise
    ``ServiceUnavailable`` when the database or the inventory is away.

    Methods that take ``written`` take the aggregate's id as the caller wrote
    it, which Nova's notifications repeat.
    """

    def __init__(
        self,
        database: db_database.Database,
        hosts: ports.HostInventory,
        outbox: ports.Outbox,
        images: ports.ImageService | None = None,
        *,
        list_from_replica: bool = False,
    ) -> None:
        """Take what it works with.

        :param list_from_replica: lists may be older than what was told before
        """
        self._database = database
        self._hosts = hosts
        self._outbox = outbox
        self._images = images
        self._list_from_replica = list_from_replica

    def get_aggregate_list(self, who: RequestContext) -> list[Aggregate]:
        """Give all aggregates, by id."""
        return self._database.read(
            queries.list_aggregates, replica=self._list_from_replica
        )

    def get_aggregate(
        self, who: RequestContext, aggregate_id: int
    ) -> Aggregate:
        """Give one aggregate.

        :raises AggregateNotFound: when there is none
        """
        return self._database.ask(
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
        with self._story(
            who,
            'create_aggregate',
            aggregate_name=name,
            availability_zone=zone,
        ) as story:
            step = steps.Creating(name, zone, key)
            return self._database.write(
                lambda session: transactions.create(session, story, step)
            )

    def update_aggregate(
        self,
        who: RequestContext,
        aggregate_id: int,
        values: Mapping[str, str | None],
        *,
        written: str | None = None,
    ) -> Aggregate:
        """Give an aggregate another name, another zone, or both.

        :param values: ``name`` and ``availability_zone``, what is to change
        :raises AggregateNotFound: when there is none
        :raises AggregateNameExists: when the name is taken
        :raises InvalidAggregateActionUpdate: when the zone is empty or its
            hosts cannot change to it
        """
        with self._story(
            who,
            'update_aggregate',
            aggregate_id=written or str(aggregate_id),
            values=dict(values),
        ) as story:

            def work(session: Session, known: guard.Known) -> Aggregate:
                return self._update(
                    session, known, story, aggregate_id, values
                )

            return self._decide(work)

    def update_aggregate_metadata(
        self,
        who: RequestContext,
        aggregate_id: int,
        asked: Metadata,
        *,
        written: str | None = None,
    ) -> Aggregate:
        """Add and change metadata; keys with None are removed.

        :raises AggregateNotFound: when there is none
        :raises AggregateMetadataKeyExists: when keys would differ in case only
        :raises InvalidAggregateActionUpdateMeta: when the zone is empty or
            the hosts cannot change to it
        """
        with self._story(
            who,
            'update_aggregate_metadata',
            aggregate_id=written or str(aggregate_id),
            metadata=dict(asked),
        ) as story:

            def work(session: Session, known: guard.Known) -> Aggregate:
                return self._set_metadata(
                    session, known, story, aggregate_id, asked
                )

            return self._decide(work)

    def delete_aggregate(
        self,
        who: RequestContext,
        aggregate_id: int,
        *,
        written: str | None = None,
    ) -> None:
        """Delete an aggregate that has no hosts.

        :raises AggregateNotFound: when there is none
        :raises InvalidAggregateActionDelete: when it has hosts
        """
        text = written or str(aggregate_id)
        with self._story(who, 'delete_aggregate', aggregate_id=text) as story:
            step = steps.Deleting(text)
            self._database.write(
                lambda session: transactions.delete(
                    session, story, step, aggregate_id
                )
            )

    def add_host_to_aggregate(
        self,
        who: RequestContext,
        aggregate_id: int,
        host: str,
        *,
        written: str | None = None,
    ) -> Aggregate:
        """Put a compute host into an aggregate.

        :raises ComputeHostNotFound: when there is no such host; said before
            anything else that may be wrong
        :raises AggregateNotFound: when there is no such aggregate
        :raises InvalidAggregateActionAdd: when the host would be in two
            zones, or has instances that would change their zone
        :raises AggregateHostExists: when it is in there already
        """
        text = written or str(aggregate_id)
        with self._story(
            who, 'add_host_to_aggregate', aggregate_id=text, host_name=host
        ) as story:
            step = steps.AddingHost(text, host)
            story.take(step)
            found = self._hosts.get_host(host)
            step = dataclasses.replace(step, nodes=found.nodes)

            def work(session: Session, known: guard.Known) -> Aggregate:
                return transactions.add_host(
                    session, known, story, step, aggregate_id
                )

            return self._decide(work, host, instances=found.instances)

    def remove_host_from_aggregate(
        self,
        who: RequestContext,
        aggregate_id: int,
        host: str,
        *,
        written: str | None = None,
    ) -> Aggregate:
        """Take a host out of an aggregate, also one that is gone.

        :raises AggregateNotFound: when there is no such aggregate
        :raises AggregateHostNotFound: when the host is not in there
        :raises InvalidAggregateActionDelete: when it has instances that would
            change their zone
        """
        text = written or str(aggregate_id)
        with self._story(
            who,
            'remove_host_from_aggregate',
            aggregate_id=text,
            host_name=host,
        ) as story:
            step = steps.RemovingHost(text, host)

            def work(session: Session, known: guard.Known) -> Aggregate:
                return transactions.remove_host(
                    session, known, story, step, aggregate_id
                )

            instances = self._count_if_zoned(aggregate_id, host)
            return self._decide(work, host, instances=instances)

    def cache_images(
        self, who: RequestContext, aggregate_id: int, image_ids: list[str]
    ) -> None:
        """Ask the hosts of an aggregate to cache images.

        :raises DuplicateImage: when an image is named twice
        :raises AggregateNotFound: when there is none
        :raises ImageNotFound: when one is not in the image service
        :raises ImageServiceUnavailable: when the image service is away, or
            none is configured
        """
        if len(set(image_ids)) < len(image_ids):
            raise exception.DuplicateImage()
        self.get_aggregate(who, aggregate_id)
        if self._images is None:
            raise exception.ImageServiceMissing()
        self._images.require(who, image_ids)

        def work(session: Session) -> ports.Committed:
            found = queries.get_aggregate(session, aggregate_id)
            step = steps.CachingImages(found, tuple(image_ids))
            return self._outbox.append(session, who, found, (step,))

        compute_story.follow(self._database.write(work))

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

    def _story(
        self, who: RequestContext, operation: str, **arguments: Any
    ) -> Story:
        return Story(who, self._outbox, operation, arguments)

    def _update(
        self,
        session: Session,
        known: guard.Known,
        story: Story,
        aggregate_id: int,
        values: Mapping[str, str | None],
    ) -> Aggregate:
        story.restart()
        before = transactions.locked(
            session, aggregate_id, known, names='name' in values
        )
        after = before
        if values.get('name') is not None:
            after = transactions.rename(
                session, story, before, str(values['name'])
            )
        if ZONE_KEY in values:
            zone = values[ZONE_KEY]
            refusal = exception.InvalidAggregateActionUpdate
            self.is_safe_to_update_az(session, after, zone, known, refusal)
            after = transactions.write_metadata(
                session, story, after, {ZONE_KEY: zone}
            )
        return transactions.record(session, story, before, after)

    def _set_metadata(
        self,
        session: Session,
        known: guard.Known,
        story: Story,
        aggregate_id: int,
        asked: Metadata,
    ) -> Aggregate:
        story.restart()
        before = transactions.locked(session, aggregate_id, known)
        if ZONE_KEY in asked:
            self.is_safe_to_update_az(session, before, asked[ZONE_KEY], known)
        after = transactions.write_metadata(session, story, before, asked)
        return transactions.record(session, story, before, after)

    def _count_if_zoned(self, aggregate_id: int, host: str) -> int | None:
        """Count the instances of a host if a zone will make that matter."""
        if not self._database.ask(
            lambda session: queries.has_zone(session, aggregate_id)
        ):
            return None
        return self._hosts.count_instances([host])[host]

    def _decide(
        self,
        work: Callable[[Session, guard.Known], T],
        host: str | None = None,
        *,
        instances: int | None = None,
    ) -> T:
        """Run a change whose rules may want to know more of hosts.

        The transaction is then rolled back and begun again, with the hosts
        locked from the start, and after the inventory was asked.

        :param host: to be locked in any case
        :param instances: how many it has, where that is known already
        """
        known = guard.Known()
        if host is not None:
            counts = {} if instances is None else {host: instances}
            known = guard.Known(frozenset((host,)), counts)
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
